"""What a try tells the database, and what it asks there: all of it fenced by the memory's generation.

Every memory runs each of these, and most do little: building them anew would cost more than running them, so they are
prepared (spaces_project/kit/prepared.py).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone

from spaces.models import Space
from spaces_project.kit.prepared import IDS, PreparedRow, run

from .models import Memory, Stage, State

BEGIN = """
WITH lost AS (
    UPDATE memories_attempt SET finished_at = %s, is_ok = false, failure_code = %s, failure = %s
    WHERE account_id = %s AND memory_id = %s AND generation = %s AND finished_at IS NULL
), begun AS (
    UPDATE memories_memory SET state = 'processing' WHERE account_id = %s AND id = %s AND state <> 'processing'
)
SELECT count(*) + 1, count(*) FILTER (WHERE failure_code <> %s) + 1 FROM memories_attempt
WHERE account_id = %s AND memory_id = %s AND generation = %s
"""
REPORT = """
UPDATE memories_attempt SET stage = %s, done = %s, total = %s, updated_at = %s
WHERE account_id = %s AND id = %s AND EXISTS (
    SELECT FROM memories_memory WHERE account_id = %s AND id = %s AND generation = %s AND state = 'processing'
) RETURNING 1
"""
REMOVE_CHUNKS = "DELETE FROM memories_chunk WHERE account_id = %s AND memory_id = %s"
COMPLETE = """
UPDATE memories_memory SET state = 'completed', text = %s, page_starts = %s, notes = %s, mime_type = %s, name = %s,
    chunk_count = %s, completed_at = %s, updated_at = %s
WHERE account_id = %s AND id = %s
"""
END_WELL = """
UPDATE memories_attempt SET stage = %s, done = %s, total = %s, finished_at = %s, updated_at = %s, is_ok = true,
    failure_code = '', failure = ''
WHERE account_id = %s AND id = %s
"""


def _rows(account: UUID, pk: UUID) -> Any:
    return Memory.objects.of(account).filter(pk=pk).select_for_update(no_key=True)


_LOCKED = PreparedRow(_rows, stand_ins=IDS)
_WITH_TEXT = PreparedRow(lambda account, pk: _rows(account, pk).defer(None).defer("page_starts"), stand_ins=IDS)
_SPACE = PreparedRow(lambda account, pk: Space.objects.of(account).filter(pk=pk), "account", stand_ins=IDS)


def locked(account: UUID, pk: UUID) -> Memory | None:
    """The memory as it is now, which nobody changes until the transaction ends; None when it is gone."""
    return _LOCKED.get(account, pk)  # type: ignore[no-any-return]


def locked_with_text(account: UUID, pk: UUID) -> Memory | None:
    """The same, with its text."""
    return _WITH_TEXT.get(account, pk)  # type: ignore[no-any-return]


def space_of(memory: Memory) -> Space:
    """The space of a memory that is locked, with its account."""
    return _SPACE.get(memory.account_id, memory.space_id)  # type: ignore[no-any-return]


def begin(memory: Memory, *, lost: dict[str, str], interrupted: str) -> tuple[int, int]:
    """A locked memory is in progress from now on, and what tries of its generation have not ended are ``lost``.

    Returns the number of the new try, and the same without those that were ``interrupted``.
    """
    tries, row = (memory.account_id, memory.pk, memory.generation), (memory.account_id, memory.pk)
    ended = (timezone.now(), lost["failure_code"], lost["failure"])
    ((number, tried),) = run(BEGIN, [*ended, *tries, *row, interrupted, *tries])
    memory.state = State.PROCESSING
    return number, tried


def report(memory: Memory, attempt: UUID, stage: Stage, done: int, total: int) -> bool:
    """Write down where the try is; False when the memory is not in progress in this generation any more."""
    values = [str(stage), done, total, timezone.now(), memory.account_id, attempt]
    return bool(run(REPORT, [*values, memory.account_id, memory.pk, memory.generation]))


def remove_chunks(memory: Memory) -> None:
    """With their vectors, which go in the database."""
    run(REMOVE_CHUNKS, [memory.account_id, memory.pk])


def complete(memory: Memory, attempt: UUID) -> None:
    """A locked memory can be found from now on, as its object says; its try ended well."""
    now, count = memory.completed_at, memory.chunk_count
    told = [memory.text, memory.page_starts, memory.notes, memory.mime_type, memory.name, count, now, now]
    run(COMPLETE, [*told, memory.account_id, memory.pk])
    ended = timezone.now()
    run(END_WELL, [str(Stage.STORING), count, count, ended, ended, memory.account_id, attempt])
