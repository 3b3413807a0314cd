"""Callers of the Unique dialect: alice owns, bob is a member, mallory is in another account."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from chats.models import Chat, Message
from spaces.models import Space, User
from spaces.models.api_keys import Scope
from spaces_project.kit.ids import Prefix, encode
from tests.api.world import CLIENT
from tests.factories import make_key

BASE = "/public/chat-gen2/"


@dataclass
class Caller:
    """Calls routes of Unique with a key; answers are Django's test responses."""

    token: str | None = None
    base: str = BASE

    def call(self, method: str, route: str, body: Any = None, **headers: str) -> Any:
        bearer = {"authorization": f"Bearer {self.token}"} if self.token else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        kind = "application/json" if body is not None else ""
        return CLIENT.generic(method, self.base + route, data, kind, headers={**bearer, **named})

    def get(self, route: str, **headers: str) -> Any:
        return self.call("GET", route, **headers)

    def post(self, route: str, body: Any = None, **headers: str) -> Any:
        return self.call("POST", route, {} if body is None else body, **headers)

    def patch(self, route: str, body: Any = None, **headers: str) -> Any:
        return self.call("PATCH", route, {} if body is None else body, **headers)

    def delete(self, route: str, **headers: str) -> Any:
        return self.call("DELETE", route, **headers)


def caller(user: User, scopes: Any = (Scope.READ, Scope.WRITE), **fields: Any) -> Caller:
    return Caller(make_key(user, scopes, **fields)[1])


def told(answer: Any, status: int = 200) -> Any:
    """The body of a success."""
    assert answer.status_code == status, answer.content
    return answer.json()


def refused(answer: Any) -> tuple[int, str]:
    """Status and code of an error; checks its envelope."""
    assert answer["Content-Type"] == "application/json", answer.content
    error = answer.json()["error"]
    assert set(answer.json()) == {"error"}
    assert set(error) == {"message", "code", "params"}
    assert isinstance(error["message"], str)
    assert error["message"]
    assert error["params"] == {"retryable": False}
    return answer.status_code, error["code"]


def space_id(space: Space) -> str:
    return encode(Prefix.ASSISTANT, space.pk)


def user_id(user: User) -> str:
    return encode(Prefix.USER, user.pk)


def talk_of(chat: Chat) -> list[tuple[str, str, str]]:
    """Role, state and text of every message, oldest first."""
    rows = Message.objects.filter(chat=chat.pk).order_by("created_at", "id")
    return [(row.role, row.state, row.text) for row in rows]
