"""The records of memories, rendered by the export engine."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Any, ClassVar

from django.db.models import Case, F, Func, IntegerField, QuerySet, Value, When
from django.db.models.functions import NullIf

from memories.models import Memory
from spaces_project.kit import limits
from spaces_project.kit.cursors import Keyset, Position
from spaces_project.kit.exports import Batch, Column, Kind
from spaces_project.kit.ids import Prefix

from .records import COMMON, ID, META, TIMES, Record


class MemoryExport(Record):
    """What memory/export says of a memory, in the vendor's order.

    A text may have millions of characters, and the next one as many again: how many rows make a batch is decided by
    their lengths, which PostgreSQL knows without reading the texts.
    """

    prefix = Prefix.MEMORY
    first_rows = limits.EXPORT_BATCH
    columns: ClassVar[tuple[Column, ...]] = (
        Column(ID, kind=Kind.WIRE_ID, prefix=Prefix.MEMORY),
        *COMMON,
        Column("contactId", "contact_id", Kind.WIRE_ID, Prefix.CONTACT),
        Column("botId", NullIf("bot_id", Value(""))),
        Column("text"),
        *TIMES,
        META,
    )

    class Meta:
        model = Memory

    def batches(
        self,
        queryset: QuerySet[Any],
        *,
        order: Any = "desc",
        after: Position | None = None,
        take: int | None = None,
        size: int = limits.EXPORT_BATCH,
        **form: Any,
    ) -> Iterator[Batch]:
        left = take
        while left is None or left > 0:
            most = size if left is None else min(size, left)
            count = rows_that_fit(queryset, Keyset(descending=order != "asc"), after, most)
            batch = next(super().batches(queryset, order=order, after=after, take=count, size=count, **form), None)
            if batch is None:
                return
            yield batch
            if not batch.more:
                return
            after, left = batch.last, None if left is None else left - len(batch)


class MemoryRecord(MemoryExport):
    """What fetch and list say of a memory: also which space it is in, null for the account's default space."""

    columns = (
        *MemoryExport.columns,
        Column(
            "spaceId", Case(When(space__is_default=True, then=None), default=F("space_id")), Kind.WIRE_ID, Prefix.SPACE
        ),
        Column("expiresAt", "expires_at", Kind.TIME),
    )


def rows_that_fit(rows: QuerySet[Any], keyset: Keyset, after: Position | None, most: int) -> int:
    """How many of the rows behind ``after`` have texts of EXPORT_BATCH_CHARS together; at least 1."""
    length = Func(F("text"), function="octet_length", output_field=IntegerField())
    behind = keyset.after(keyset.order(rows), after)
    sizes = behind.annotate(length=length).values_list("length", flat=True)[:most]
    total: int = sum(each <= limits.EXPORT_BATCH_CHARS for each in accumulate(sizes))
    return max(1, total)
