"""Folders as callers name them, by path or by the vendor's ``scopeId``, and what answers say of them."""

from __future__ import annotations

from memories.models import Folder, FolderAccess, find_path
from memories.permissions import visible_folders
from memories.trees import Removal, paths_of
from spaces.actors import Actor
from spaces.errors import InvalidInput, NotFound
from spaces.permissions import Level
from spaces_project.kit.ids import Prefix, encode

from .lookup import find_folder
from .shapes import Shape, access, moment, wire

MISSING = "Folder not found"
MOST_CHILDREN = 100


def folder_at(actor: Actor, path: str) -> Folder:
    """The folder at ``/A/B``, if this actor may read it; the folders above it need not be readable.

    Raises NotFound, InvalidInput for what is no path of a folder.
    """
    assert actor.account is not None
    folder = find_path(actor.account.pk, path)
    if folder is None or folder.level_of(actor) < Level.READ:
        raise NotFound(MISSING)
    return folder


def named_folder(actor: Actor, scope_id: str | None, path: str | None) -> Folder:
    """The folder that a request names in one of the vendor's two ways; the id counts when both are given."""
    if scope_id:
        return find_folder(actor, scope_id)
    if path:
        return folder_at(actor, path)
    raise InvalidInput("scopeId: Give scopeId or folderPath.", field="scopeId")


def path_of(it: Folder) -> str:
    """``/A/B``"""
    return paths_of([it])[it.pk]


def info(it: Folder) -> Shape:
    """The vendor's FolderInfo."""
    return {
        "id": it.wire_id,
        "object": "folder-info",
        "name": it.name,
        "parentId": wire(Prefix.SCOPE, it.parent_id),
        "externalId": it.external_id or None,
        "ingestionConfig": it.ingestion or None,
        "createdAt": moment(it.created_at),
        "updatedAt": moment(it.updated_at),
    }


def created(it: Folder) -> Shape:
    """One of ``createdFolders``."""
    parent = wire(Prefix.SCOPE, it.parent_id)
    return {"id": it.wire_id, "object": "folder", "name": it.name, "parentId": parent}


def removal(it: Removal) -> Shape:
    """What became of each folder; those above first."""
    gone = [_placed(folder, it) for folder in it.removed]
    kept = [{**_placed(folder, it), "failReason": reason} for folder, reason in it.kept]
    return {"successFolders": gone, "failedFolders": kept}


def _placed(it: Folder, removal: Removal) -> Shape:
    return {"id": it.wire_id, "name": it.name, "path": removal.paths[it.pk]}


def whole(it: Folder, actor: Actor) -> Shape:
    """The folder with its grants, for who manages it, and the first folders in it."""
    grants = FolderAccess.objects.of(it.account_id).filter(folder=it).order_by("created_at", "id")
    children = visible_folders(actor).inside(it).by_name()[:MOST_CHILDREN]
    return {
        **info(it),
        "object": "folder",
        "scopeAccess": [access(grant) for grant in grants],
        "children": [{"id": encode(Prefix.SCOPE, pk), "name": name} for pk, name in children.values_list("pk", "name")],
    }


def moved(it: Folder, files: int) -> Shape:
    """The vendor's answer to a move. Where files lie is known by their folder alone, so nothing is left for a job."""
    return {
        "object": "folder-move",
        "scopeId": it.wire_id,
        "asyncMetadataRebuild": False,
        "jobId": None,
        "affectedFiles": files,
        "message": f"Moved to {path_of(it)}.",
    }
