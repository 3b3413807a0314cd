"""conversation/…, but for what is answered there: see completions.py."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from chats.models import Chat, Message, Rating
from chats.permissions import visible_chats
from spaces.models import Space
from spaces.permissions import require
from spaces_project.api.auth import issue_session
from spaces_project.api.chatbotkit.base import Operations, only_id
from spaces_project.api.chatbotkit.lists import Listing, exported, listed
from spaces_project.api.chatbotkit.lookup import conversations_named, find_conversation, find_space
from spaces_project.api.chatbotkit.message_types import refuse_blank, role_and_kind
from spaces_project.api.chatbotkit.records import one
from spaces_project.api.chatbotkit.records_chats import ConversationExport, ConversationRecord
from spaces_project.api.chatbotkit.serializers import Nothing
from spaces_project.api.chatbotkit.serializers_chats import (
    SESSION_SECONDS,
    ConversationFields,
    Downvote,
    NewConversation,
    SessionFields,
    Upvote,
    Visitor,
)
from spaces_project.api.chatbotkit.writes import ensure_contact, for_change, for_create, resolve_contact
from spaces_project.api.operations import Response


class ConversationOperations(Operations):
    session_actions = frozenset({"fetch", "upsert_contact"})

    def create(self, request: HttpRequest) -> Response:
        fields = for_create(self.body(NewConversation))
        talk = fields.pop("messages", None) or []
        space = self.space(fields.pop("space", ""))
        require(self.actor, "space.use", space)
        with transaction.atomic():  # the whole conversation, or nothing
            fields = resolve_contact(self.actor, fields)
            chat = Chat.create(self.actor, space, user=self.actor.user, **fields)
            said = [self.draft(chat, for_create(each)) for each in talk]
            if said:
                Message.append(self.actor, chat, said)
        return only_id(chat)

    def draft(self, chat: Chat, fields: dict[str, Any]) -> Message:
        refuse_blank(fields["type"], fields["text"])
        kind = role_and_kind(fields.pop("type"))
        return Message.draft(self.actor, chat, **kind, **fields)

    def space(self, named: str) -> Space:
        """The space of this id or ``@alias``; the account's default space for none."""
        return find_space(self.actor, named) if named else self.account.default_space

    def fetch(self, request: HttpRequest, conversation_id: str) -> HttpResponse:
        require(self.actor, "chat.list")
        rows = conversations_named(self.actor, conversation_id)
        return one(ConversationRecord(self.account.pk), rows, "Conversation not found")

    def update(self, request: HttpRequest, conversation_id: str) -> Response:
        chat = find_conversation(self.actor, conversation_id)
        require(self.actor, "chat.write", chat)
        fields = for_change(self.body(ConversationFields))
        if "space" in fields:
            fields["space"] = self.space(fields["space"])
            require(self.actor, "space.use", fields["space"])
        with transaction.atomic():
            chat.change(self.actor, **resolve_contact(self.actor, fields))
        return only_id(chat)

    def delete(self, request: HttpRequest, conversation_id: str) -> Response:
        chat = find_conversation(self.actor, conversation_id)
        require(self.actor, "chat.delete", chat)
        self.body(Nothing)
        chat.remove(self.actor)
        return only_id(chat)

    def list(self, request: HttpRequest) -> HttpResponseBase:
        require(self.actor, "chat.list")
        return listed(Listing.of(self, visible_chats(self.actor), ConversationRecord))

    def export(self, request: HttpRequest) -> HttpResponseBase:
        require(self.actor, "chat.list")
        return exported(Listing.of(self, visible_chats(self.actor), ConversationExport), "conversations")

    def upvote(self, request: HttpRequest, conversation_id: str) -> Response:
        return self.vote(conversation_id, self.body(Upvote), 100)

    def downvote(self, request: HttpRequest, conversation_id: str) -> Response:
        return self.vote(conversation_id, self.body(Downvote), -100)

    def vote(self, conversation_id: str, fields: dict[str, Any], default: int) -> Response:
        chat = find_conversation(self.actor, conversation_id)
        require(self.actor, "chat.write", chat)
        Rating.vote(self.actor, chat, None, fields.get("value") or default, fields.get("reason", ""))
        return only_id(chat)

    def create_session(self, request: HttpRequest, conversation_id: str) -> Response:
        chat = find_conversation(self.actor, conversation_id)
        require(self.actor, "chat.write", chat)
        seconds = self.body(SessionFields).get("seconds") or SESSION_SECONDS
        token, end = issue_session(self.actor, chat.pk, seconds)
        return Response({"id": chat.wire_id, "token": token, "expiresAt": int(end.timestamp() * 1000)})

    def upsert_contact(self, request: HttpRequest, conversation_id: str) -> Response:
        chat = find_conversation(self.actor, conversation_id)
        require(self.actor, "chat.write", chat)
        with transaction.atomic():
            contact = ensure_contact(self.actor, self.body(Visitor))
            chat.change(self.actor, contact=contact)
        return only_id(contact)
