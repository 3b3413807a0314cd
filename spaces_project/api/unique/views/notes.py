"""/message-assessment, /message-log and /short-term-memory"""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from chats.models import Assessment, Chat, Message, MessageLog, ShortTermMemory
from chats.permissions import visible_chats, visible_messages
from spaces.actors import Actor
from spaces.errors import InvalidInput, NotFound
from spaces.permissions import require
from spaces_project.api.operations import Response
from spaces_project.api.unique import serializers, shapes
from spaces_project.api.unique.base import Operations
from spaces_project.api.unique.lookup import find_chat, find_message, pk_of


def writable_message(actor: Actor, text: str) -> Message:
    """The message, if this actor may write in its chat: NotFound, NotAllowed."""
    message = find_message(actor, text)
    require(actor, "chat.write", message.chat)
    return message


class AssessmentOperations(Operations):
    def create(self, request: HttpRequest) -> Response:
        fields = self.body(serializers.AssessmentBody)
        message = writable_message(self.actor, fields.pop("messageId"))
        made = Assessment.record(self.actor, message, **fields)
        return Response(shapes.assessment(made, message.wire_id), status=201)

    def modify(self, request: HttpRequest, message_id: str) -> Response:
        fields = self.body(serializers.AssessmentChange)
        message = writable_message(self.actor, message_id)
        if not Assessment.objects.of(self.account).filter(message=message, type=fields["type"]).exists():
            raise NotFound("Assessment not found")
        made = Assessment.record(self.actor, message, **fields)
        return Response(shapes.assessment(made, message.wire_id))


class LogOperations(Operations):
    def create(self, request: HttpRequest) -> Response:
        fields = self.body(serializers.LogBody)
        message = writable_message(self.actor, fields.pop("messageId"))
        return Response(shapes.log(MessageLog.create(self.actor, message, **fields)), status=201)

    def modify(self, request: HttpRequest, log_id: str) -> Response:
        log = self.find(pk_of(log_id, "Log not found"))
        log.change(self.actor, **self.body(serializers.LogChange))
        return Response(shapes.log(log))

    def find(self, pk: Any) -> MessageLog:
        """The log of a message in a chat that this actor may write in."""
        logs = MessageLog.objects.of(self.account).filter(message__in=visible_messages(self.actor).values("pk"))
        log = logs.select_related("message__chat__space").filter(pk=pk).first()
        if log is None:
            raise NotFound("Log not found")
        require(self.actor, "chat.write", log.message.chat)
        return log


class MemoryOperations(Operations):
    def create(self, request: HttpRequest) -> Response:
        fields = self.body(serializers.MemoryBody)
        chat, message = self.place(fields)
        if chat is None:
            require(self.actor, "note.keep")
        else:
            require(self.actor, "chat.write", chat)
        kept = ShortTermMemory.keep(self.actor, fields["memoryName"], fields.get("data", ""), chat, message)
        return Response(shapes.short_term_memory(kept), status=201)

    def find(self, request: HttpRequest) -> Response:
        """The newest that fits; an empty object when there is none, as the vendor's toolkit expects."""
        fields = self.body(serializers.MemoryQuestion)
        require(self.actor, "chat.list")
        chat, message = self.place(fields)
        rows = ShortTermMemory.objects.of(self.account).filter(user=self.actor.user, name=fields["memoryName"])
        if message is not None:
            rows = rows.filter(message=message)
        elif chat is not None:
            rows = rows.filter(chat=chat)
        else:
            rows = rows.filter(self.reachable())
        newest = rows.order_by("-updated_at", "-id").first()
        return Response(shapes.short_term_memory(newest) if newest else {})

    def reachable(self) -> Q:
        """Memories of chats that may be read, and of no chat unless the key is limited to spaces."""
        own = Q() if self.actor.only_spaces is not None else Q(chat=None)
        return Q(chat__in=visible_chats(self.actor).values("pk")) | own

    def place(self, fields: dict[str, Any]) -> tuple[Chat | None, Message | None]:
        """The chat and the message that the body names; a message names its chat too."""
        chat = find_chat(self.actor, fields["chatId"]) if fields.get("chatId") else None
        if not fields.get("messageId"):
            return chat, None
        message = find_message(self.actor, fields["messageId"], chat)
        if chat is not None and message.chat_id != chat.pk:
            raise InvalidInput("messageId: This message is in another chat.", field="messageId")
        return message.chat, message
