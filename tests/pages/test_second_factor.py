"""Signing in in two steps, as a browser sees it: alice has a second factor, bob has none."""

from __future__ import annotations

import re
import time

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.urls import reverse

from spaces.models import AuditEntry, User
from spaces.pages.settings.once import password_note
from spaces.sign_in import HALF
from spaces_project.kit import limits
from tests.factories import PASSWORD, actor_of, make_operator
from tests.pages.two_steps import (
    CLOSED,
    code,
    entries,
    half,
    is_in,
    now,
    password,
    turned_on,
)
from tests.pages.world import World


@pytest.fixture
def secret(world: World) -> str:
    return turned_on(world.alice)[0]


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


@pytest.mark.every_case
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


@pytest.mark.every_case
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
