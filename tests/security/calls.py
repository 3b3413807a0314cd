"""Making one call of the table as one actor, and what came of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from django.urls import reverse

from .route import KEY, Route
from .stage import Changes, House, Stage, changes, rows, undone, unknown, writes

# CSRF tokens, signed notes, times in them; the moment that GoodMem's errors name
SECRETS = re.compile(rb'[A-Za-z0-9_:.-]{32,}|(?<="timestamp": )[0-9]+|\b[0-9]+ ms\b')
Values = dict[tuple[str, str], str]
Check = tuple[str, Callable[[], None]]  # its name, and itself
API = Client(raise_request_exception=False)


@dataclass(frozen=True)
class Outcome:
    """``changes`` are the rows that differ afterwards, with their state before and after."""

    status: int
    body: bytes
    location: str
    changes: Changes

    def masked(self, *texts: str) -> bytes:
        """The body without these texts and without what is new in every answer."""
        body = self.body
        for text in texts:
            body = body.replace(text.encode(), b"*").replace(text.encode().replace(b"@", b"%40"), b"*")
        return SECRETS.sub(b"~", body)


def values(route: Route, house: House, **changed: str) -> Values:
    """What stands in each id-valued input: the things of ``house``; ``changed`` is by input's name."""
    return {(where, name): changed.get(name) or house.spelled(kind) for where, name, kind in route.slots()}


def call(stage: Stage, route: Route, actor: str, given: Values) -> Outcome:
    """The call, taken back afterwards."""
    with undone():
        before = writes()
        response = _send(stage, route, actor, given)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        after = rows() if writes() != before else stage.before
    return Outcome(response.status_code, body, response.get("Location", ""), changes(stage.before, after))


def outcome(stage: Stage, route: Route, actor: str, given: Values) -> Outcome:
    """What came of the call; made once for a stage, as every call is taken back."""
    key = (id(route), actor, frozenset(given.items()))
    if key not in stage.outcomes:
        stage.outcomes[key] = (route, call(stage, route, actor, given))  # the route stays, and with it its id
    return stage.outcomes[key][1]


def violations(checks: Iterable[Check]) -> list[str]:
    """What the checks that fail say, each with its name."""
    found = []
    for name, check in checks:
        try:
            check()
        except AssertionError as error:
            found.append(f"{name}: {error}")
    return found


def _part(route: Route, where: str, given: Values) -> dict[str, str]:
    literals = {name: kind[1:] for name, kind in getattr(route, where).items() if kind[0] == "="}
    return {**literals, **{name: value for (part, name), value in given.items() if part == where}}


def _send(stage: Stage, route: Route, actor: str, given: Values) -> Any:
    address = reverse(route.name, kwargs=_part(route, "path", given))
    if query := _part(route, "query", given):
        address += f"?{urlencode(query)}"
    data = {**(route.data(stage) if callable(route.data) else route.data), **_part(route, "body", given)}
    if route.kind == KEY:
        token = stage.tokens.get(actor)
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return API.generic(route.method, address, json.dumps(data), "application/json", headers=headers)
    client = stage.clients[actor]
    client.cookies = copy(stage.cookies[actor])  # a call may end the session, and is taken back
    return client.post(address, data) if route.method == "POST" else client.get(address, data)


def strange(route: Route, slot: tuple[str, str, str], house: House | None) -> dict[str, str]:
    """One input changed: to a thing of ``house``, or to one that never was."""
    _, name, kind = slot
    return {name: house.spelled(kind) if house else unknown(kind)}


def is_session(route: Route) -> bool:
    return route.kind != KEY
