"""Memories of a contact go when it goes: who may let them, and their entries in the audit."""

from __future__ import annotations

from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Q

from spaces import audit
from spaces.actors import Actor
from spaces.belongings import Belonging
from spaces.permissions import manageable_spaces, uploadable_spaces

from .models import Memory
from .permissions import writable_folders

ENTRIES_AT_ONCE = 1_000


def withheld(actor: Actor) -> Any:
    """The memories that this actor may not delete, files of chats and what has expired among them."""
    changeable = Q(folder=None, space__in=manageable_spaces(actor).values("pk"))
    changeable |= Q(folder__in=writable_folders(actor).values("pk"))
    if actor.user is not None:
        changeable |= Q(folder=None, created_by=actor.user.pk, space__in=uploadable_spaces(actor).values("pk"))
    return Memory.objects.of(actor.account).exclude(changeable)


def record(actor: Actor, contacts: list[UUID]) -> None:
    rows = Memory.objects.of(actor.account).filter(contact__in=contacts)
    named = rows.order_by("pk").only("id", "account", "name", "key").iterator(chunk_size=ENTRIES_AT_ONCE)
    while some := list(islice(named, ENTRIES_AT_ONCE)):
        audit.record_many(actor, "memory.delete", [(memory, {}) for memory in some])


OF_CONTACTS = Belonging(Memory, withheld, record)
