"""Every route x every id-valued input x every actor: what is somebody else's cannot be told from what never was.

A route that is not in table.py fails here. The quick suite asks every route as somebody who may not; the thorough one
tries all other actors and inputs, each route in one test, which tells all it found.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.urls import reverse

from spaces_project.api.chatbotkit.schema import document

from .calls import Check, Outcome, is_session, outcome, strange, values, violations
from .route import Route, areas
from .routes import Known, project_routes
from .stage import CANARY, Stage, unwatched
from .table import CHATBOTKIT, OPEN, OPERATORS, PROGRAMS, TABLE, UNIMPLEMENTED
from .test_audit_walk import PARTS

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("stage")]
ROUTES = [pytest.param(route, id=f"{number}-{route.label}") for number, route in enumerate(TABLE)]
KINDS_OF_TEXT = {"blueprintId", "botId", "datasetId", "skillsetId", "taskId"}  # name nothing of ours


def known() -> list[Known]:
    return [route for route in project_routes() if not route.name.startswith(OPERATORS)]


# ------------------------------------------------------------ is the table whole


def test_every_route_is_in_the_table() -> None:
    named = {route.name for route in TABLE} | OPEN | UNIMPLEMENTED
    assert {route.name for route in known()} == named


def test_every_argument_of_a_path_is_in_the_table() -> None:
    arguments = {route.name: route.arguments for route in known()}
    for route in TABLE:
        assert set(route.path) == arguments[route.name], route.label


def test_every_id_in_the_documented_api_is_in_the_table() -> None:
    """Parameters and members that end in Id, and cursors."""
    ours = {route.name: set() for route in CHATBOTKIT}
    for route in CHATBOTKIT:
        ours[route.name] |= {name for where, name, _ in route.slots() if where != "path"}
    for path, operations in document()["paths"].items():
        for operation in operations.values():
            pattern = path.removeprefix("/api/v1/").replace("{", "<str:").replace("}", ">")
            (name,) = {each.name for each in known() if each.pattern == f"api/v1/{pattern}"}
            assert _documented_ids(operation) <= ours[name], name


def _documented_ids(operation: Any) -> set[str]:
    names = {each["name"] for each in operation.get("parameters", []) if each["in"] == "query"}
    for content in operation.get("requestBody", {}).get("content", {}).values():
        component = content["schema"]["$ref"].rsplit("/", 1)[-1]
        names |= set(document()["components"]["schemas"][component]["properties"])
    return {name for name in names if name.endswith("Id") or name == "cursor"} - KINDS_OF_TEXT


def test_every_table_of_the_database_is_watched(stage: Stage) -> None:
    assert unwatched() == set()


# ------------------------------------------------------- every actor, every input


@pytest.mark.every_case
@pytest.mark.parametrize("area", areas(TABLE))
def test_nobody_from_outside_gets_anything_anywhere(stage: Stage, area: str) -> None:
    assert violations(check for route in TABLE if route.area == area for check in _outside(stage, route)) == []


@pytest.mark.thorough
@pytest.mark.parametrize("route", ROUTES)
def test_every_actor_and_every_input(stage: Stage, route: Route) -> None:
    assert violations(_checks(stage, route)) == []


def _outside(stage: Stage, route: Route) -> Iterator[Check]:
    """Without a way in, from another account, and with a key for something else."""
    nobody, stranger = _nobody_without_a_way_in_gets_anything, _the_administrator_of_another_account_is_a_stranger
    yield f"{route.label}, anonymous", partial(nobody, stage, route, "anonymous")
    yield f"{route.label}, stranger", partial(stranger, stage, route)
    if route in PROGRAMS:
        yield f"{route.label}, limited", partial(_a_key_limited_to_other_spaces_sees_nothing_of_this_one, stage, route)


def _checks(stage: Stage, route: Route) -> Iterator[Check]:
    """What else is tried, by name: who asks, and for what."""
    yield f"{route.actor} may", partial(_who_may_gets_what_he_asks_for, stage, route)
    for slot in route.slots():
        yield f"{route.actor} with a foreign {slot}", partial(_a_foreign_id_is_like_none, stage, route, slot)
    for actor in () if is_session(route) else ("revoked", "expired"):
        yield actor, partial(_nobody_without_a_way_in_gets_anything, stage, route, actor)
    yield "outsider", partial(_a_member_without_access_is_told_as_the_table_says, stage, route)


def _who_may_gets_what_he_asks_for(stage: Stage, route: Route) -> None:
    """The control: without it, a route that refuses everybody would pass."""
    found = _as_is(stage, route, route.actor)
    assert found.status in route.answers, found.body[:500]
    assert not found.location.startswith("/sign-in")
    assert bool(found.changes) == bool(route.writes)


def _as_is(stage: Stage, route: Route, actor: str) -> Outcome:
    return outcome(stage, route, actor, values(route, stage.ours))


def _a_foreign_id_is_like_none(stage: Stage, route: Route, slot: tuple[str, str, str]) -> None:
    foreign, never = strange(route, slot, stage.theirs), strange(route, slot, None)
    one = outcome(stage, route, route.actor, values(route, stage.ours, **foreign))
    other = outcome(stage, route, route.actor, values(route, stage.ours, **never))
    assert (one.status, one.masked(*foreign.values())) == (other.status, other.masked(*never.values()))
    assert one.changes == other.changes == {}
    assert stage.theirs.mark.encode() not in one.body.replace(next(iter(foreign.values())).encode(), b"")
    if slot[0] == "path":
        assert one.status in (404, 302)
        assert one.status == 404 or slot[1] in ("grant_pk", "user_pk"), "only what is gone already is no error"


def _nobody_without_a_way_in_gets_anything(stage: Stage, route: Route, actor: str) -> None:
    found = _as_is(stage, route, actor)
    if is_session(route):
        assert (found.status, found.location.split("?")[0]) == (302, reverse("sign_in"))
    else:
        assert found.status == 401
        assert b"Not authenticated" in found.body
    assert found.changes == {}


def _the_administrator_of_another_account_is_a_stranger(stage: Stage, route: Route) -> None:
    given = values(route, stage.ours)
    found = outcome(stage, route, "stranger", given)
    texts = [text for text in given.values() if CANARY in text]
    assert stage.ours.mark.encode() not in _without(found.body, texts)
    assert not [key for key, (before, after) in found.changes.items() if _of(stage, before) or _of(stage, after)]
    if any(where == "path" for where, _, _ in route.slots()):
        assert found.status == 404
        assert found.changes == {}
        never = {name: strange(route, (w, name, kind), None)[name] for w, name, kind in route.slots()}
        other = outcome(stage, route, "stranger", values(route, stage.ours, **never))
        assert found.masked(*given.values()) == other.masked(*never.values())


def _of(stage: Stage, row: Any) -> bool:
    return bool(row) and row.get("account_id") == str(stage.ours.account.pk)


def _without(body: bytes, texts: list[str]) -> bytes:
    for text in texts:
        body = body.replace(text.encode(), b"")
    return body


def _a_member_without_access_is_told_as_the_table_says(stage: Stage, route: Route) -> None:
    found = _as_is(stage, route, "outsider")
    assert found.status == route.outsider, found.body[:500]
    if route.slots() and route.actor == "alice":
        assert f"Space {stage.ours.mark}".encode() not in found.body
        assert f"Contact {stage.ours.mark}".encode() not in found.body
    touched = {table for table, _ in found.changes if table not in PARTS}
    assert touched <= ({"auditentry", *route.writes} if found.status in route.answers else set())


def _a_key_limited_to_other_spaces_sees_nothing_of_this_one(stage: Stage, route: Route) -> None:
    found = _as_is(stage, route, "limited")
    assert stage.ours.mark.encode() not in _without(found.body, [stage.ours.alice.username])  # the key's own user
    assert found.changes == {}
    named = [kind for where, _, kind in route.slots() if where == "path"]
    if named:
        assert found.status == (403 if named == ["alice.unique"] else 404)  # it sees its own user
    elif route.method == "POST" and route.outsider != 200:  # a search finds nothing for who may read nothing
        assert found.status in (403, 404, 207)  # 207: of many each for itself


# ---------------------------------------------------------------- acting for others


def test_acting_as_a_user_of_another_account_answers_like_one_that_never_was(stage: Stage) -> None:
    from .calls import API as CLIENT

    def said(name: str) -> Any:
        headers = {"authorization": f"Bearer {stage.tokens['admin']}", "x-runas-user-id": name}
        answer = CLIENT.get(reverse("chatbotkit:space.list"), headers=headers)
        return answer.status_code, answer.content

    unknown = said("nobody-at-all")
    assert unknown[0] == 403
    for kind in ("alice", "alice.username"):
        assert said(stage.theirs.spelled(kind)) == unknown
        assert said(stage.ours.spelled(kind))[0] == 200


# ------------------------------------------------------------------ the operators


@pytest.mark.every_case
@pytest.mark.parametrize("method", ["get", pytest.param("post", marks=pytest.mark.thorough)])
def test_every_page_of_the_operators_is_closed_to_an_account(stage: Stage, method: str) -> None:
    thing = {"object_id": str(stage.ours.space.pk), "content_type_id": "1", "app_label": "spaces", "url": "x"}
    routes = [route for route in project_routes() if route.name.startswith(OPERATORS)]
    assert len(routes) > 50
    for route in routes:
        path = "/" + _filled(route.pattern, thing)
        refused = getattr(stage.clients["admin"], method)(path)
        assert refused.status_code in (403, 404) or _is_way_in(route, refused), path
        away = getattr(stage.clients["anonymous"], method)(path)
        assert away.status_code in (302, 301, 404), path


def _filled(pattern: str, thing: dict[str, str]) -> str:
    import re

    pattern = re.sub(r"\^?\(\?P<(\w+)>[^)]*\)\)?/?\$?|\^|\$", lambda m: thing.get(m[1] or "", ""), pattern)
    return re.sub(r"<\w+:(\w+)>", lambda m: thing[m[1]], pattern)


def _is_way_in(route: Known, response: Any) -> bool:
    """Signing in and out, and the redirect of an old address, show nothing."""
    return response.status_code in (301, 302, 405) and route.name.partition(":")[2] in (
        "login", "logout", "password_change", "password_change_done", f"({route.pattern})",
    )  # fmt: skip
