"""What every route does alike: keys, errors as JSON, paths without redirects, what is not there."""

from __future__ import annotations

from typing import Any

import pytest

from .caller import Caller, refused, told


def test_system_answers_without_a_key_and_with_an_empty_body(anyone: Caller, db: None) -> None:
    info = told(anyone.get("system/info"))
    assert info["version"].startswith("spaces-v")
    assert {type(info[name]) for name in ("major", "minor", "patch")} == {int}
    assert info["dirty"] is False
    done = told(anyone.call("POST", "system/init", b"", content_type="application/json"))
    assert done["alreadyInitialized"] is True
    assert set(done) == {"alreadyInitialized", "message"}
    assert told(Caller(base="/goodmem/v1/").get("system/info")) == info


def test_a_wrong_key_is_refused_also_where_none_is_needed(world: Any) -> None:
    for token in ("gm_abcdefghijklmnopqrstuvwxyz", "sk_x_y"):
        assert refused(Caller(token).get("system/info"))[0] == 401


@pytest.mark.parametrize(
    "route", ["", "nothing", "system/info/", "spaces/a/b/c", "system%2Finfo/x", "memories:nothing"]
)
def test_what_is_not_there_is_json_and_no_redirect(anyone: Caller, db: None, route: str) -> None:
    assert refused(anyone.get(route))[0] == 404
    assert refused(Caller(base="/goodmem/v1/").get(route))[0] == 404


@pytest.mark.parametrize("path", ["/v1", "/goodmem", "/goodmem/", "/goodmem/x", "/goodmem/v2/spaces"])
def test_around_the_dialect_answers_are_json_too(db: None, path: str) -> None:
    assert refused(Caller(base=path).get(""))[0] == 404


def test_a_method_that_is_not_there_is_405(anyone: Caller, db: None) -> None:
    assert refused(anyone.post("system/info"))[0] == 405


def test_what_is_not_implemented_says_so(alice: Caller, anyone: Caller) -> None:
    for method, route in [("POST", "ocr:document"), ("POST", "admin:drain"), ("GET", "service-identities")]:
        assert refused(alice.call(method, route)) == (501, "This operation is not implemented here.")
        assert refused(anyone.call(method, route))[0] == 401
    assert refused(alice.post("decision-models/x/decide"))[0] == 501
    assert refused(alice.call("DELETE", "ocr:document"))[0] == 405


@pytest.mark.parametrize(
    "accept", ["application/octet-stream", "application/x-ndjson", "text/event-stream", "text/html"]
)
def test_accept_is_never_refused(anyone: Caller, db: None, accept: str) -> None:
    assert anyone.get("system/info", accept=accept)["Content-Type"] == "application/json"
