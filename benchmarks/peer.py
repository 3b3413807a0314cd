"""Two lists as most would write them: the same key, rights, filters and cursor, but a ModelSerializer."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest
from rest_framework import serializers

from chats.models import Message
from spaces.models import Space
from spaces.permissions import visible_spaces
from spaces_project.api.chatbotkit.base import Operations
from spaces_project.api.chatbotkit.lists import Listing
from spaces_project.api.chatbotkit.lookup import find_conversation
from spaces_project.api.chatbotkit.records import SpaceRecord
from spaces_project.api.chatbotkit.records_chats import MessageRecord
from spaces_project.api.operations import Response
from spaces_project.kit.cursors import Keyset
from spaces_project.kit.ids import Prefix, encode


class PeerSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    id = serializers.CharField(source="wire_id")
    blueprintId = serializers.CharField(source="blueprint_id")  # noqa: N815
    contactId = serializers.SerializerMethodField()  # noqa: N815
    createdAt = serializers.DateTimeField(source="created_at")  # noqa: N815
    updatedAt = serializers.DateTimeField(source="updated_at")  # noqa: N815

    class Meta:
        model = Space
        fields: ClassVar[Any] = (
            *("id", "name", "description", "blueprintId", "contactId"),
            *("createdAt", "updatedAt", "meta", "alias"),
        )

    def get_contactId(self, space: Space) -> str | None:  # noqa: N802
        return encode(Prefix.CONTACT, space.contact_id) if space.contact_id else None


class PeerMessageSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    id = serializers.CharField(source="wire_id")
    type = serializers.SerializerMethodField()
    text = serializers.CharField(source="shown_text")
    createdAt = serializers.DateTimeField(source="created_at")  # noqa: N815
    updatedAt = serializers.DateTimeField(source="updated_at")  # noqa: N815

    class Meta:
        model = Message
        fields: ClassVar[Any] = ("id", "name", "description", "type", "text", "createdAt", "updatedAt", "meta")

    def get_type(self, message: Message) -> str:
        return message.kind or {"assistant": "bot"}.get(message.role, message.role)


class PeerList(Operations):
    def list(self, request: HttpRequest) -> Response:
        return self.page(Listing.of(self, visible_spaces(self.actor).listed(), SpaceRecord), PeerSerializer)

    def messages(self, request: HttpRequest, conversation_id: str) -> Response:
        chat = find_conversation(self.actor, conversation_id)
        rows = Message.objects.of(chat.account_id).filter(chat=chat)
        return self.page(Listing.of(self, rows, MessageRecord, order="asc"), PeerMessageSerializer)

    def page(self, listing: Listing, serializer: Any) -> Response:
        keyset, take = Keyset(descending=listing.order == "desc"), listing.take or 100
        rows = list(keyset.order(keyset.after(listing.rows, listing.after))[: take + 1])
        last = rows[:take][-1]
        cursor = listing.record.cursor((last.created_at, last.pk)) if len(rows) > take else ""
        return Response({"items": serializer(rows[:take], many=True).data, "cursor": cursor})
