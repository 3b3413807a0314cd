"""The one authenticator: keys in two headers, keys that no longer open, and acting as another user."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from spaces.actors import Actor
from spaces.models import ApiKey, AuditEntry, Space
from spaces.models.api_keys import Scope
from tests.api.world import CLIENT, Caller, World, said
from tests.factories import make_key, make_user


def call(**headers: str) -> Any:
    return CLIENT.get("/api/v1/space/list", headers={name.replace("_", "-"): text for name, text in headers.items()})


def test_a_key_opens_as_bearer_and_as_x_api_key(world: World) -> None:
    key, token = make_key(world.alice)
    for headers in (
        {"authorization": f"Bearer {token}"},
        {"authorization": f"bearer  {token} "},
        {"x_api_key": token},
        {"x_api_key": token, "authorization": f"Bearer {token}"},
    ):
        assert call(**headers).status_code == 200
    key.refresh_from_db()
    assert key.last_used_at is not None


def test_two_keys_that_differ_open_nothing(world: World) -> None:
    one, other = make_key(world.alice)[1], make_key(world.alice)[1]
    assert said(call(authorization=f"Bearer {one}", x_api_key=other)) == (401, "NOT_AUTHENTICATED")


def test_what_is_not_a_usable_key_is_never_anonymous(world: World) -> None:
    key, token = make_key(world.alice)
    expired = make_key(world.alice, expires_at=timezone.now() - timedelta(seconds=1))[1]
    revoked, revoked_token = make_key(world.alice)
    revoked.revoke(by=Actor.system(world.account))
    gone = make_user(world.account, "gone")
    inactive = make_key(gone)[1]
    gone.deactivate(by=Actor.system(world.account))
    for text in (
        expired,
        revoked_token,
        inactive,
        token[:-1],
        token + "x",
        f"sk_{key.prefix}_",
        "x",
        "sk__",
        "sk_\x00_é",
    ):
        assert said(call(authorization=f"Bearer {text}")) == (401, "NOT_AUTHENTICATED")
        assert said(call(x_api_key=text)) == (401, "NOT_AUTHENTICATED")
    for text in ("", "Bearer", "Bearer ", f"Basic {token}", token):
        assert said(call(authorization=text)) == (401, "NOT_AUTHENTICATED")
    answer = call()
    assert said(answer) == (401, "NOT_AUTHENTICATED")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_key_stops_at_once(world: World) -> None:
    key, token = make_key(world.alice)
    assert call(x_api_key=token).status_code == 200
    key.revoke(by=Actor.system(world.account))
    assert call(x_api_key=token).status_code == 401


def test_sessions_are_not_accepted(world: World, client: Any) -> None:
    client.force_login(world.admin)
    assert said(client.get("/api/v1/space/list")) == (401, "NOT_AUTHENTICATED")
    assert said(client.post("/api/v1/space/create", {}, content_type="application/json")) == (401, "NOT_AUTHENTICATED")


def test_who_is_known_before_the_body_is_read(world: World) -> None:
    assert said(CLIENT.post("/api/v1/space/create", b"{", content_type="application/json"))[0] == 401


def test_changes_are_written_down_with_the_key(alice: Caller, world: World) -> None:
    alice.post("space/create", {"name": "x"}, **{"X-Request-Id": "req-1"})
    entry = AuditEntry.objects.get(operation="space.create", object_name="x")
    key = ApiKey.objects.get(user=world.alice)
    assert (entry.actor_id, entry.api_key_id, entry.request_id) == (world.alice.pk, key.pk, "req-1")
    assert entry.address == "127.0.0.1"


# ------------------------------------------------------------------ act as

AS = "x-runas-user-id"


@pytest.mark.parametrize("way", ["id", "name", "NAME", "external"])
def test_acting_as_another_user_has_his_rights(world: World, way: str) -> None:
    make_user(world.account, "carol", external_id="crm-17")
    carol = world.account.users.get(username="carol")
    name = {"id": str(carol.pk), "name": "carol", "NAME": "CAROL", "external": "crm-17"}[way]
    caller = world.caller(world.admin, [Scope.READ, Scope.WRITE, Scope.ACT_AS])
    space = world.space()
    assert said(caller.get(f"space/{space.wire_id}/fetch", **{AS: name})) == (404, "NOT_FOUND")
    assert caller.post("space/create", {"name": "hers"}, **{AS: name}).status_code == 200
    assert Space.objects.get(name="hers").owner == carol
    entry = AuditEntry.objects.get(object_name="hers")
    key = ApiKey.objects.filter(user=world.admin).latest("created_at")
    assert (entry.actor_id, entry.api_key_id) == (carol.pk, key.pk)


def test_acting_needs_the_scope_and_a_user_of_the_account(world: World, alice: Caller) -> None:
    caller = world.caller(world.admin, [Scope.READ, Scope.WRITE, Scope.ACT_AS])
    gone = make_user(world.account, "gone")
    gone.deactivate(by=Actor.system(world.account))
    unknown = caller.get("space/list", **{AS: "nobody"})
    assert said(unknown) == (403, "NOT_AUTHORIZED")
    for name in (str(world.mallory.pk), "mallory", "gone", "x" * 5000, "é", str(world.account.pk)):
        answer = caller.get("space/list", **{AS: name})
        assert (answer.status_code, answer.content) == (403, unknown.content)
    assert said(alice.get("space/list", **{AS: "bob"})) == (403, "NOT_AUTHORIZED")


def test_other_headers_are_ignored(alice: Caller) -> None:
    others = {"x-runas-child-user-email": "a@b.c", "x-timezone": "Nowhere/Else", "x-user-id": "bob"}
    assert alice.get("space/list", **others).status_code == 200
