"""Who may come in, as whom, and how every refusal sounds."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from spaces.models import AuditEntry, Space
from spaces.models.api_keys import Scope
from spaces_project.api.unique.unimplemented import ROUTES
from tests.api.unique.caller import BASE, Caller, caller, refused, space_id, told, user_id
from tests.api.world import CLIENT, World
from tests.factories import make_user

NEW = {"name": "New", "fallbackModule": "UniqueAi", "modules": [{"name": "UniqueAi"}]}


def test_without_a_usable_key(world: World) -> None:
    for token in (None, "ukey_nonsense"):
        answer = Caller(token).get("space")
        assert refused(answer) == (401, "UNAUTHORIZED")
        assert answer["WWW-Authenticate"] == "Bearer"


def test_ones_own_name_needs_no_further_scope(world: World) -> None:
    carol = make_user(world.account, "Carol", external_id="346386357988860534")
    own = caller(carol)
    for name in (str(carol.pk), user_id(carol), "Carol", "carol", "346386357988860534"):
        assert told(own.get("space", x_user_id=name)) == {"data": []}


def test_another_user_needs_the_scope(world: World, alice: Caller) -> None:
    acting = caller(world.admin, scopes=(Scope.READ, Scope.WRITE, Scope.ACT_AS))
    made = told(acting.post("space", NEW, x_user_id="bob"), 201)
    space = Space.objects.get(name="New")
    assert (space.owner, made["id"]) == (world.bob, space_id(space))
    assert AuditEntry.objects.get(object_id=space.pk).actor_id == world.bob.pk
    for who, name in ((alice, "bob"), (alice, "nobody"), (acting, "mallory"), (acting, "nobody"), (acting, "x\x7f")):
        answer = who.get("space", x_user_id=name)
        assert refused(answer) == (403, "FORBIDDEN")
        assert "x-user-id" in answer.json()["error"]["message"]


def test_the_company_is_the_keys(world: World, alice: Caller) -> None:
    for name in ("acme", "ACME", str(world.account.pk)):
        told(alice.get("space", x_company_id=name))
    for name in ("rival", str(world.other.pk), "nothing"):
        assert refused(alice.get("space", x_company_id=name)) == (403, "FORBIDDEN")


def test_other_headers_are_accepted(world: World, alice: Caller) -> None:
    told(alice.get("space", x_app_id="app_1", x_api_version="2023-12-06", accept="text/html"))


def test_unknown_routes_and_methods(world: World, alice: Caller) -> None:
    for path in ("", "spac", "space/", "space/a/b/c/d", "admin", "space/x//access"):
        assert refused(alice.get(path)) == (404, "NOT_FOUND")
    assert refused(CLIENT.get("/public")) == (404, "NOT_FOUND")
    assert refused(Caller(None).post("nothing/here")) == (404, "NOT_FOUND")
    for method, route in (("PUT", "space"), ("POST", "space/chat/x"), ("OPTIONS", "messages"), ("DELETE", "space")):
        assert refused(alice.call(method, route, {})) == (405, "METHOD_NOT_ALLOWED")


def test_what_is_not_implemented_is_no_server_error(
    world: World, alice: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    for method, route in ROUTES:
        assert refused(alice.call(method, route.replace("{id}", "x"), {})) == (404, "NOT_IMPLEMENTED")
    assert len([record for record in caplog.records if record.name == "spaces.api.unimplemented"]) == len(ROUTES)


DEEP = b'{"a":' * 100 + b"1" + b"}" * 100
BODIES = [
    *(b"", b"{", b"[]", b"null", b'"x"', b'{"name": NaN}', b'{"name": "\xff"}', b'{"name": "a", "name": "b"}'),
    *(b'{"name": "\\u0000"}', b'{"name": "\\ud800"}', b"[" * 100_000, DEEP),
]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("route", ["space", "space/message", "messages", "short-term-memory"])
def test_bodies_that_are_no_objects(world: World, alice: Caller, route: str, body: bytes) -> None:
    assert refused(alice.post(route, body)) == (400, "BAD_REQUEST")
    assert not Space.objects.listed().exists()


def test_bodies_too_large_or_of_another_type(world: World, alice: Caller) -> None:
    big = b'{"name": "' + b"x" * (10 * 1024 * 1024) + b'"}'
    assert refused(alice.post("space", big)) == (413, "PAYLOAD_TOO_LARGE")
    headers = {"authorization": f"Bearer {alice.token}"}
    answer = CLIENT.post(BASE + "space", b"<a/>", content_type="application/xml", headers=headers)
    assert refused(answer) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_query_strings_that_make_no_sense(world: World, alice: Caller) -> None:
    for query in ("name=%00", "name=%ff", "take=%00", f"name={'x' * 20_000}", "&".join(f"a{n}=1" for n in range(300))):
        assert refused(alice.get(f"space?{query}")) == (400, "BAD_REQUEST")


def test_a_fault_of_ours_tells_nothing(
    world: World, alice: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("secret")

    monkeypatch.setattr("spaces_project.api.unique.views.spaces.faces", broken)
    with caplog.at_level(logging.CRITICAL, "spaces.api"):
        answer = alice.get("space")
    assert refused(answer) == (500, "INTERNAL_SERVER_ERROR")
    assert b"secret" not in answer.content
    assert answer["Request-Id"] == answer["X-Request-Id"]
