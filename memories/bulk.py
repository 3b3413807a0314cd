"""The same change to many memories; how a run goes is in spaces/bulk.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F

from spaces import audit
from spaces.bulk import Change, Rows
from spaces.models import Space

from . import jobs
from .models import Memory, State
from .permissions import changeable_memories, visible_memories

MOVE_VECTORS = """
UPDATE memories_embedding e SET container_id = %(space)s FROM memories_chunk c
WHERE c.account_id = %(account)s AND c.memory_id = ANY(%(memories)s) AND e.account_id = c.account_id
    AND e.chunk_id = c.id
"""
MOVE_CHUNKS = """
UPDATE memories_chunk SET container_id = %(space)s WHERE account_id = %(account)s AND memory_id = ANY(%(memories)s)
"""


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
        values: dict[str, Any] = {"account": space.account_id, "space": space.pk, "memories": pks}
        with connection.cursor() as cursor:
            cursor.execute(MOVE_VECTORS, values)
            cursor.execute(MOVE_CHUNKS, values)

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
    rows.update(state=State.PENDING, generation=F("generation") + 1, failure_code="", failure="", **stamp)
    for memory in rows.only("id", "account", "generation"):
        jobs.enqueue(memory)
