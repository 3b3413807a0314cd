"""Keys, links, grants and the audit: looked at, and ended."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from spaces.actors import Actor
from spaces.models import ApiKey, ApiKeySpace, AuditEntry, ExportLink, SavedView, SpaceAccess
from spaces_project.kit.ids import InvalidId, decode_any

from .base import OperationsAdmin, ReadOnlyAdmin


class RevocableAdmin(ReadOnlyAdmin):
    """What is never deleted, but can be ended."""

    actions = ("revoke",)

    @admin.action(description="Revoke the selected ones")
    def revoke(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        ended = [obj.revoke(self.actor(request, obj.account)) for obj in queryset.select_related("account")]
        messages.success(request, f"{sum(ended):,} revoked.")


@admin.register(ApiKey)
class ApiKeyAdmin(RevocableAdmin):
    """The digest of the secret stays in the database."""

    list_display = ("name", "prefix", "user", "account", "state", "expires_at", "last_used_at")
    list_filter = ("revoked_at", "expires_at", "account")
    list_select_related = ("user", "account")
    search_fields = ("name", "prefix", "user__username")
    fields = (
        *("name", "prefix", "account", "user", "scopes", "is_limited", "state"),
        *("expires_at", "last_used_at", "revoked_at", "created_at"),
    )


@admin.register(ApiKeySpace)
class ApiKeySpaceAdmin(ReadOnlyAdmin):
    list_display = ("api_key", "space", "account")
    list_filter = ("account",)
    list_select_related = ("api_key", "space", "account")
    search_fields = ("api_key__name", "space__name")
    fields = ("account", "api_key", "space")


@admin.register(ExportLink)
class ExportLinkAdmin(RevocableAdmin):
    """The signed token is shown to its maker only."""

    list_display = ("name", "path", "user", "account", "expires_at", "last_used_at", "revoked_at")
    list_filter = ("revoked_at", "expires_at", "account")
    list_select_related = ("user", "account")
    search_fields = ("name", "path", "user__username")
    fields = (
        *("name", "path", "query", "account", "user"),
        *("expires_at", "last_used_at", "revoked_at", "created_at"),
    )


@admin.register(SavedView)
class SavedViewAdmin(OperationsAdmin):
    """A view that is in the way can be renamed, taken back from the account or deleted."""

    list_display = ("name", "list_name", "user", "account", "is_shared", "updated_at")
    list_filter = ("list_name", "is_shared", "account")
    list_select_related = ("user", "account")
    search_fields = ("name", "user__username")
    fields = ("name", "is_shared", "list_name", "query", "columns", "account", "user", "created_at", "updated_at")
    readonly_fields = ("list_name", "query", "columns", "account", "user", "created_at", "updated_at")

    def change(self, by: Actor, obj: Any, values: dict[str, Any]) -> Any:
        obj.change(by, **values)
        return obj

    def remove(self, by: Actor, obj: Any) -> None:
        obj.remove(by)


@admin.register(SpaceAccess)
class SpaceAccessAdmin(OperationsAdmin):
    list_display = ("space", "user", "group", "level", "account")
    list_filter = ("level", "account")
    list_select_related = ("space", "user", "group", "account")
    search_fields = ("space__name", "user__username", "group__name")
    autocomplete_fields = ("account", "space", "user", "group")
    fields = ("account", "space", "user", "group", "level")
    fixed = ("account", "space", "user", "group")

    def create(self, by: Actor, values: dict[str, Any]) -> Any:
        return SpaceAccess.grant(values["space"], values["user"] or values["group"], values["level"], by)

    def change(self, by: Actor, obj: Any, values: dict[str, Any]) -> Any:
        return SpaceAccess.grant(obj.space, obj.holder, values.get("level", obj.level), by)

    def remove(self, by: Actor, obj: Any) -> None:
        obj.revoke(by)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Search for an object's id, in any dialect's spelling, to see its history."""

    list_display = ("created_at", "operation", "object_name", "actor_name", "address", "account")
    list_filter = ("created_at", "account")
    list_select_related = ("account",)
    search_fields = ("actor_name", "object_name", "operation", "request_id")
    search_help_text = "A name, an operation, a request id, or the id of an object."

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        try:
            return queryset.filter(object_id=decode_any(search_term)), False
        except InvalidId:
            found: tuple[Any, bool] = super().get_search_results(request, queryset, search_term)
        return found
