"""conversation/{id}/message/…"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from chats.models import Chat, Message, Rating
from chats.models.chats import refuse_archived
from spaces.errors import Conflict
from spaces.permissions import require
from spaces_project.api.chatbotkit.base import Operations, only_id
from spaces_project.api.chatbotkit.lists import Listing, listed
from spaces_project.api.chatbotkit.lookup import find_conversation, find_message, messages_named
from spaces_project.api.chatbotkit.message_types import refuse_blank, role_and_kind
from spaces_project.api.chatbotkit.records import one
from spaces_project.api.chatbotkit.records_chats import MessageRecord
from spaces_project.api.chatbotkit.serializers import Nothing
from spaces_project.api.chatbotkit.serializers_chats import Downvote, MessageFields, NewMessage, Upvote
from spaces_project.api.chatbotkit.writes import for_change, for_create
from spaces_project.api.operations import Response


class MessageOperations(Operations):
    session_actions = frozenset({"create", "list", "fetch", "upvote", "downvote"})

    def writable(self, conversation_id: str) -> Chat:
        chat = find_conversation(self.actor, conversation_id)
        require(self.actor, "chat.write", chat)
        return chat

    def create(self, request: HttpRequest, conversation_id: str) -> Response:
        chat = self.writable(conversation_id)
        fields = for_create(self.body(NewMessage))
        refuse_blank(fields["type"], fields["text"])
        refuse_archived(chat.space)
        message = Message.create(self.actor, chat, **role_and_kind(fields.pop("type")), **fields)
        return Response({"id": message.wire_id, "entities": []})

    def list(self, request: HttpRequest, conversation_id: str) -> HttpResponseBase:
        require(self.actor, "chat.list")
        chat = find_conversation(self.actor, conversation_id)
        messages = Message.objects.of(chat.account_id).filter(chat=chat)
        return listed(Listing.of(self, messages, MessageRecord, order="asc"))

    def fetch(self, request: HttpRequest, conversation_id: str, message_id: str) -> HttpResponse:
        require(self.actor, "chat.list")
        chat = find_conversation(self.actor, conversation_id)
        return one(MessageRecord(self.account.pk), messages_named(chat, message_id), "Message not found")

    def update(self, request: HttpRequest, conversation_id: str, message_id: str) -> Response:
        message = find_message(self.writable(conversation_id), message_id)
        fields = for_change(self.body(MessageFields))
        if message.is_pending:
            raise Conflict("The answer is still being written.")
        refuse_blank(fields.get("type", message.role), fields.get("text", message.shown_text))
        kind = role_and_kind(fields.pop("type")) if "type" in fields else {}
        message.change(self.actor, **kind, **fields)
        return Response({"id": message.wire_id, "entities": []})

    def delete(self, request: HttpRequest, conversation_id: str, message_id: str) -> Response:
        message = find_message(self.writable(conversation_id), message_id)
        self.body(Nothing)
        message.remove(self.actor)
        return only_id(message)

    def upvote(self, request: HttpRequest, conversation_id: str, message_id: str) -> Response:
        return self.vote(conversation_id, message_id, self.body(Upvote), 100)

    def downvote(self, request: HttpRequest, conversation_id: str, message_id: str) -> Response:
        return self.vote(conversation_id, message_id, self.body(Downvote), -100)

    def vote(self, conversation_id: str, message_id: str, fields: dict[str, Any], default: int) -> Response:
        chat = self.writable(conversation_id)
        message = find_message(chat, message_id)
        Rating.vote(self.actor, chat, message, fields.get("value") or default, fields.get("reason", ""))
        return only_id(message)
