"""Every error under /api/ is ``{"message", "code"}`` with exactly application/json."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.db import DataError, IntegrityError, OperationalError
from django.test import override_settings

from spaces_project.api.chatbotkit.unimplemented import ROUTES
from spaces_project.api.errors import ServerFault, Unavailable, domain_error
from tests.api.world import CLIENT, Caller, World, said


@pytest.mark.parametrize(
    "path", ["space", "space/", "space/list/", "nothing", "", "space/a/b/c", "space//fetch", "spaces/list"]
)
def test_unknown_routes(alice: Caller, path: str) -> None:
    assert said(alice.get(path)) == (404, "NOT_FOUND")
    assert said(alice.post(path)) == (404, "NOT_FOUND")


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v2/space/list", "/api/v1", "/api/v1/../v1/x", "/api/x?a=%00"])
def test_the_rest_of_api(db: None, path: str) -> None:
    answer = CLIENT.get(path)
    assert said(answer) == (404, "NOT_FOUND")


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace"])
def test_wrong_methods(alice: Caller, world: World, method: str) -> None:
    space = world.space()
    path = f"/api/v1/space/{space.wire_id}"
    for operation, allowed in (
        ("fetch", "GET, HEAD, OPTIONS"),
        ("update", "POST, OPTIONS"),
        ("delete", "POST, OPTIONS"),
    ):
        answer = getattr(CLIENT, method)(f"{path}/{operation}", headers=alice.headers({}))
        assert said(answer) == (405, "METHOD_NOT_ALLOWED")
        assert answer["Allow"] == allowed
    assert alice.record(
        f"space/{space.wire_id}/fetch"
    )  # an operation is called delete: HTTP's DELETE must not reach it
    assert said(alice.get("space/create")) == (405, "METHOD_NOT_ALLOWED")
    assert said(alice.post("space/list")) == (405, "METHOD_NOT_ALLOWED")


def test_head_and_options_answer_on_known_routes(db: None) -> None:
    for path in ("space/list", "space/create", "space/x/delete", "conversation/list"):
        head, options = CLIENT.head(f"/api/v1/{path}"), CLIENT.options(f"/api/v1/{path}")
        assert (head.status_code, head.content) == (200, b"")
        assert (options.status_code, options.json()) == (200, {})
    assert CLIENT.head("/api/v1/nothing").status_code == 404


def test_nothing_is_redirected_and_no_origin_is_let_in(alice: Caller) -> None:
    answer = alice.get("space/list", origin="https://evil.example")
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert alice.post("space/create/").status_code == 404


def test_unimplemented_operations_say_so_in_one_line(alice: Caller, caplog: pytest.LogCaptureFixture) -> None:
    for method, route in ROUTES:
        path = route.replace("{id}", "secret-id").replace("{path}", "a/b%20c.txt")
        caplog.clear()
        with caplog.at_level(logging.INFO):
            answer = alice.get(path) if method == "GET" else alice.post(path)
        assert said(answer) == (501, "NOT_IMPLEMENTED"), route
        (record,) = caplog.records  # and no other line, of Django's
        assert (record.name, record.getMessage()) == ("spaces.api.unimplemented", f"{method} /api/v1/{route}")
        assert said(Caller().get(path) if method == "GET" else Caller().post(path)) == (401, "NOT_AUTHENTICATED")


def test_a_foreign_host_is_told_in_json(alice: Caller) -> None:
    assert said(alice.get("space/list", host="evil.example")) == (400, "BAD_REQUEST")


def test_a_fault_of_ours_has_no_details_and_is_logged(
    alice: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr("spaces_project.api.chatbotkit.views.spaces.visible_spaces", broken)
    answer = alice.get("space/list", **{"X-Request-Id": "req-9"})
    assert said(answer) == (500, "INTERNAL_SERVER_ERROR")
    assert b"swordfish" not in answer.content
    (record,) = [each for each in caplog.records if each.name == "spaces.api"]
    assert "req-9" in record.getMessage()
    assert record.exc_info


def test_an_absent_database_may_be_tried_again(alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("the connection is closed")

    monkeypatch.setattr("spaces_project.api.chatbotkit.views.spaces.visible_spaces", away)
    answer = alice.get("space/list")
    assert said(answer) == (503, "SERVICE_UNAVAILABLE")
    assert int(answer["Retry-After"]) > 0


class _Cause(Exception):
    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("kind", "state", "meant"),
    [
        (DataError, "22P05", "InvalidInput"),
        (DataError, "", "InvalidInput"),
        (IntegrityError, "23505", "AlreadyExists"),
        (IntegrityError, "23503", "NotFound"),
        (IntegrityError, "23514", "InvalidInput"),
        (OperationalError, "57014", "Unavailable"),
        (OperationalError, "40P01", "Unavailable"),
        (OperationalError, "", "Unavailable"),
        (RecursionError, "", "InvalidInput"),
        (KeyError, "", "ServerFault"),
    ],
)
def test_what_errors_of_the_database_mean(kind: type[Exception], state: str, meant: str) -> None:
    error = kind("x")
    error.__cause__ = _Cause(state)
    assert type(domain_error(error)).__name__ == meant


def test_faults_and_outages_are_told_apart() -> None:
    assert not issubclass(Unavailable, ServerFault)


@override_settings(DEBUG=True)
def test_debugging_changes_nothing(alice: Caller) -> None:
    assert said(alice.get("nothing")) == (404, "NOT_FOUND")


def test_an_error_of_a_kind_within_a_kind_is_told_as_that_kind() -> None:
    """A rule that is not understood is raised by memories, which know no dialect."""
    from memories.filters.uniqueql import InvalidFilter, parse
    from spaces_project.api.chatbotkit.errors import envelope

    with pytest.raises(InvalidFilter) as refused:
        parse({"path": ["year"], "operator": "equal", "value": 1})
    assert envelope(refused.value) == (400, "BAD_REQUEST", str(refused.value))
