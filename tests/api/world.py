"""Callers of the API: alice owns, bob is a member, mallory is in another account."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from spaces.models import Account, Space, User
from spaces.models.api_keys import Scope
from tests.factories import admin_of, make_account, make_key, make_space, make_user

V1 = "/api/v1/"
CLIENT = Client()  # one for all: each loads the middleware anew


@dataclass
class Caller:
    """Calls operations of ChatBotKit with a key; answers are Django's test responses."""

    token: str | None = None

    def headers(self, extra: dict[str, str]) -> dict[str, str]:
        bearer = {"authorization": f"Bearer {self.token}"} if self.token else {}
        return {**bearer, **extra}

    def get(self, operation: str, query: Any = None, **headers: str) -> Any:
        return CLIENT.get(V1 + operation, query or {}, headers=self.headers(headers))

    def post(self, operation: str, body: Any = None, **headers: str) -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body or {})
        return CLIENT.post(V1 + operation, data, content_type="application/json", headers=self.headers(headers))

    def record(self, operation: str) -> Any:
        """What fetch answers, as an object."""
        answer = self.get(operation)
        assert answer.status_code == 200, answer.content
        return answer.json()


@dataclass
class World:
    """An account with people in it, and another one."""

    account: Account
    admin: User
    alice: User
    bob: User
    other: Account
    mallory: User
    tokens: dict[Any, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Everybody has a key that reads and writes, as a key costs as much as several calls."""
        people = (self.admin, self.alice, self.bob, self.mallory)
        self.tokens = {user.pk: make_key(user, (Scope.READ, Scope.WRITE))[1] for user in people}

    def caller(self, user: User, scopes: Any = None, **fields: Any) -> Caller:
        """Who calls with the key that the user has, or with a new one of other scopes or fields."""
        if scopes is None and not fields and user.pk in self.tokens:
            return Caller(self.tokens[user.pk])
        return Caller(make_key(user, scopes or (Scope.READ, Scope.WRITE), **fields)[1])

    def space(self, **fields: Any) -> Space:
        return make_space(self.account, self.alice, **fields)


def make_world() -> World:
    account, other = make_account("acme"), make_account("rival")
    return World(
        account,
        admin_of(account),
        make_user(account, "alice"),
        make_user(account, "bob"),
        other,
        make_user(other, "mallory"),
    )


def said(answer: Any) -> tuple[int, str]:
    """Status and code of an error; checks its envelope."""
    assert answer["Content-Type"] == "application/json"
    body = answer.json()
    assert set(body) == {"message", "code"}
    assert body["message"]
    return answer.status_code, body["code"]
