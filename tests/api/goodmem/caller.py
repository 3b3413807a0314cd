"""Callers of the GoodMem dialect: alice owns, bob is a member, mallory is in another account."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from spaces.models import User
from spaces.models.api_keys import Scope
from tests.api.world import CLIENT
from tests.factories import make_key

BASE = "/v1/"


@dataclass
class Caller:
    """Calls routes of GoodMem with a key, or without one; answers are Django's test responses."""

    token: str | None = None
    base: str = BASE

    def call(self, method: str, route: str, body: Any = None, **headers: str) -> Any:
        key = {"x-api-key": self.token} if self.token else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        kind = named.pop("content-type", "application/json" if body is not None else "")
        return CLIENT.generic(method, self.base + route, data, kind, headers={**key, **named})

    def get(self, route: str, **headers: str) -> Any:
        return self.call("GET", route, **headers)

    def post(self, route: str, body: Any = None, **headers: str) -> Any:
        return self.call("POST", route, {} if body is None else body, **headers)

    def put(self, route: str, body: Any = None, **headers: str) -> Any:
        return self.call("PUT", route, {} if body is None else body, **headers)

    def delete(self, route: str, **headers: str) -> Any:
        return self.call("DELETE", route, **headers)


def caller(user: User, scopes: Any = (Scope.READ, Scope.WRITE), **fields: Any) -> Caller:
    return Caller(make_key(user, scopes, **fields)[1])


def told(answer: Any, status: int = 200) -> Any:
    """The body of a success."""
    assert answer.status_code == status, answer.content
    return answer.json()


def refused(answer: Any) -> tuple[int, str]:
    """Status and sentence of an error; checks its body."""
    assert answer["Content-Type"] == "application/json", answer.content
    body = answer.json()
    assert {"error", "status", "timestamp"} <= set(body) <= {"error", "status", "timestamp", "errors"}
    assert body["status"] == answer.status_code
    assert isinstance(body["error"], str)
    assert body["error"]
    return answer.status_code, body["error"]


def blamed(answer: Any) -> list[str]:
    """The fields that a 400 blames."""
    assert refused(answer)[0] == 400, answer.content
    return [complaint["field"] for complaint in answer.json().get("errors", [])]
