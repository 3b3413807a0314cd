"""Clients of the people in these tests: alice owns, bob is a member, ann reads, mallory is in another account."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
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
    sessions: dict[Any, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Everybody has a session, as signing in costs as much as a page."""
        self.sessions = {u.pk: _session(u) for u in (self.admin, self.alice, self.bob, self.ann, self.mallory)}

    def client(self, user: User, **headers: str) -> Client:
        """A browser with the user's session; with a new one after ``sessions.clear()``."""
        client = Client(headers=headers or None)
        client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions.get(user.pk) or _session(user)
        return client


def _session(user: User) -> str:
    """The key of a new session, which no sign-in is told of."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


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
