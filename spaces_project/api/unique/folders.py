"""Folders as callers name them: by path, or by the vendor's ``scopeId``."""

from __future__ import annotations

from memories.models import Folder, find_path
from spaces.actors import Actor
from spaces.errors import InvalidInput, NotFound
from spaces.permissions import Level

from .lookup import find_folder

MISSING = "Folder not found"


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
