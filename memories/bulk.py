"""The same change to many memories; how a run goes is in spaces/bulk.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from spaces import audit
from spaces.bulk import Change, Rows
from spaces.models import Space

from .ingestion import why_not_again
from .models import Folder, Memory, State
from .models.folders import TURNING, lock
from .models.memories import move_chunks
from .permissions import changeable_memories, visible_files, visible_memories


def _names(memories: Any) -> dict[UUID, str]:
    return {memory.pk: str(memory) for memory in memories.only("id", "name", "key")}


MEMORIES = Rows("memory", visible_memories, changeable_memories, _names)
FILES = Rows("file", visible_files, changeable_memories, _names)


def delete() -> Change:
    """Delete the memories with their chunks and vectors."""
    return Change("memory.delete", lambda memory: {"": None}, lambda rows, stamp: rows.delete(), "Deleted")


def move(space: Space) -> Change:
    """Put the memories into another space, where they are found from then on; an archived one takes nothing new."""

    def plan(memory: Memory) -> dict[str, Any] | str:
        if memory.space_id == space.pk and memory.folder_id is None:
            return {}
        if space.is_archived:
            return f"“{space}” is archived and takes nothing new"
        return _moved(memory, space.pk, None)

    return Change(
        "memory.update", plan, _mover(space), f"Moved to “{space}”", f"Was in “{space}” already",
    )  # fmt: skip


def _moved(memory: Memory, space: UUID, folder: UUID | None) -> dict[str, Any]:
    """What of its place changes, as the audit keeps it."""
    places = {"space": (memory.space_id, space), "folder": (memory.folder_id, folder)}
    return {name: audit.kept(memory, name, *pair) for name, pair in places.items() if pair[0] != pair[1]}


def _mover(space: Space) -> Callable[[Any, dict[str, Any]], None]:
    def write(rows: Any, stamp: dict[str, Any]) -> None:
        pks = list(rows.values_list("pk", flat=True))
        rows.update(space=space, folder=None, **stamp)
        move_chunks(space.account_id, space.pk, pks)
        Memory.objects.of(space.account_id).filter(pk__in=pks).to_embed_as(space).restart()

    return write


def move_to_folder(folder: Folder) -> Change:
    """Put the memories into a folder, in which no two files have the same key; they leave their spaces."""
    taken: set[str] = set()
    home = folder.account.default_space.pk

    def plan(memory: Memory) -> dict[str, Any] | str:
        if memory.folder_id == folder.pk:
            return {}
        if TURNING & set(memory.name + memory.key):
            return "Its name has marks that turn the direction of writing"
        if not taken:
            taken.update(Memory.objects.of(folder.account_id).filter(folder=folder).values_list("key", flat=True), [""])
        if memory.key and memory.key in taken:
            return "A file with this key exists in the folder"
        taken.add(memory.key)
        return _moved(memory, home, folder.pk)

    return Change(
        "memory.update", plan, _into_folder(folder), f"Moved to “{folder}”", f"Was in “{folder}” already",
        before=lambda: lock(folder.account_id, alone=False),
    )  # fmt: skip


def _into_folder(folder: Folder) -> Callable[[Any, dict[str, Any]], None]:
    def write(rows: Any, stamp: dict[str, Any]) -> None:
        space = folder.account.default_space
        pks = list(rows.values_list("pk", flat=True))
        rows.update(folder=folder, space=space, **stamp)
        move_chunks(folder.account_id, space.pk, pks)
        Memory.objects.of(folder.account_id).filter(pk__in=pks).to_embed_as(space).restart()

    return write


def retry() -> Change:
    """Ingest those that failed once more."""

    def plan(memory: Memory) -> dict[str, Any] | str:
        return _restarted(memory) if memory.state == State.FAILED else {}

    return Change("memory.ingest", plan, _restart, "Tries again", "Has not failed")


def again() -> Change:
    """Ingest all of them once more, as their spaces now cut and embed; none is found until that is done."""
    return Change("memory.ingest", _restarted, _restart, "Is ingested again")


def _restarted(memory: Memory) -> dict[str, Any] | str:
    if reason := why_not_again(memory):
        return reason
    return {"state": audit.kept(memory, "state", memory.state, State.PENDING)}


def _restart(rows: Any, stamp: dict[str, Any]) -> None:
    rows.update(**stamp)
    rows.restart()
