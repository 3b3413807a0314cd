"""Asking for answers: conversation/complete and conversation/{id}/{complete,send,receive}."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse

from chats.answering import LIMITED
from chats.models import Chat, Message
from chats.models.chats import Role, refuse_archived
from chats.replies import ask, ask_again
from chats.watching import seat, watch
from spaces.errors import InvalidInput
from spaces.permissions import require
from spaces_project.api.chatbotkit.base import Operations
from spaces_project.api.chatbotkit.completions import Passing, dialogue, followed, has_question, waited
from spaces_project.api.chatbotkit.lists import JSON, media_type
from spaces_project.api.chatbotkit.lookup import find_contact, find_conversation, find_space
from spaces_project.api.chatbotkit.outcomes import JSONL, Events, Outcome, event, streamed
from spaces_project.api.chatbotkit.serializers import Nothing
from spaces_project.api.chatbotkit.serializers_chats import Asked, Dialogue, Sent

Tell = Callable[[], Outcome]


class CompletionOperations(Operations):
    session_actions = frozenset({"complete", "send", "receive"})

    def complete(self, request: HttpRequest, conversation_id: str) -> HttpResponseBase:
        chat = self.writable(conversation_id)
        text = self.body(Asked).get("text")
        if text is None:
            return self.answered(lambda: ask_again(self.actor, chat, options=self.kept_options()))
        return self.answered(lambda: ask(self.actor, chat, text.strip(), options=self.kept_options()).answer)

    def receive(self, request: HttpRequest, conversation_id: str) -> HttpResponseBase:
        chat = self.writable(conversation_id)
        self.body(Nothing)
        return self.answered(lambda: ask_again(self.actor, chat, options=self.kept_options()))

    def send(self, request: HttpRequest, conversation_id: str) -> HttpResponseBase:
        chat = self.writable(conversation_id)
        as_lines, text = self.wants_lines(), self.body(Sent)["text"].strip()
        if not text:
            raise InvalidInput("text: This field may not be blank.", field="text")
        refuse_archived(chat.space)
        message = Message.create(self.actor, chat, role=Role.USER, text=text, request=self.kept_options())
        said = {"id": message.wire_id, "entities": []}
        return streamed([event("result", said)]) if as_lines else JsonResponse(said)

    def complete_once(self, request: HttpRequest) -> HttpResponseBase:
        """Nothing of it is stored."""
        fields = self.body(Dialogue)
        space = find_space(self.actor, fields["space"]) if fields.get("space") else self.account.default_space
        require(self.actor, "space.use", space)
        if isinstance(contact := fields.get("contact"), str) and contact:
            find_contact(self.actor, contact)
        asked = dialogue(self.actor, space, fields)
        if not has_question(asked):
            raise InvalidInput("messages: There is no message of a user.", field="messages")
        passing, as_lines, place = Passing(asked), self.wants_lines(), seat()
        if as_lines:
            return self.events(passing.events(), place)
        with place:
            return JsonResponse(passing.answered().result())

    def writable(self, conversation_id: str) -> Chat:
        chat = find_conversation(self.actor, conversation_id)
        require(self.actor, "chat.write", chat)
        return chat

    def kept_options(self) -> dict[str, Any]:
        """What is kept of the asker's rights: a key that reaches only this space asks about nothing else."""
        narrowed = self.actor.only_spaces is not None or self.actor.only_chat is not None
        return {LIMITED: True} if narrowed else {}

    def answered(self, asking: Callable[[], Message]) -> HttpResponseBase:
        """Ask, and tell what comes of it in the form that Accept names. The answer goes on when the client leaves."""
        as_lines = self.wants_lines()
        with seat() as place:
            answer = asking()
            watching = watch(answer, place=place)
        if as_lines:
            return self.events(followed(answer, watching), watching)
        return JsonResponse(waited(answer, watching).result())

    def events(self, lines: Iterator[bytes], held: Any) -> HttpResponseBase:
        return streamed(Events(lines, self.request.request_id, [lines, held]))

    def wants_lines(self) -> bool:
        """Whether Accept asks for events; InvalidInput when it asks for what is not here."""
        form = media_type(self.request.headers.get("Accept", ""))
        if form not in (JSON, JSONL):
            raise InvalidInput(f"Unsupported accept header; send one of {JSON}, {JSONL}.")
        return form == JSONL
