"""Chats and what was said in them: chats with import and export, messages with export."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models.functions import Left
from django.http import HttpRequest

from chats.models import Assessment, Chat, Message, MessageLog, Rating, Reference, ShortTermMemory
from chats.resources import ChatResource, MessageResource
from spaces.actors import Actor
from spaces_project.kit.exports import Column

from .base import ReadOnlyAdmin
from .files import FilesAdmin
from .records import ACCOUNT, RecordAdmin

WIDE = ("text", "original_text", "request", "debug_info", "gpt_request", "segment", "meta", "description")


class AllChats(ChatResource):
    """The chats of all accounts; a file that comes in belongs to one, and its column ``account`` is not read."""

    columns = (ACCOUNT, *ChatResource.columns)


class AllMessages(MessageResource):
    """The messages of all accounts."""

    columns: ClassVar[tuple[Column, ...]] = (ACCOUNT, *MessageResource.columns)


@admin.register(Chat)
class ChatAdmin(RecordAdmin):
    resource_classes = [AllChats]
    list_display = (
        *("__str__", "account", "space", "contact", "user", "message_count", "last_role", "is_failed"),
        "last_message_at",
    )
    list_select_related = ("account", "space", "contact", "user")
    list_filter = ("is_failed", "last_role", "account")
    autocomplete_fields = ("account", "space", "contact", "user")
    readonly_fields = (
        *("id", "wire_id", "unique_id", "message_count", "last_role", "is_failed", "last_message_at"),
        *RecordAdmin.readonly_fields[2:],
    )
    fields = (
        *("account", "space", "name", "description", "contact", "user", "model", "backstory", "meta", "expires_at"),
        *("bot_id", "dataset_id", "skillset_id", "task_id", "blueprint_id", *readonly_fields),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("search", *(() if is_form(request) else ("meta", "backstory")))

    def create(self, by: Actor, values: dict[str, Any]) -> Any:
        values.pop("account")
        return Chat.create(by, values.pop("space"), **values)


def is_form(request: HttpRequest) -> bool:
    """Whether one object is looked at, not a list of them."""
    name = (request.resolver_match.url_name if request.resolver_match else "") or ""
    return not name.endswith("_changelist")


@admin.register(Message)
class MessageAdmin(FilesAdmin):
    """Looked at and removed; what was said is not changed here."""

    resource_classes = [AllMessages]
    list_display = ("excerpt", "role", "kind", "state", "chat", "account", "created_at")
    list_select_related = ("chat", "account")
    list_filter = ("role", "state", "kind", "account")
    search_fields = ("text",)  # shows the search box; get_search_results does the search
    search_help_text = "Words, beginnings of words, or an id in any dialect's spelling."
    fields = (
        *("account", "chat", "role", "kind", "text", "original_text", "state", "error", "answers", "meta"),
        *("debug_info", "gpt_request", "attempts", "generation", "id", "wire_id", "created_at", "started_at"),
        *("stopped_at", "completed_at", "aborted_at", "created_by", "updated_by", "updated_at"),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request).defer("search")
        return rows if is_form(request) else rows.defer("search", *WIDE).annotate(start=Left("text", 80))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.matching(search_term), False

    def has_import_permission(self, request: HttpRequest) -> bool:
        return False

    def remove(self, by: Actor, obj: Any) -> None:
        obj.remove(by)

    @admin.display(description="message")
    def excerpt(self, message: Any) -> str:
        return " ".join(message.start.split()) or "(no text)"


@admin.register(Rating)
class RatingAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "chat", "contact", "user", "reason", "account", "created_at")
    list_select_related = ("chat", "contact", "user", "account")
    list_filter = ("account",)
    search_fields = ("reason",)
    fields = ("account", "chat", "message", "contact", "user", "value", "reason", "meta", "id", "created_at")


@admin.register(Assessment)
class AssessmentAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "type", "status", "label", "is_visible", "message_id", "account", "updated_at")
    list_select_related = ("account",)
    list_filter = ("type", "status", "label", "account")
    search_fields = ("title", "explanation")
    fields = (
        *("account", "message", "type", "status", "label", "title", "explanation", "is_visible"),
        *("id", "created_by", "created_at", "updated_at"),
    )


@admin.register(Reference)
class ReferenceAdmin(ReadOnlyAdmin):
    """Found by the name of what is quoted."""

    list_display = ("__str__", "source", "url", "score", "message_id", "account", "created_at")
    list_select_related = ("account",)
    list_filter = ("account",)
    search_fields = ("name", "url", "source_id")
    fields = (
        *("account", "message", "number", "name", "description", "url", "source", "source_id", "original_index"),
        *("memory_id", "chunk_id", "text", "pages", "score", "id", "created_at"),
    )


@admin.register(MessageLog)
class MessageLogAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "text", "status", "message_id", "account", "created_at")
    list_select_related = ("account",)
    list_filter = ("status", "account")
    search_fields = ("text",)
    fields = (
        *("account", "message", "order", "text", "status", "details", "references", "uncited_references"),
        *("id", "created_at", "updated_at"),
    )


@admin.register(ShortTermMemory)
class ShortTermMemoryAdmin(ReadOnlyAdmin):
    list_display = ("name", "user", "chat", "account", "updated_at")
    list_select_related = ("user", "chat", "account")
    list_filter = ("account",)
    search_fields = ("name",)
    fields = ("account", "user", "chat", "message", "name", "data", "id", "created_at", "updated_at")
