"""Clients of the people in these tests: alice owns, bob is a member, ann reads, mallory is in another account."""

from __future__ import annotations

from dataclasses import dataclass

from django.test import Client

from spaces.models import Account, Space, User
from spaces.models.users import Role
from tests.factories import admin_of, make_account, make_space


@dataclass
class World:
    """One account with its people and a space of alice's; another account with mallory."""

    account: Account
    admin: User
    alice: User
    bob: User
    ann: User
    mallory: User
    space: Space

    def client(self, user: User, **headers: str) -> Client:
        client = Client(headers=headers or None)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client


def make_world() -> World:
    """Everybody's password is that of the factories."""
    account, other = make_account("harbour"), make_account("other")
    admin = admin_of(account)
    alice, bob, ann, mallory = (
        User.objects.bulk_create(  # the constraints are checked elsewhere; this is ten times faster
            User(username=name, account=home, role=role, password=admin.password)
            for name, home, role in (
                ("alice", account, Role.MEMBER),
                ("bob", account, Role.MEMBER),
                ("ann", account, Role.ANALYST),
                ("mallory", other, Role.MEMBER),
            )
        )
    )
    space = make_space(account, alice, name="Warranty claims", labels={"team": "support"}, meta={"sla": 24})
    return World(account, admin, alice, bob, ann, mallory, space)
