"""What other apps keep of contacts and what goes with them: who may let it go, and what is written down of it.

This app knows none of it; each app names its own when it is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models

from .actors import Actor


@dataclass(frozen=True)
class Belonging:
    """A kind of rows with a ``contact``, which the database deletes with it.

    ``withheld`` are those of the actor's account that he may not delete; ``record`` writes down that those of these
    contacts go, in the transaction in which they do.
    """

    model: type[models.Model]
    withheld: Callable[[Actor], Any]
    record: Callable[[Actor, list[UUID]], None]


kinds: list[Belonging] = []


def register(kind: Belonging) -> None:
    if kind not in kinds:
        kinds.append(kind)


def held_back(actor: Actor, contact: UUID) -> bool:
    """Whether something would go with this contact that the actor may not delete."""
    return any(kind.withheld(actor).filter(contact=contact).exists() for kind in kinds)


def free(actor: Actor, contacts: Any) -> Any:
    """Those of a queryset of contacts that hold nothing back."""
    for kind in kinds:
        contacts = contacts.exclude(pk__in=kind.withheld(actor).exclude(contact=None).order_by().values("contact"))
    return contacts


def record_gone(actor: Actor, contacts: Iterable[UUID]) -> None:
    """Write down what goes with these contacts."""
    going = list(contacts)
    for kind in kinds:
        kind.record(actor, going)
