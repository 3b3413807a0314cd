"""Making and changing spaces as GoodMem's requests say: {owner, name} is unique here, and only here."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from memories import chunking
from memories.models import Embedder, MemorySettings, set_embedders
from memories.permissions import get_embedder
from spaces.actors import Actor
from spaces.errors import AlreadyExists, NotFound
from spaces.models import Account, Space, User
from spaces.permissions import require

from .errors import InvalidFields
from .labels import changed_labels

CHUNKING = "defaultChunkingConfig"


@transaction.atomic
def create_space(by: Actor, given: dict[str, Any]) -> Space:
    """A new space, embedded by the account's default embedder unless others are named.

    Raises NotAllowed for another owner than oneself, NotFound for an owner or embedder, AlreadyExists for a name of
    this owner's or an id that is taken, InvalidInput on a field.
    """
    account: Account = by.account  # type: ignore[assignment]
    plan = _plan(given)
    owner = owner_for(by, given.get("ownerId"))
    weights = _embedders(by, account, given["spaceEmbedders"])
    claim_name(account, owner.pk, given["name"])
    chosen = {"id": given["spaceId"]} if "spaceId" in given else {}
    if chosen and Space.objects.filter(pk=chosen["id"]).exists():
        raise AlreadyExists("A space with this ID already exists")
    names = {"name": given["name"], "labels": given["labels"], "public_read": given["publicRead"]}
    space = Space.create(by, account, owner=owner, **chosen, **names)
    set_embedders(by, space, weights)
    if plan is not None:
        MemorySettings.of(space).change(by, chunking=plan)
    return space


@transaction.atomic
def change_space(by: Actor, space: Space, given: dict[str, Any]) -> None:
    """Change what is given. Raises AlreadyExists for a name, Conflict for the default space, InvalidInput."""
    plan = _plan(given)
    if "name" in given:  # before the row is locked: everybody takes the two locks in this order
        claim_name(space.account, space.owner_id, given["name"], but=space)
    named = {"name": "name", "publicRead": "public_read"}
    fields = {field: given[member] for member, field in named.items() if member in given}
    space.change(by, **fields, **changed_labels(given, space))
    if plan is not None and MemorySettings.of(space).change(by, chunking=plan):
        _touch(by, space)


def _touch(by: Actor, space: Space) -> None:
    """Of a vendor's space its chunking is a part: that it changed, ``updatedAt`` and its order tell as well."""
    space.updated_at, space.updated_by = timezone.now(), by.user.pk if by.user else None
    rows = Space.objects.of(space.account).filter(pk=space.pk)
    rows.update(updated_at=space.updated_at, updated_by=space.updated_by)


@transaction.atomic
def transfer_space(by: Actor, space: Space, new_owner: UUID) -> None:
    """Let somebody else own it. Raises NotFound for him, AlreadyExists when he has one of this name."""
    owner = _active_user(space.account, new_owner)
    claim_name(space.account, owner.pk, space.name, but=space)
    space.change(by, owner=owner)


def claim_name(account: Account, owner: UUID, name: str, but: Space | None = None) -> None:
    """Until the transaction ends nobody else gives a space of this owner this name. AlreadyExists when one has it."""
    digest = hashlib.blake2b(f"{owner.hex} {name}".encode(), digest_size=8).digest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest, "big", signed=True)])
    others = Space.objects.of(account).filter(owner=owner, name=name).exclude(pk=but and but.pk)
    if others.exists():
        raise AlreadyExists("A space with this name already exists")


def owner_for(by: Actor, pk: UUID | None) -> User:
    """Oneself, or for who may make things for others (the vendor's CREATE_…_ANY) any active user of the account."""
    assert by.user is not None, "keys have users"
    if pk is None or pk == by.user.pk:
        return by.user
    require(by, "space.create_for_others")
    return _active_user(by.account, pk)


def _active_user(account: Account | None, pk: UUID) -> User:
    user = User.objects.of(account).active().filter(pk=pk).first()
    if user is None:
        raise NotFound("Owner not found")
    return user  # type: ignore[no-any-return]


def _embedders(by: Actor, account: Account, given: list[dict[str, Any]]) -> list[tuple[Embedder, float]]:
    if not given:
        return [(Embedder.default_of(account), 1.0)]
    pks = [each["embedderId"] for each in given]
    for number, pk in enumerate(pks):
        if pk in pks[:number]:
            raise InvalidFields([(f"spaceEmbedders[{number}].embedderId", "This embedder is named twice.")])
    return [(get_embedder(by, each["embedderId"]), each["defaultRetrievalWeight"]) for each in given]


def _plan(given: dict[str, Any]) -> dict[str, Any] | None:
    """The chunking that is given, read and spelled out; InvalidInput names the field."""
    return chunking.as_json(chunking.parse(given[CHUNKING], CHUNKING)) if CHUNKING in given else None
