"""What becomes of a file: ingested here, kept without being ingested, or ingested by another program.

``Memory.configuration`` keeps what the program said, in Unique's words (its ``ingestionConfig``); this is the one place
that reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from memories import chunking
from memories.models import Memory, State
from memories.telling import tell_finished, tell_uploaded
from spaces import audit
from spaces.actors import Actor
from spaces.errors import InvalidInput
from spaces.holding import hold_space_of
from spaces_project.kit import limits
from spaces_project.kit.values import check_meta

MODE = "uniqueIngestionMode"
MOST, LEAST = "chunkMaxTokens", "chunkMinTokens"
WORDS = ("INGESTION", "SKIP_INGESTION", "SKIP_EXCEL_INGESTION", "EXTERNAL_INGESTION", "standard")
SHEETS = frozenset(
    {
        "application/vnd.ms-excel",
        "application/vnd.ms-excel.sheet.macroenabled.12",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)


class Mode(StrEnum):
    """What becomes of a memory's file."""

    HERE = "here"
    KEPT = "kept"
    ELSEWHERE = "elsewhere"


def mode_of(configuration: Mapping[str, Any], mime_type: str) -> Mode:
    """What this configuration says of a file of this type."""
    word = configuration.get(MODE)
    is_sheet = mime_type.partition(";")[0].strip().lower() in SHEETS
    if word == "SKIP_INGESTION" or (word == "SKIP_EXCEL_INGESTION" and is_sheet):
        return Mode.KEPT
    return Mode.ELSEWHERE if word == "EXTERNAL_INGESTION" else Mode.HERE


def check_configuration(configuration: Mapping[str, Any]) -> None:
    """Raise InvalidInput for what cannot be done or kept; members that are not known are kept."""
    try:
        check_meta(configuration)
    except ValidationError as error:
        raise InvalidInput(f"ingestionConfig: {' '.join(error.messages)}", field="ingestionConfig") from error
    word = configuration.get(MODE)
    if word is not None and word not in WORDS:
        raise _wrong(MODE, f"Must be one of {', '.join(WORDS)}.")
    chunking_of(configuration)


def chunking_of(configuration: Mapping[str, Any]) -> dict[str, Any] | None:
    """How the file is cut up, as ``Memory.chunking`` has it; None as its space says. Raises InvalidInput.

    Sentences are together as long as they fit, or until they have the least size that is given.
    """
    most, least = _size(configuration, MOST), _size(configuration, LEAST)
    if most is None:
        return None
    if least is not None and least > most:
        raise _wrong(LEAST, f"At most {MOST}.")
    measure = chunking.LengthMeasurement.TOKEN_COUNT
    return chunking.as_json(chunking.Sentence(most=most, least=least or most, measure=measure))


def _size(configuration: Mapping[str, Any], name: str) -> int | None:
    size = configuration.get(name)
    if size is None:
        return None
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= limits.CHUNK_SIZE_MOST:
        raise _wrong(name, f"Must be a whole number from 1 to {limits.CHUNK_SIZE_MOST:,}.")
    return size


def _wrong(name: str, sentence: str) -> InvalidInput:
    return InvalidInput(f"ingestionConfig.{name}: {sentence}", field=f"ingestionConfig.{name}")


# ------------------------------------------------------------------------ verbs


def begin(memory: Memory) -> None:
    """Do with the memory's file what its configuration says, in the transaction of what brought the file.

    A file for another program waits for what that program says (``ended``); a kept one is complete without chunks.
    Either has no text of ours, and an older job that ingests it changes nothing any more.
    """
    mode = mode_of(memory.configuration, memory.mime_type)
    rows = Memory.objects.of(memory.account_id).filter(pk=memory.pk)
    if mode == Mode.HERE:
        rows.restart()
    else:
        now = timezone.now()
        state = {"state": State.COMPLETED, "completed_at": now} if mode == Mode.KEPT else {"state": State.UPLOADING}
        empty: dict[str, Any] = {"text": "", "page_starts": [], "notes": [], "chunk_count": 0}
        rows.update(generation=memory.generation + 1, failure_code="", failure="", updated_at=now, **empty, **state)
        memory.chunks.all().delete()
    memory.refresh_from_db(fields=["state", "generation", "failure_code", "failure", "chunk_count", "completed_at"])
    tell_uploaded(memory)
    if mode == Mode.KEPT:
        tell_finished(memory.account_id, memory.pk)


def ended(by: Actor, memory: Memory, *, failure_code: str = "") -> None:
    """What the program that ingests this file says in the end: it is done, or it failed with this code."""
    now = timezone.now()
    fields: dict[str, Any] = {"state": State.COMPLETED, "completed_at": now, "failure_code": "", "failure": ""}
    if failure_code:
        said = {"failure_code": failure_code, "failure": "The program that ingests it says so."}
        fields = {"state": State.FAILED, **said}
    rows = Memory.objects.of(memory.account_id).filter(pk=memory.pk).exclude(state=fields["state"])
    before = memory.state
    with transaction.atomic():
        hold_space_of(Memory, memory.account_id, memory.pk)
        if rows.update(updated_at=now, **fields):
            audit.record(by, "memory.update", memory, {"state": [before, fields["state"]]})
            tell_finished(memory.account_id, memory.pk)
    memory.refresh_from_db(fields=["state", "failure_code", "failure", "completed_at", "updated_at"])
