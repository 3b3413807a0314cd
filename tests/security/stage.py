"""Two accounts furnished alike, everybody who may call, and ways to see what a call changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from spaces.actors import Actor
from spaces.models import Account, ApiKey, Contact, ExportLink, Group, Space, SpaceAccess, User
from spaces.models.api_keys import Scope
from spaces_project.kit.ids import Prefix, encode
from tests.factories import admin_of, make_account, make_contact, make_group, make_key, make_space, make_user

CANARY = "canary"
UNKNOWN = UUID(int=(7 << 80) + 0x7000_8000_0000_0000_0000)
NOBODY = "nobody-at-all"
SCOPES = (Scope.READ, Scope.WRITE, Scope.ACT_AS, Scope.ADMIN)


@dataclass
class House:
    """One account and one of everything in it. Every name in it holds ``mark``."""

    mark: str
    account: Account
    admin: User
    alice: User
    bob: User
    carol: User
    contact: Contact
    space: Space
    other_space: Space
    group: Group
    grant: SpaceAccess
    key: ApiKey
    link: ExportLink

    def spelled(self, kind: str) -> str:
        """How a caller writes the object of this kind: see ``unknown`` for the kinds."""
        thing = getattr(self, kind.partition(".")[0])
        return _spell(kind, thing.pk, thing)


def _spell(kind: str, pk: Any, thing: Any) -> str:
    name, _, form = kind.partition(".")
    wire = {"space": Prefix.SPACE, "contact": Prefix.CONTACT}
    if form == "wire":
        return encode(wire[name], pk)
    if form == "alias":
        return f"@{thing.alias if thing else NOBODY}"
    if form == "username":
        return thing.username if thing else NOBODY
    if form == "user" or form == "group":
        return f"{form}:{pk}"
    return str(pk)


def unknown(kind: str) -> str:
    """As ``House.spelled``, of something that never was. Kinds: ``space``, ``space.wire``, ``space.alias``,
    ``bob.username``, ``group.group`` (as the grant form writes it) and so on."""
    return _spell(kind, UNKNOWN, None)


def furnish(slug: str) -> House:
    mark = f"{CANARY}-{slug}"
    account = make_account(slug)
    alice, bob, carol = (
        make_user(account, f"{name}-{mark}", external_id=f"{name}-{slug}") for name in ("alice", "bob", "carol")
    )
    contact = make_contact(account, alice, name=f"Contact {mark}", alias=f"contact-{slug}", email=f"{mark}@example.com")
    space = make_space(account, alice, name=f"Space {mark}", alias=f"space-{slug}", contact=contact)
    return House(
        mark=mark,
        account=account,
        admin=admin_of(account),
        alice=alice,
        bob=bob,
        carol=carol,
        contact=contact,
        space=space,
        other_space=make_space(account, alice, name="Elsewhere"),
        group=make_group(account, carol, name=f"Group {mark}"),
        grant=SpaceAccess.grant(space, carol, "USE", Actor.system(account)),
        key=make_key(alice, name=f"Key {mark}")[0],
        link=ExportLink.issue(Actor(account=account, user=alice), alice, f"Link {mark}", "/spaces/export.csv", "", 30),
    )


@dataclass
class Stage:
    """``ours`` is asked about; ``theirs`` is another account. ``tokens`` and ``clients`` are by actor."""

    ours: House
    theirs: House
    tokens: dict[str, str] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    cookies: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ours, theirs = self.ours, self.theirs
        self.clients["anonymous"] = _client()
        for name, user in (
            ("admin", ours.admin), ("alice", ours.alice), ("outsider", ours.bob), ("stranger", theirs.admin),
        ):  # fmt: skip
            self.tokens[name] = make_key(user, SCOPES)[1]
            self.clients[name] = _client()
            self.clients[name].force_login(user)
        self.cookies = {name: copy(client.cookies) for name, client in self.clients.items()}
        revoked, self.tokens["revoked"] = make_key(ours.admin, SCOPES)
        revoked.revoke(by=Actor.system(ours.account))
        self.tokens["expired"] = make_key(ours.admin, SCOPES, expires_at=timezone.now() - timedelta(seconds=1))[1]
        self.tokens["limited"] = make_key(ours.alice, SCOPES, spaces=[ours.other_space])[1]
        self.operator = User.objects.create_operator("operator-on-stage", "")


def _client() -> Client:
    return Client(raise_request_exception=False)


def build() -> Stage:
    return Stage(furnish("ours"), furnish("theirs"))


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# What a call may touch without changing anything: when a key was used, when somebody signed in.
NOISE = ("last_used_at", "last_login")
TABLES = (
    "account", "user", "group", "groupmembership", "apikey", "apikeyspace", "exportlink",
    "space", "spaceaccess", "contact", "auditentry",
)  # fmt: skip
Changes = dict[tuple[str, str], tuple[Any, Any]]


def rows() -> dict[tuple[str, str], str]:
    """Every row as JSON text, by table and primary key; in one statement, as this is asked twice about each call."""
    parts = (
        f"SELECT '{table}', id::text, (to_jsonb(t) - %(left_out)s::text[])::text FROM spaces_{table} t"
        for table in TABLES
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), {"left_out": [*NOISE, "search"]})
        return {(table, pk): row for table, pk, row in cursor.fetchall()}


def changes(before: dict[tuple[str, str], str], after: dict[tuple[str, str], str]) -> Changes:
    """The rows that differ, each with its state before and after; None where there was or is none."""
    keys = {key for key, _ in before.items() ^ after.items()}
    return {key: (_read(before.get(key)), _read(after.get(key))) for key in keys}


def _read(row: str | None) -> Any:
    return None if row is None else json.loads(row)


def all_tables() -> set[str]:
    """The tables of the app in the database, without the prefix."""
    return {
        name.removeprefix("spaces_") for name in connection.introspection.table_names() if name.startswith("spaces_")
    }
