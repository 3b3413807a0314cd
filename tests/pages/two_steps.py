"""The two steps of signing in, and what the pages of a second factor show, for their tests."""

from __future__ import annotations

import re
from typing import Any

import pyotp
from django.test import Client

from spaces import totp
from spaces.models import AuditEntry, User
from tests.factories import PASSWORD, actor_of

KEY = re.compile(r'id="factor-key">([A-Z2-7 ]+)<')
CODES = re.compile(r'id="recovery-codes"[^>]*>([^<]+)<')
ONCE = re.compile(r'name="once" value="([^"]+)"')
CLOSED = ("/", "/spaces/", "/settings/profile/", "/settings/second-factor/", "/spaces/export.csv", "/admin/", "/audit/")


def turned_on(user: User) -> tuple[str, list[str]]:
    """The secret and the recovery codes of a user who just got a second factor; no code is used yet."""
    secret = totp.new_secret()
    return secret, user.turn_on_second_factor(actor_of(user), secret, 0)


def now(secret: str) -> str:
    return pyotp.TOTP(secret).now()


def password(client: Client, name: str = "alice", **typed: Any) -> Any:
    return client.post("/sign-in/", {"username": name, "password": PASSWORD, **typed})


def half(name: str = "alice", **typed: Any) -> Client:
    """A browser whose password was right."""
    client = Client()
    assert password(client, name, **typed)["Location"] == "/sign-in/code/"
    return client


def code(client: Client, text: str) -> Any:
    return client.post("/sign-in/code/", {"code": text})


def is_in(client: Client) -> bool:
    return client.get("/settings/password/").status_code == 200


def entries(user: User, operation: str) -> int:
    return AuditEntry.objects.filter(object_id=user.pk, operation=f"user.{operation}").count()


def set_up(client: Client, secret: str, typed: str = PASSWORD) -> Any:
    return client.post("/settings/second-factor/set-up/", {"code": now(secret), "password": typed})


def new_key(client: Client, path: str = "/settings/second-factor/set-up/") -> str:
    found = KEY.search(client.get(path).content.decode())
    assert found
    return found[1].replace(" ", "")
