"""Every writing route writes exactly one audit entry per changed object, in the transaction of the change.

A route that takes POST and is not in table.py with what it writes fails here. The quick suite uses every route of the
dialects once as it is meant; the thorough one all of them, and in every other way, each in one test, which tells all it
found. The forms of /admin/ are walked, model by model, in tests/admin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.db import connection

from spaces.models import AuditEntry

from .calls import Check, Outcome, call, outcome, values, violations
from .route import KEY, Route, areas
from .routes import Known, project_routes
from .stage import Stage, unknown
from .table import OPEN, OPERATORS, TABLE, UNIMPLEMENTED

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("stage")]
PAGES = "pages"  # many, and each answers with a whole page
WRITING = [route for route in TABLE if route.method != "GET"]
APIS = [area for area in areas(WRITING) if area != PAGES]
# Rows that are part of another object: a change of one is a change of that object.
PARTS = {
    "spaceaccess": ("space", "space_id"),
    "groupmembership": ("group", "group_id"),
    "apikeyspace": ("apikey", "api_key_id"),
    "reference": ("message", "message_id"),
    "folderaccess": ("folder", "folder_id"),
    **dict.fromkeys(("memoryversion", "upload"), ("memory", "memory_id")),
    **dict.fromkeys(("module", "scoperule", "assistantprompt", "mcpserver", "subagent"), ("assistant", "assistant_id")),
}
# What goes with something else is no change of its own: the column that names it, and what it is.
# Not so the memories of a contact: each has its entry.
HOLDERS = {
    "space_id": "space",
    "assistant_id": "assistant",
    "chat_id": "chat",
    "message_id": "message",
    "answers_id": "message",
    "memory_id": "memory",
    "webhook_id": "webhook",
}
UNLINKED = ("chat", "rating")  # lose a contact that is deleted
Objects = Counter[tuple[str, str]]


def changed_objects(found: Outcome) -> Objects:
    """Each changed object once. Parts that go with their object are no change of their own."""
    changed = {key for key in found.changes if key[0] not in (*PARTS, "auditentry")}
    gone = {key for key in changed if found.changes[key][1] is None}
    changed -= {key for key in gone if gone & _holders(found.changes[key][0])}
    changed -= {key for key in gone if key[0] == "chunk" and changed & _holders(found.changes[key][0])}
    changed -= {key for key in changed if key[0] in UNLINKED and _lost_contact(*found.changes[key], gone)}
    for (table, _), (before, after) in found.changes.items():
        if table in PARTS:
            kind, column = PARTS[table]
            whole = (kind, (after or before)[column])
            holders = {(name, (after or before).get(f"{name}_id")) for name in ("space", "group", "user", "message")}
            changed |= set() if gone & (holders | {whole}) else {whole}
    return Counter(changed)


def _holders(row: dict[str, Any]) -> set[tuple[str, str]]:
    return {(kind, row[column]) for column, kind in HOLDERS.items() if row.get(column)}


def _lost_contact(before: Any, after: Any, gone: set[tuple[str, str]]) -> bool:
    """Whether a contact that is gone is all that the row lost."""
    if not before or not after or ("contact", before["contact_id"]) not in gone:
        return False
    return {**before, "contact_id": None} == after  # type: ignore[no-any-return]


def entries(found: Outcome) -> list[dict[str, Any]]:
    return [after for (table, _), (before, after) in found.changes.items() if table == "auditentry" and after]


def audited_objects(found: Outcome) -> Objects:
    return Counter((entry["object_type"], entry["object_id"]) for entry in entries(found))


# ------------------------------------------------------------ is the table whole


@pytest.mark.thorough
def test_every_route_that_takes_post_says_what_it_writes(stage: Stage) -> None:
    posts = {route.name for route in TABLE if route.method == "POST"}
    for known in project_routes():
        if known.name.startswith(OPERATORS) or known.name in posts | OPEN | UNIMPLEMENTED:
            continue
        assert _post(stage, known) == 405, f"{known.name} takes POST and is not in the table as a writing route"


def _post(stage: Stage, known: Known) -> int:
    route = next(route for route in TABLE if route.name == known.name)
    tried = Route(route.name, route.kind, "POST", path=route.path, query=route.query)
    found = call(stage, tried, "admin", values(tried, stage.ours))
    assert found.changes == {}
    return found.status


def test_what_is_open_to_all_writes_nothing_but_sign_ins(stage: Stage) -> None:
    """The open routes that take POST: the theme's cookie, and signing in and out, which is audited by its signals."""
    assert {"theme", "sign_in", "sign_out"} <= OPEN
    before = AuditEntry.objects.count()
    answer = stage.clients["anonymous"].post("/theme/", {"theme": "dark"})
    assert (answer.status_code, AuditEntry.objects.count()) == (302, before)


# ----------------------------------------------------------------------- the walk


@pytest.mark.every_case
@pytest.mark.parametrize("area", [*APIS, pytest.param(PAGES, marks=pytest.mark.thorough)])
def test_what_is_done_is_written_down(stage: Stage, area: str) -> None:
    routes = [route for route in WRITING if route.area == area]
    assert violations((route.label, partial(_one_entry_per_changed_object, stage, route)) for route in routes) == []


@pytest.mark.thorough
@pytest.mark.parametrize("route", [pytest.param(each, id=f"{at}-{each.label}") for at, each in enumerate(WRITING)])
def test_nothing_else_is_written_down(stage: Stage, route: Route) -> None:
    assert violations(_checks(stage, route)) == []


def _checks(stage: Stage, route: Route) -> Iterator[Check]:
    """What is tried, by name: who asks, and for what."""
    if route.writes:
        yield "no entry can be written", partial(_what_cannot_be_written_down_does_not_happen, stage, route)
    for actor in ("outsider", "stranger"):
        yield actor, partial(_what_fails_is_not_written_down, stage, route, actor)
    if route.slots():
        yield f"{route.actor}, of what is not there", partial(_of_what_is_not_there, stage, route)


def _one_entry_per_changed_object(stage: Stage, route: Route) -> None:
    found = outcome(stage, route, route.actor, values(route, stage.ours))
    assert found.status in route.answers, found.body[:500]
    assert audited_objects(found) == changed_objects(found)
    assert sorted(kind for kind, _ in audited_objects(found).elements()) == sorted(route.writes)
    user = getattr(stage.ours, route.actor)
    for entry in entries(found):
        assert entry["actor_id"] == str(user.pk)
        assert entry["account_id"] == str(stage.ours.account.pk)
        assert bool(entry["api_key_id"]) == (route.kind == KEY)
        assert entry["request_id"]
        assert entry["address"]


def _what_cannot_be_written_down_does_not_happen(stage: Stage, route: Route) -> None:
    """The entry belongs to the transaction of the change: without the one there is not the other."""
    with refused_entries():
        found = call(stage, route, route.actor, values(route, stage.ours))
    assert found.status >= 400 or found.status == 207 or _outcome_page(route, found)
    assert found.changes == {}


def _outcome_page(route: Route, found: Outcome) -> bool:
    """A bulk run says of each row what became of it."""
    return "bulk" in route.name and found.status == 200


@contextmanager
def refused_entries() -> Iterator[None]:
    """The database refuses every audit entry: the stage has a trigger for that."""
    with connection.cursor() as cursor:
        cursor.execute("SET tests.entries = 'refused'")
        try:
            yield
        finally:
            cursor.execute("RESET tests.entries")


def _what_fails_is_not_written_down(stage: Stage, route: Route, actor: str) -> None:
    """The call again, by a member who may not."""
    found = outcome(stage, route, actor, values(route, stage.ours))
    if found.status >= 400:
        assert found.changes == {}
    assert audited_objects(found) == changed_objects(found)


def _of_what_is_not_there(stage: Stage, route: Route) -> None:
    never = {name: unknown(kind) for _, name, kind in route.slots()}
    assert outcome(stage, route, route.actor, values(route, stage.ours, **never)).changes == {}


IDLE = [
    ("chatbotkit:space.update", {"space_id": "space.wire"}, {}),
    ("chatbotkit:contact.update", {"contact_id": "contact.wire"}, {"meta": {"nothing": None}}),
]


@pytest.mark.parametrize(("name", "path", "data"), IDLE)
def test_what_changes_nothing_is_not_written_down(stage: Stage, name: str, path: Any, data: Any) -> None:
    route = Route(name, KEY, "POST", path=path, data=data)
    found = call(stage, route, "alice", values(route, stage.ours))
    assert (found.status, found.changes) == (200, {})
