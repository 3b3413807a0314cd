"""The Resource base class: which columns a model has outside, and its rows as keyset batches rendered in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Literal

from django.db.models import QuerySet
from import_export.resources import ModelResource
from tablib import Dataset

from spaces_project.kit import limits
from spaces_project.kit.cursors import Keyset, Position, encode_cursor

from .columns import Column
from .plans import Plan, Rows, cells_plan, csv_plan, json_plan
from .reader import Reader, position, rows_that_fit

Form = Literal["json", "csv", "cells"]
Order = Literal["asc", "desc"]


class TooManyRows(ValueError):
    """More rows than one file or Dataset may hold; ``str(error)`` is a sentence for the reader."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"At most {limit:,} rows fit in here. Narrow the filters, or take CSV or JSONL.")


class Batch:
    """Some rows in order. ``last`` is the position of the last row (``Keyset.after`` goes on from there); ``more``
    says whether there are rows behind it. Nothing is rendered before it is asked for."""

    def __init__(
        self, plan: Plan | None = None, rows: Rows = (), last: Position | None = None, more: bool = False
    ) -> None:
        self._plan, self._rows = plan, rows
        self.last, self.more = last, more

    def __len__(self) -> int:
        return len(self._rows)

    @cached_property
    def lines(self) -> list[Any]:
        """Finished records (JSON objects or CSV records, without line ends), or tuples of cells."""
        if not self._plan or not self._rows:
            return []
        return self._plan.lines(self._rows) if self._plan.between else self._plan.cells(self._rows)

    @cached_property
    def text(self) -> str:
        """The records of a JSON or CSV batch, each with a line end."""
        return self._plan.text(self._rows) if self._plan and self._rows else ""


class Resource(ModelResource):  # type: ignore[misc]
    """Names columns, order and widgets; one per model. A dialect subclasses it to give columns its own names.

    ``columns`` is what goes out, in order. The fields that django-import-export declares are what comes in.
    """

    columns: ClassVar[tuple[Column, ...]] = ()
    header_when_empty: ClassVar[bool] = True  # whether a CSV without rows still has its header
    first_rows: ClassVar[int] = limits.EXPORT_FIRST  # the first rows go out soon, and show how wide they are

    def __init__(self, **kwargs: Any) -> None:
        """As the library's, but the fields are the class's: copying them costs more than a page of rows."""
        self.create_instances: list[Any] = []
        self.update_instances: list[Any] = []
        self.delete_instances: list[Any] = []

    def headers(self) -> list[str]:
        return [column.name for column in self.columns]

    def cursor(self, position: Position) -> str:
        """What a caller sends to go on behind ``position``; a dialect may sign it."""
        return encode_cursor(position)

    def plan(self, form: Form, *, raw: bool = False) -> Plan:
        """How this form is rendered; ``raw`` leaves formulas unguarded."""
        return _plan(self.columns, form, raw)

    def batches(
        self,
        queryset: QuerySet[Any],
        *,
        order: Order = "desc",
        after: Position | None = None,
        take: int | None = None,
        form: Form = "json",
        raw: bool = False,
        size: int = limits.EXPORT_BATCH,
    ) -> Iterator[Batch]:
        """The rows of ``queryset`` by (created_at, id), at most ``size`` at a time (fewer when they are
        wide, so that memory stays flat); nothing for no rows.

        ``after`` is the position behind which to start, ``take`` the most rows in all. One statement per batch;
        no transaction and no snapshot spans two of them, so a row that is there all the time comes exactly once,
        and one that comes or goes meanwhile at most once.
        """
        plan = self.plan(form, raw=raw)
        reader, left = Reader(queryset, self.columns, Keyset(descending=order != "asc"), plan), take
        fits = self.first_rows
        while left is None or left > 0:
            count = min(size, fits) if left is None else min(size, fits, left)
            rows = reader.rows(after, count + 1)  # one more, to know whether there are more
            if not rows:
                return
            kept, more = rows[:count], len(rows) > count
            after = position(kept[-1])
            yield Batch(plan, kept, after, more)
            if not more:
                return
            left, fits = None if left is None else left - count, rows_that_fit(kept)

    def export(self, queryset: QuerySet[Any] | None = None, **kwargs: Any) -> Dataset:
        """A tablib Dataset, which holds everything: of at most limits.DATASET_ROWS rows, else TooManyRows."""
        rows = self.get_queryset() if queryset is None else queryset
        dataset = Dataset(headers=self.headers())
        for batch in self.batches(rows, form="cells", take=limits.DATASET_ROWS):
            dataset.extend(batch.lines)
            if batch.more and len(dataset) >= limits.DATASET_ROWS:
                raise TooManyRows(limits.DATASET_ROWS)
        return dataset

    def page(
        self,
        queryset: QuerySet[Any],
        *,
        order: Order = "desc",
        after: Position | None = None,
        take: int = limits.PAGE_TAKE,
        form: Form = "json",
    ) -> Batch:
        """One page of at most ``take`` rows (of limits.EXPORT_FIRST, that is), maybe an empty one."""
        pages = self.batches(queryset, order=order, after=after, take=take, form=form)
        return next(pages, Batch())


@lru_cache(maxsize=256)
def _plan(columns: tuple[Column, ...], form: Form, raw: bool) -> Plan:
    if form == "json":
        return json_plan(columns)
    return csv_plan(columns, raw=raw) if form == "csv" else cells_plan(columns, raw=raw)
