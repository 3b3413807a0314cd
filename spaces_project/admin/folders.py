"""Folders and what belongs to the files in them: to be looked at."""

from __future__ import annotations

from django.contrib import admin

from memories.models import Folder, FolderAccess, MemoryVersion, Upload

from .base import ReadOnlyAdmin

TIMES = ("id", "created_at", "updated_at")


@admin.register(Folder)
class FolderAdmin(ReadOnlyAdmin):
    list_display = ("name", "parent", "inherits_access", "account", "updated_at")
    list_select_related = ("parent", "account")
    list_filter = ("inherits_access", "account")
    search_fields = ("name", "external_id")
    fields = (
        *("account", "name", "parent", "path_names", "inherits_access", "description", "external_id", "ingestion"),
        *("meta", *TIMES),
    )
    readonly_fields = ("path_names",)

    @admin.display(description="path")
    def path_names(self, folder: Folder) -> str:
        return "/" + "/".join(each.name for each in folder.ancestry())


@admin.register(FolderAccess)
class FolderAccessAdmin(ReadOnlyAdmin):
    list_display = ("folder", "user", "group", "level", "account", "created_at")
    list_select_related = ("folder", "user", "group", "account")
    list_filter = ("level", "account")
    fields = ("account", "folder", "user", "group", "level", "id", "created_at")


@admin.register(MemoryVersion)
class MemoryVersionAdmin(ReadOnlyAdmin):
    list_display = ("memory", "number", "reason", "mime_type", "byte_size", "account", "created_at")
    list_select_related = ("memory", "account")
    list_filter = ("reason", "account")
    fields = (
        *("account", "memory", "number", "reason", "original", "byte_size", "mime_type", "key", "name", "description"),
        *("url", "written_at", "written_by", "archived_by", "id", "created_at"),
    )


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    """Without the address that a file is put to: it is made from the installation's secret and kept nowhere."""

    list_display = ("memory", "purpose", "announced", "byte_size", "used_at", "expires_at", "account")
    list_select_related = ("memory", "account")
    list_filter = ("purpose", "account")
    fields = (
        *("account", "memory", "purpose", "announced", "original", "byte_size", "made_by"),
        *("used_at", "expires_at", "id", "created_at"),
    )
