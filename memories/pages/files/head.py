"""What the head of every tab of a folder shows, and what one may do with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from memories.models import Folder, FolderAccess
from memories.permissions import get_folder, visible_folders
from spaces.actors import Actor
from spaces.models import AuditEntry
from spaces.pages.history import history_count
from spaces.permissions import Level, require
from spaces.requests import SpacesRequest
from spaces_project.kit.pages import Tab, capped_count, tabs_of

TABS = (
    ("Files", "folder_detail"),
    ("Access", "folder_access"),
    ("Settings", "folder_settings"),
    ("History", "folder_history"),
    ("API", "folder_api"),
)
FOR_MANAGERS = ("folder_settings",)


def head(request: SpacesRequest, folder: Folder) -> dict[str, Any]:
    """What only the whole page shows is asked for only there."""
    level = folder.level_of(request.actor)  # asked once: what may be done with it follows
    may_manage = level >= Level.MANAGE
    return {
        "folder": folder,
        "trail": lambda: trail(request.actor, folder)[:-1],
        "may_write": level >= Level.UPLOAD,
        "may_create": level >= Level.UPLOAD,
        "may_manage": may_manage,
        "tabs": lambda: _tabs(request, folder, may_manage),
    }


def trail(actor: Actor, folder: Folder) -> list[Folder]:
    """The folders from the first that this actor may read down to this one."""
    if len(folder.path) == 1:
        return [folder]
    found = visible_folders(actor).filter(pk__in=folder.path).only("id", "account", "name").in_bulk()
    return [found[pk] for pk in folder.path if pk in found]


def manageable(request: SpacesRequest, pk: UUID, operation: str = "folder.manage") -> Folder:
    """The folder, when this person may do that with it; NotFound, or NotAllowed when it may only be read."""
    folder = get_folder(request.actor, pk)
    require(request.actor, operation, folder)
    return folder


def entries(folder: Folder) -> Any:
    """What the audit tells of it."""
    return AuditEntry.objects.of(folder.account_id).about(folder.pk)


def _tabs(request: SpacesRequest, folder: Folder, may_manage: bool) -> list[Tab]:
    grants = FolderAccess.objects.of(folder.account_id).filter(folder=folder)
    counts = {"folder_access": capped_count(grants), "folder_history": history_count(entries(folder))}
    shown = [(label, name) for label, name in TABS if may_manage or name not in FOR_MANAGERS]
    return tabs_of(request, folder.pk, shown, counts)
