"""The same change to many rows, such as spaces: set by set, each in one transaction with its audit entries.

A row the actor may not change, or that cannot be changed, is said; the others succeed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from spaces_project.kit import limits
from spaces_project.kit.values import MergeMeta, merged

from . import audit
from .actors import Actor
from .models import Space, User
from .permissions import manageable_spaces, visible_spaces

BATCH = 500


@dataclass(frozen=True)
class Outcome:
    """What became of one row: ``done``, ``unchanged`` or ``refused``, and why. ``kind`` tells rows of two kinds
    apart, where one run is about both."""

    pk: UUID
    name: str
    state: str
    words: str
    kind: str = ""


@dataclass(frozen=True)
class Rows:
    """The rows that runs of one kind are about: what an actor may read of them, and what he may change.

    ``names`` says what the rows of a queryset are called; ``word`` is what one row is.
    """

    word: str
    readable: Callable[[Actor], Any]
    changeable: Callable[[Actor], Any]
    names: Callable[[Any], dict[UUID, str]]


def _space_names(spaces: Any) -> dict[UUID, str]:
    return {pk: name or "Untitled space" for pk, name in spaces.values_list("pk", "name")}


SPACES = Rows(
    "space",
    lambda actor: visible_spaces(actor).listed(),
    lambda actor: manageable_spaces(actor).listed(),
    _space_names,
)


@dataclass(frozen=True)
class Change:
    """What a bulk run does with each row.

    ``plan`` takes a row and returns the changes for the audit: an empty dict when nothing changes, a text when it
    cannot be done. ``write`` changes a queryset of the rows that do change. ``before`` takes what has to be locked
    before the rows of a batch.
    """

    operation: str
    plan: Callable[[Any], dict[str, Any] | str]
    write: Callable[[Any, dict[str, Any]], object]
    done: str
    unchanged: str = "Nothing to change"
    before: Callable[[], object] = lambda: None


def _update(queryset: Any, stamp: dict[str, Any], **values: Any) -> None:
    queryset.update(**values, **stamp)


def _value(field: str, value: Any) -> Callable[[Space], dict[str, Any]]:
    def plan(space: Space) -> dict[str, Any]:
        before = getattr(space, field)
        return {field: audit.kept(space, field, before, value)} if before != value else {}

    return plan


def archive(flag: bool) -> Change:
    """Archive, or take out of the archive."""
    words = ("Archived", "Was archived already") if flag else ("Taken out of the archive", "Was not archived")
    return Change(
        "space.update",
        _value("is_archived", flag),
        lambda rows, stamp: _update(rows, stamp, is_archived=flag),
        *words,
    )


def transfer(owner: User) -> Change:
    """Give the spaces to another owner."""
    return Change(
        "space.update",
        lambda space: _value("owner_id", owner.pk)(space) and {"owner": [str(space.owner_id), str(owner.pk)]},
        lambda rows, stamp: _update(rows, stamp, owner=owner),
        f"Now owned by {owner}",
        f"Was owned by {owner} already",
    )


def label(changes: dict[str, str | None]) -> Change:
    """Set labels; None takes one away."""

    def plan(space: Space) -> dict[str, Any] | str:
        after = merged(space.labels, changes)
        if after == space.labels:
            return {}
        if len(after) > limits.LABELS:
            return f"Would have more than {limits.LABELS} labels"
        return {"labels": [space.labels, after]}

    return Change(
        "space.update",
        plan,
        lambda rows, stamp: _update(rows, stamp, labels=MergeMeta("labels", changes)),
        "Labels changed",
    )


def delete() -> Change:
    """Delete the spaces and everything in them."""
    return Change("space.delete", lambda space: {"": None}, lambda rows, stamp: rows.delete(), "Deleted")


def run(actor: Actor, change: Change, pks: Iterable[UUID], rows: Rows = SPACES) -> Iterator[Outcome]:
    """Carry ``change`` out, batch by batch; yields one outcome per row that can be read, in order."""
    waiting = iter(pks)
    while batch := list(islice(waiting, BATCH)):
        yield from _run_batch(actor, change, batch, rows)


@transaction.atomic
def _run_batch(actor: Actor, change: Change, pks: list[UUID], rows: Rows) -> list[Outcome]:
    change.before()
    names = rows.names(rows.readable(actor).filter(pk__in=pks))
    mine = rows.changeable(actor).filter(pk__in=pks)
    locked = mine.model.objects.of(actor.account).filter(pk__in=mine.order_by().values("pk")).order_by("pk")
    found = {row.pk: row for row in locked.select_for_update(no_key=True)}
    plans = {pk: change.plan(row) for pk, row in found.items()}
    changing = {pk: plan for pk, plan in plans.items() if plan and not isinstance(plan, str)}
    _write(actor, change, found, changing)
    return [_outcome(rows, change, pk, names[pk], plans.get(pk)) for pk in pks if pk in names]


def _write(actor: Actor, change: Change, found: dict[UUID, Any], plans: dict[UUID, Any]) -> None:
    if not plans:
        return
    stamp = {"updated_at": timezone.now(), "updated_by": actor.user.pk if actor.user else None}
    model = type(next(iter(found.values())))
    change.write(model.objects.of(actor.account).filter(pk__in=plans), stamp)
    is_delete = change.operation.endswith(".delete")
    entries = [(found[pk], {} if is_delete else plan) for pk, plan in plans.items()]
    audit.record_many(actor, change.operation, entries)


def _outcome(rows: Rows, change: Change, pk: UUID, name: str, plan: Any) -> Outcome:
    if plan is None:
        return Outcome(pk, name, "refused", f"You may not change this {rows.word}")
    if isinstance(plan, str):
        return Outcome(pk, name, "refused", plan)
    return Outcome(pk, name, "done", change.done) if plan else Outcome(pk, name, "unchanged", change.unchanged)
