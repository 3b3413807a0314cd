"""Spaces and contacts: with import and export."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from spaces.actors import Actor
from spaces.models import Contact, Space
from spaces.resources import ContactResource, SpaceResource
from spaces_project.kit.exports import Column

from .files import FilesAdmin

ACCOUNT = Column("account", "account__slug")


class AllSpaces(SpaceResource):
    """The spaces of all accounts; a file that comes in belongs to one, and its column ``account`` is not read."""

    columns = (ACCOUNT, *SpaceResource.columns)


class AllContacts(ContactResource):
    """The contacts of all accounts."""

    columns = (ACCOUNT, *ContactResource.columns)


class RecordAdmin(FilesAdmin):
    """What spaces and contacts have in common."""

    list_select_related: ClassVar[Any] = ("account",)
    search_help_text = "Words, beginnings of words, or an id in any dialect's spelling."
    search_fields = ("name",)  # shows the search box; get_search_results does the search
    fixed = ("account",)
    readonly_fields: ClassVar[Any] = ("id", "wire_id", "created_at", "updated_at", "created_by", "updated_by")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.matching(search_term), False

    def change(self, by: Actor, obj: Any, values: dict[str, Any]) -> Any:
        obj.change(by, **values)
        return obj

    def remove(self, by: Actor, obj: Any) -> None:
        obj.remove(by)


@admin.register(Space)
class SpaceAdmin(RecordAdmin):
    resource_classes = [AllSpaces]
    list_display = ("__str__", "account", "owner", "contact", "is_archived", "public_read", "updated_at")
    list_select_related = ("account", "owner", "contact")
    list_filter = ("is_archived", "public_read", "is_default", "created_at", "account")
    autocomplete_fields = ("account", "owner", "contact")
    fields = (
        *("account", "name", "description", "alias", "owner", "contact", "labels", "meta", "blueprint_id"),
        *("public_read", "is_archived", *RecordAdmin.readonly_fields),
    )

    def create(self, by: Actor, values: dict[str, Any]) -> Any:
        return Space.create(by, values.pop("account"), **values)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.is_default)


@admin.register(Contact)
class ContactAdmin(RecordAdmin):
    resource_classes = [AllContacts]
    list_display = ("__str__", "account", "email", "phone", "verified_at", "updated_at")
    list_filter = ("created_at", "verified_at", "account")
    autocomplete_fields = ("account",)
    fields = (
        *("account", "name", "email", "phone", "nick", "description", "alias", "fingerprint"),
        *("preferences", "verified_at", "meta", *RecordAdmin.readonly_fields),
    )

    def create(self, by: Actor, values: dict[str, Any]) -> Any:
        return Contact.create(by, values.pop("account"), **values)[0]
