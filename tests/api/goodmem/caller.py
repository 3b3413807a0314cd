"""Callers of the GoodMem dialect: alice owns, bob is a member, mallory is in another account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spaces.models import User
from spaces.models.api_keys import Scope
from tests.api.calls import RestCaller, told
from tests.factories import make_key

__all__ = ["Caller", "blamed", "caller", "refused", "told"]
BASE = "/v1/"


@dataclass
class Caller(RestCaller):
    """Calls routes of GoodMem with a key, or without one."""

    base: str = BASE

    def key(self) -> dict[str, str]:
        return {"x-api-key": str(self.token)}


def caller(user: User, scopes: Any = (Scope.READ, Scope.WRITE), **fields: Any) -> Caller:
    return Caller(make_key(user, scopes, **fields)[1])


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
