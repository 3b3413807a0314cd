"""What the list of files shows beside the files themselves: the folders among them, their sizes, paths and versions.

A fixed number of statements, however many rows the page has.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Count

from memories.models import Folder, Memory, MemoryVersion
from memories.pages.rows import dress
from memories.permissions import top_folders, visible_folders
from spaces.actors import Actor

FOLDERS_SHOWN = 200
FOLDERS_FOUND = 20


def folders_in(actor: Actor, folder: Folder | None) -> Any:
    """The folders directly in this one that may be read, or those at the top."""
    return visible_folders(actor).inside(folder) if folder is not None else top_folders(actor)


def folders_named(actor: Actor, folder: Folder | None, words: str) -> list[Any]:
    """The first few folders below (anywhere without one) whose names have these words."""
    folders = visible_folders(actor)
    if folder is not None:
        folders = folders.below(folder).exclude(pk=folder.pk)
    for word in words.split():
        folders = folders.filter(name__icontains=word)
    return list(folders.by_name()[:FOLDERS_FOUND]) if words.strip() else []


def with_counts(actor: Actor, folders: list[Any]) -> list[Any]:
    """Give each folder the number of its own files and of the readable folders in it."""
    pks = [folder.pk for folder in folders]
    files = _counts(Memory.objects.of(actor.account).shared().filter(folder__in=pks), "folder")
    inside = _counts(visible_folders(actor).filter(parent__in=pks), "parent")
    for folder in folders:
        folder.file_count, folder.folder_count = files.get(folder.pk, 0), inside.get(folder.pk, 0)
    return folders


def _counts(rows: Any, by: str) -> dict[UUID, int]:
    return dict(rows.order_by().values_list(by).annotate(Count("pk")))


def dress_files(actor: Actor, files: list[Any], words: str = "", *, with_paths: bool = False) -> list[Any]:
    """As ``dress``, with ``version_count`` (the file as it is among them) and, on demand, the ``place`` of each."""
    assert actor.account is not None
    dress(actor.account, files, words)
    kept = MemoryVersion.objects.of(actor.account).filter(memory__in=[file.pk for file in files])
    versions = _counts(kept, "memory") if files else {}
    places = paths(actor, {file.folder for file in files}) if with_paths and files else {}
    for file in files:
        file.version_count = versions.get(file.pk, 0) + 1
        file.place = places.get(file.folder_id, "")
    return files


def paths(actor: Actor, folders: Iterable[Folder]) -> dict[UUID, str]:
    """``HR / Contracts`` of each, from the first folder that this actor may read, in one statement."""
    found = list(folders)
    above = {pk for folder in found for pk in folder.path}
    names = dict(visible_folders(actor).filter(pk__in=above).values_list("pk", "name"))
    return {folder.pk: " / ".join(names[pk] for pk in folder.path if pk in names) for folder in found}
