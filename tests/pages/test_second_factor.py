"""Signing in in two steps, as a browser sees it: alice has a second factor, bob has none, carol is an administrator."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import unquote

import pyotp
import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from spaces import totp
from spaces.models import AuditEntry, User
from spaces.pages.settings.once import password_note
from spaces.sign_in import HALF
from spaces_project.kit import limits
from tests.factories import PASSWORD, actor_of, make_key, make_operator
from tests.pages.world import World

KEY = re.compile(r'id="factor-key">([A-Z2-7 ]+)<')
CODES = re.compile(r'id="recovery-codes"[^>]*>([^<]+)<')
ONCE = re.compile(r'name="once" value="([^"]+)"')
CLOSED = ("/", "/spaces/", "/settings/profile/", "/settings/second-factor/", "/spaces/export.csv", "/admin/", "/audit/")


@pytest.fixture
def secret(world: World) -> str:
    return turned_on(world.alice)[0]


def turned_on(user: User) -> tuple[str, list[str]]:
    """The secret and the recovery codes of a user who just got a second factor; no code is used yet."""
    secret = totp.new_secret()
    return secret, user.turn_on_second_factor(actor_of(user), secret, 0)


def now(secret: str) -> str:
    return pyotp.TOTP(secret).now()


def password(client: Client, name: str = "alice", **typed: Any) -> Any:
    return client.post("/sign-in/", {"username": name, "password": PASSWORD, **typed})


def half(name: str = "alice", **typed: Any) -> Client:
    """A browser whose password was right."""
    client = Client()
    assert password(client, name, **typed)["Location"] == "/sign-in/code/"
    return client


def code(client: Client, text: str) -> Any:
    return client.post("/sign-in/code/", {"code": text})


def is_in(client: Client) -> bool:
    return client.get("/settings/password/").status_code == 200


def entries(user: User, operation: str) -> int:
    return AuditEntry.objects.filter(object_id=user.pk, operation=f"user.{operation}").count()


# ------------------------------------------------------------------ the two steps


def test_password_and_code_sign_in_and_the_code_does_so_once(world: World, secret: str) -> None:
    client = half(next="/spaces/?q=x")
    between = client.cookies["spaces_sessionid"].value
    shown = code(client, now(secret))
    assert (shown.status_code, shown["Location"]) == (302, "/spaces/?q=x")
    assert client.cookies["spaces_sessionid"].value != between
    assert is_in(client)
    assert entries(world.alice, "sign_in") == 1
    replayed = half()
    assert code(replayed, now(secret)).status_code == 422
    assert not is_in(replayed)
    failed = AuditEntry.objects.get(object_id=world.alice.pk, operation="user.sign_in_failed")
    assert failed.changes == {"second_factor": None}


def test_between_the_steps_no_page_is_reached(world: World, secret: str) -> None:
    client = half()
    for path in CLOSED:
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert answer["Location"].startswith(("/sign-in/?", "/admin/login/")), path
    assert client.post("/settings/profile/", {"name": "Changed"})["Location"].startswith("/sign-in/?")
    assert client.get("/sign-in/set-up/")["Location"] == "/sign-in/code/"
    assert entries(world.alice, "sign_in") == 0


def test_too_many_wrong_codes_pause_the_sign_in(world: World, secret: str) -> None:
    client = half()
    assert [code(client, "000000").status_code for _ in range(5)] == [422, 422, 422, 422, 429]
    assert code(client, now(secret)).status_code == 429
    assert password(Client()).status_code == 429, "the right password, too"
    assert not is_in(client)
    assert entries(world.alice, "sign_in_failed") >= 5
    assert "000000" not in str(AccessAttempt.objects.values())


def test_wrong_passwords_and_wrong_codes_are_counted_together(world: World, secret: str) -> None:
    client = Client()
    for _ in range(3):
        client.post("/sign-in/", {"username": "alice", "password": "wrong"})
    client = half()
    assert [code(client, "000000").status_code for _ in range(2)] == [422, 429]


def test_who_knows_the_password_cannot_guess_codes_from_many_addresses(world: World, secret: str) -> None:
    client = half()
    for host in range(20):
        assert client.post("/sign-in/code/", {"code": "000000"}, REMOTE_ADDR=f"10.0.0.{host}").status_code == 422
    assert client.post("/sign-in/code/", {"code": now(secret)}, REMOTE_ADDR="10.0.1.1").status_code == 429
    assert not is_in(client)
    bobs, _ = turned_on(world.bob)
    assert code(half("bob"), now(bobs)).status_code == 302, "it is about alice alone"


def test_a_right_sign_in_forgets_the_wrong_codes(world: World, secret: str) -> None:
    client = half()
    for _ in range(4):
        code(client, "000000")
    assert code(client, now(secret)).status_code == 302
    assert not AccessAttempt.objects.exists()


def test_a_recovery_code_signs_in_once_and_says_how_many_are_left(world: World) -> None:
    _, codes = turned_on(world.alice)
    client = half()
    assert "Recovery code" in client.get("/sign-in/code/?recovery").content.decode()
    done = client.post("/sign-in/code/?recovery", {"code": codes[3].upper()}, follow=True)
    assert "You have 9 left" in done.content.decode()
    assert is_in(client)
    assert entries(world.alice, "use_recovery_code") == 1
    again = half().post("/sign-in/code/?recovery", {"code": codes[3]})
    assert again.status_code == 422
    assert "recovery code is not right" in again.content.decode()


def test_a_wrong_code_is_said_alike_whatever_was_wrong_with_it(world: World, secret: str) -> None:
    client = half()
    assert code(client, now(secret)).status_code == 302
    said = set()
    for text in (now(secret), "123456", "no-code", "aaaaa-aaaaa"):
        AccessAttempt.objects.all().delete()
        found = re.search(r'id="id_code_error">([^<]+)<', code(half(), text).content.decode())
        assert found, text
        said.add(found[1])
    assert len(said) == 1


@pytest.mark.parametrize("text", ["", " ", "\x00", "x" * 65, "😀", "'; DROP TABLE"])
def test_nonsense_typed_as_a_code(world: World, secret: str, text: str) -> None:
    assert code(half(), text).status_code == 422


def test_the_second_step_has_ten_minutes(world: World, secret: str) -> None:
    client = half()
    session = client.session
    assert 0 < session[HALF]["until"] - time.time() <= limits.SECOND_STEP_SECONDS == 600
    assert session.get_expiry_age() <= 600
    session[HALF] = {**session[HALF], "until": time.time() - 1}
    session.save()
    late = client.post("/sign-in/code/", {"code": now(secret)}, follow=True)
    assert "took too long" in late.content.decode()
    assert not is_in(client)


@pytest.mark.parametrize("change", ["password", "deactivated", "reset"])
def test_what_happens_meanwhile_ends_the_second_step(world: World, secret: str, change: str) -> None:
    client, by = half(), actor_of(world.admin)
    if change == "password":
        world.alice.reset_password(by, "another quite long password")
    elif change == "deactivated":
        world.alice.deactivate(by)
    else:
        world.alice.reset_second_factor(by)
    assert code(client, now(secret))["Location"] == "/sign-in/"
    assert not is_in(client)


def test_without_the_first_step_there_is_no_second(world: World, secret: str) -> None:
    for path in ("/sign-in/code/", "/sign-in/set-up/"):
        assert Client().get(path)["Location"] == "/sign-in/"
        assert Client().post(path, {"code": now(secret)})["Location"] == "/sign-in/"
        assert world.client(world.bob).get(path)["Location"] == "/sign-in/"


@pytest.mark.parametrize("remember", ["", "on"])
def test_keep_me_signed_in_holds_over_the_second_step(world: World, secret: str, remember: str) -> None:
    client = half(remember=remember)
    code(client, now(secret))
    assert client.session.get_expire_at_browser_close() == (not remember)
    assert client.session.get_expiry_age() > 3600


def test_an_operator_is_asked_as_well(world: World) -> None:
    operator = make_operator()
    secret, _ = turned_on(operator)
    client = half("operator", next="/admin/")
    assert client.get("/admin/").status_code == 302
    assert client.post("/admin/login/", {"username": "operator", "password": PASSWORD}).status_code == 302
    assert client.get("/admin/").status_code == 302
    assert code(client, now(secret))["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200
    assert client.get("/settings/second-factor/").status_code == 200


def test_without_a_second_factor_nothing_changes(world: World) -> None:
    client = Client()
    assert password(client, "bob")["Location"] == "/"
    assert is_in(client)


@pytest.mark.parametrize("name", ["member_password", "member_second_factor_reset"])
def test_what_an_administrator_resets_ends_the_pause_however_the_name_is_written(world: World, name: str) -> None:
    User.objects.filter(pk=world.alice.pk).update(username="Alice")
    alice = User.objects.get(pk=world.alice.pk)
    turned_on(alice)
    for _ in range(5):
        Client().post("/sign-in/", {"username": "ALICE", "password": "wrong"})
    assert AccessAttempt.objects.exists()
    path = reverse(name, args=[alice.pk])
    client = world.client(world.admin)
    assert client.post(path, {"once": password_note(world.admin, alice)}).status_code in (200, 302)
    assert not AccessAttempt.objects.exists()


# ---------------------------------------------------------------------- one's own


def set_up(client: Client, secret: str, typed: str = PASSWORD) -> Any:
    return client.post("/settings/second-factor/set-up/", {"code": now(secret), "password": typed})


def new_key(client: Client, path: str = "/settings/second-factor/set-up/") -> str:
    found = KEY.search(client.get(path).content.decode())
    assert found
    return found[1].replace(" ", "")


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
