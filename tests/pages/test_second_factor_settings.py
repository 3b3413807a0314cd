"""One's own second factor, and what administrators do with those of others and ask of everybody."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from spaces import totp
from spaces.models import AuditEntry, User
from tests.factories import PASSWORD, make_key, make_operator
from tests.pages.two_steps import (
    CLOSED,
    CODES,
    ONCE,
    code,
    entries,
    half,
    is_in,
    new_key,
    now,
    password,
    set_up,
    turned_on,
)
from tests.pages.world import World


@pytest.fixture
def secret(world: World) -> str:
    return turned_on(world.alice)[0]


# ---------------------------------------------------------------------- one's own


def test_bob_sets_it_up_signs_in_makes_new_codes_and_turns_it_off(world: World) -> None:
    client, elsewhere = world.client(world.bob), Client()
    password(elsewhere, "bob")
    secret = new_key(client)
    page = client.get("/settings/second-factor/set-up/").content.decode()
    assert f"secret={secret}" in page, "the same until it is used"
    assert page.count("<svg viewBox") == 1
    made = set_up(client, secret)
    codes = CODES.search(made.content.decode())[1].split("\n")  # type: ignore[index]
    assert (made.status_code, len(codes)) == (201, 10)
    download = re.search(r'href="data:text/plain;charset=utf-8,([^"]+)"', made.content.decode())
    assert unquote(download[1]).split("\r\n")[3:-1] == codes  # type: ignore[index]
    assert is_in(client)
    assert not is_in(elsewhere)
    again = set_up(client, secret)
    assert (again.status_code, entries(world.bob, "turn_on_second_factor")) == (302, 1)

    assert code(half("bob"), codes[0]).status_code == 302
    note = ONCE.search(client.get("/settings/second-factor/codes/").content.decode())[1]  # type: ignore[index]
    data = {"once": note, "password": PASSWORD, "code": codes[1]}
    wrong = client.post("/settings/second-factor/codes/", {**data, "password": "wrong"})
    assert (wrong.status_code, entries(world.bob, "renew_recovery_codes")) == (422, 0)
    new = CODES.search(client.post("/settings/second-factor/codes/", data).content.decode())[1].split("\n")  # type: ignore[index]
    assert not {*new} & {*codes}
    assert client.post("/settings/second-factor/codes/", data).status_code == 302
    assert entries(world.bob, "renew_recovery_codes") == 1

    off = {"password": PASSWORD, "code": codes[2]}
    assert client.post("/settings/second-factor/off/", off).status_code == 422
    assert client.post("/settings/second-factor/off/", {**off, "code": new[0]}).status_code == 302
    assert password(Client(), "bob")["Location"] == "/"
    assert is_in(client)


def test_an_operator_sets_it_up_for_himself(world: World) -> None:
    client = Client()
    client.force_login(make_operator())
    assert 'href="/settings/second-factor/"' in client.get("/admin/").content.decode()
    assert set_up(client, new_key(client)).status_code == 201
    assert client.get("/admin/").status_code == 200
    operator = User.objects.get(username="operator")
    assert (operator.has_second_factor, entries(operator, "turn_on_second_factor")) == (True, 1)
    shown = client.get(f"/admin/spaces/user/{operator.pk}/change/").content.decode()
    assert "Two-factor" in shown
    assert operator.second_factor_secret.token not in shown
    assert not [kept for kept in operator.recovery_codes if kept in shown]


def test_setting_up_takes_the_password_and_a_code_of_the_secret_shown(world: World) -> None:
    client = world.client(world.bob)
    secret = new_key(client)
    assert set_up(client, secret, "wrong").status_code == 422
    assert set_up(client, totp.new_secret()).status_code == 422
    assert new_key(client) == secret
    assert not User.objects.get(pk=world.bob.pk).has_second_factor
    stored = Session.objects.get(pk=client.cookies["spaces_sessionid"].value).get_decoded()
    assert secret not in str(stored), "the session holds it sealed"


def test_guessing_the_password_in_an_open_session_is_paused(world: World, secret: str) -> None:
    client = world.client(world.alice)
    client.force_login(world.alice)
    data = {"password": "wrong", "code": now(secret)}
    answers = [client.post("/settings/second-factor/off/", data).status_code for _ in range(5)]
    assert answers == [422, 422, 422, 422, 429]
    assert client.post("/settings/second-factor/off/", {**data, "password": PASSWORD}).status_code == 429
    assert User.objects.get(pk=world.alice.pk).has_second_factor


def test_a_changed_password_keeps_it(world: World, secret: str) -> None:
    client = Client()
    client.force_login(world.alice)
    new = "another quite long password"
    data = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/settings/password/", data).status_code == 302
    assert is_in(client)
    assert password(Client(), password=new)["Location"] == "/sign-in/code/"


# ----------------------------------------------------------------- administrators


@pytest.mark.every_case
def test_an_administrator_sees_who_has_it_and_resets_it(world: World, secret: str) -> None:
    alice, client = Client(), world.client(world.admin)
    alice.force_login(world.alice)
    listed = client.get("/settings/members/").content.decode()
    assert listed.count('<span class="state ok">On</span>') == 1
    without = client.get("/settings/members/?state=one-factor").content.decode()
    assert ">bob</a>" in without
    assert ">alice</a>" not in without
    assert "Reset…" in client.get(reverse("member_detail", args=[world.alice.pk])).content.decode()
    path = reverse("member_second_factor_confirm", args=[world.alice.pk])
    assert world.client(world.bob).get(path).status_code == 403
    assert world.client(world.mallory).post(f"{path}reset/").status_code == 403
    assert client.get(path).status_code == 200
    assert client.post(f"{path}reset/").status_code == 302
    assert entries(world.alice, "reset_second_factor") == 1
    assert not is_in(alice)
    assert password(Client())["Location"] == "/"
    assert "reset two-factor sign-in of" in client.get("/audit/").content.decode()


def test_an_administrator_does_not_reset_his_own(world: World) -> None:
    turned_on(world.admin)
    client = Client()
    client.force_login(world.admin)
    path = reverse("member_second_factor_reset", args=[world.admin.pk])
    assert client.post(path).status_code == 409
    assert "Reset…" not in client.get(reverse("member_detail", args=[world.admin.pk])).content.decode().split("Two-")[1]


def require(world: World) -> None:
    assert world.client(world.admin).post("/settings/members/second-factors/require/").status_code == 302


@pytest.mark.every_case
def test_where_it_is_required_bob_sets_it_up_before_anything_else(world: World) -> None:
    _, token = make_key(world.bob)
    old = world.client(world.bob)
    require(world)
    assert is_in(old), "from the next sign-in on"
    client = half("bob", next="/spaces/?q=x")
    assert client.get("/sign-in/code/")["Location"] == "/sign-in/set-up/"
    for path in CLOSED:
        assert client.get(path).status_code == 302, path
    secret = new_key(client, "/sign-in/set-up/")
    assert client.post("/sign-in/set-up/", {"code": "000000"}).status_code == 422
    assert not is_in(client)
    assert Client().get("/api/v1/space/list", headers={"authorization": f"Bearer {token}"}).status_code == 200
    made = client.post("/sign-in/set-up/", {"code": now(secret)})
    assert made.status_code == 201
    assert 'href="/spaces/?q=x"' in made.content.decode()
    codes = CODES.search(made.content.decode())[1].split("\n")  # type: ignore[index]
    assert is_in(client)
    assert not is_in(old)
    assert [entries(world.bob, name) for name in ("turn_on_second_factor", "sign_in")] == [1, 1]
    off = client.post("/settings/second-factor/off/", {"password": PASSWORD, "code": codes[0]})
    assert (off.status_code, len(User.objects.get(pk=world.bob.pk).recovery_codes)) == (409, 10)


def test_requiring_it_is_the_administrators_to_do_and_to_undo(world: World) -> None:
    page, path = "/settings/members/second-factors/", "/settings/members/second-factors/require/"
    for other in (world.bob, world.ann):
        assert world.client(other).get(page).status_code == 403
        assert world.client(other).post(path).status_code == 403
    require(world)
    require(world)
    client = world.client(world.admin)
    assert "Required" in client.get(page).content.decode()
    assert AuditEntry.objects.filter(operation="account.update", object_id=world.account.pk).count() == 1
    assert password(Client(), "mallory")["Location"] == "/", "another account asks for nothing"
    assert client.post("/settings/members/second-factors/waive/").status_code == 302
    assert password(Client(), "bob")["Location"] == "/"
    assert "asks everybody for a second factor in" in client.get("/audit/").content.decode()
