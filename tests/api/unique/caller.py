"""Callers of the Unique dialect: alice owns, bob is a member, mallory is in another account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chats.models import Chat, Message
from spaces.models import Space, User
from spaces.models.api_keys import Scope
from spaces_project.kit.ids import Prefix, encode
from tests.api.calls import RestCaller, told
from tests.factories import make_key

__all__ = ["Caller", "caller", "refused", "space_id", "talk_of", "told", "user_id"]
BASE = "/public/chat-gen2/"


@dataclass
class Caller(RestCaller):
    """Calls routes of Unique with a key."""

    base: str = BASE


def caller(user: User, scopes: Any = (Scope.READ, Scope.WRITE), **fields: Any) -> Caller:
    return Caller(make_key(user, scopes, **fields)[1])


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
