"""/messages"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from chats.models import Chat, Message, Reference
from chats.models.chats import Role
from chats.outside import Revision, contribute, interrupt, revise
from spaces.errors import InvalidInput
from spaces.permissions import require
from spaces_project.api.operations import Response
from spaces_project.api.unique.base import Operations
from spaces_project.api.unique.lookup import check_in, find_chat, find_message, find_space, writable_chat
from spaces_project.api.unique.serializers import Interruption, MessageBody, MessageChange
from spaces_project.api.unique.transcripts import newest, one, several

SEGMENT = ("segmentKind", "segmentIndex", "responseTurnId", "correlation")
PLAIN = ("text", "original_text", "debug_info", "gpt_request", "started_at", "stopped_at", "completed_at")


class MessageOperations(Operations):
    def list(self, request: HttpRequest) -> Response:
        chat = self.chat()
        rows = several(newest(chat), chat, with_request=not self.query.flag("excludeGptRequest"))
        return Response({"object": "list", "data": rows, "has_more": False, "url": "/messages"})

    def create(self, request: HttpRequest) -> Response:
        fields = self.body(MessageBody)
        chat = writable_chat(self.actor, fields["chatId"])
        check_in(chat, find_space(self.actor, fields["assistantId"]))
        return Response(one(contribute(self.actor, chat, revision_of(fields)), chat), status=201)

    def retrieve(self, request: HttpRequest, message_id: str) -> Response:
        chat = self.chat()
        return Response(one(find_message(self.actor, message_id, chat), chat))

    def modify(self, request: HttpRequest, message_id: str) -> Response:
        fields = self.body(MessageChange)
        chat, message = self.writable(fields, message_id)
        return Response(one(revise(self.actor, message, revision_of(fields)), chat))

    def remove(self, request: HttpRequest, message_id: str) -> Response:
        chat = writable_chat(self.actor, self.named_chat())
        message = find_message(self.actor, message_id, chat)
        told = one(message, chat)
        message.remove(self.actor)
        return Response(told)

    def event(self, request: HttpRequest, message_id: str) -> Response:
        """What the message would look like; nothing is stored."""
        fields = self.body(MessageChange)
        chat, message = self.writable(fields, message_id)
        for name, value in fields.items():
            if name in PLAIN:
                setattr(message, name, value)
        return Response(one(message, chat))

    def interrupt(self, request: HttpRequest, message_id: str) -> Response:
        fields = self.body(Interruption)
        chat, message = self.writable(fields, message_id)
        if message.role != Role.USER:
            raise InvalidInput("The turn is named by the user's message.")
        return Response(one(interrupt(self.actor, message, fields.get("reason", "SYSTEM_INTERRUPTED")), chat))

    def named_chat(self) -> str:
        """The chat that the query string names; InvalidInput when it names none."""
        text = self.query.text("chatId")
        if text is None:
            raise InvalidInput("chatId: This field is required.", field="chatId")
        return text

    def chat(self) -> Chat:
        """The chat that the query string names, to read."""
        require(self.actor, "chat.list")
        return find_chat(self.actor, self.named_chat())

    def writable(self, fields: dict[str, Any], message_id: str) -> tuple[Chat, Message]:
        """The chat that the body names, and the message in it."""
        chat = writable_chat(self.actor, fields["chatId"])
        return chat, find_message(self.actor, message_id, chat)


def revision_of(fields: dict[str, Any]) -> Revision:
    """An empty array of references means "as they are" unless a text comes with it: the vendor's toolkit sends one with
    every change."""
    given = fields.get("references")
    references = (
        None if given is None or (not given and "text" not in fields) else [Reference(**each) for each in given]
    )
    return Revision(
        references=references,
        segment={name: fields[name] for name in SEGMENT if name in fields},
        **{name: fields[name] for name in PLAIN if name in fields},
    )
