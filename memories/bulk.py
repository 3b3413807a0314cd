"""The same change to many memories; how a run goes is in spaces/bulk.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from spaces import audit
from spaces.bulk import Change, Rows
from spaces.models import Space

from .models import Memory, State
from .models.memories import move_chunks
from .permissions import changeable_memories, visible_memories


def _names(memories: Any) -> dict[UUID, str]:
    return {memory.pk: str(memory) for memory in memories.only("id", "name", "key")}


MEMORIES = Rows("memory", visible_memories, changeable_memories, _names)


def delete() -> Change:
    """Delete the memories with their chunks and vectors."""
    return Change("memory.delete", lambda memory: {"": None}, lambda rows, stamp: rows.delete(), "Deleted")


def move(space: Space) -> Change:
    """Put the memories into another space, where they are found from then on; an archived one takes nothing new."""

    def plan(memory: Memory) -> dict[str, Any] | str:
        if memory.space_id == space.pk:
            return {}
        if space.is_archived:
            return f"“{space}” is archived and takes nothing new"
        return {"space": audit.kept(memory, "space", str(memory.space_id), str(space.pk))}

    return Change(
        "memory.update", plan, _mover(space), f"Moved to “{space}”", f"Was in “{space}” already",
    )  # fmt: skip


def _mover(space: Space) -> Callable[[Any, dict[str, Any]], None]:
    def write(rows: Any, stamp: dict[str, Any]) -> None:
        pks = list(rows.values_list("pk", flat=True))
        rows.update(space=space, **stamp)
        move_chunks(space.account_id, space.pk, pks)
        Memory.objects.of(space.account_id).filter(pk__in=pks).to_embed_as(space).restart()

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
    if not memory.original:
        return "It has no file yet"
    return {"state": audit.kept(memory, "state", memory.state, State.PENDING)}


def _restart(rows: Any, stamp: dict[str, Any]) -> None:
    rows.update(**stamp)
    rows.restart()
