"""Two-factor sign-in by hand: set up, signed in with, lost, reset, required of everybody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyotp
import pytest
from django.utils import timezone
from playwright.sync_api import expect

from spaces.models import Account, User
from tests.factories import PASSWORD, admin_of, make_account, make_user

Visit = Callable[..., Any]
NAME = "alice"


@pytest.fixture
def account(live: str) -> Account:
    account = make_account("harbour")
    make_user(account, NAME, name="Alice Marsh", email="alice@example.com")
    make_user(account, "bob")
    return account


def password(page: Any, username: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def next_code(secret: str) -> str:
    """One that was not used: that of the next half minute, which is good already."""
    return pyotp.TOTP(secret).at(timezone.now(), counter_offset=1)


def shown_key(page: Any) -> str:
    return str(page.locator("#factor-key").inner_text()).replace(" ", "")


@pytest.mark.slow
def test_alice_sets_it_up_and_signs_in_with_it(account: Account, visit: Visit) -> None:
    visitor = visit(permissions=["clipboard-read", "clipboard-write"])
    page = visitor.page
    visitor.sign_in(NAME)
    page.goto("/settings/profile/")
    page.get_by_role("link", name="Set up").click()
    secret = shown_key(page)
    page.get_by_label("Copy key").click()
    expect(page.get_by_label("Copied")).to_be_visible()
    box = page.locator(".qr").bounding_box()
    assert box["width"] > 150, "large enough for a camera"
    page.get_by_label("Code that your app shows now").fill("000000")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    with visitor.expecting(422):
        page.get_by_role("button", name="Turn on").click()
        expect(page.locator("#id_code_error")).to_contain_text("not the code of this key")
    visitor.look("factor-setup", four=True)
    assert shown_key(page) == secret
    page.get_by_label("Code that your app shows now").fill(pyotp.TOTP(secret).now())
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Turn on").click()
    codes = page.locator("#recovery-codes").inner_text().split()
    assert len(codes) == 10
    visitor.look("factor-codes", four=True)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert codes[9] in Path(download.value.path()).read_text()
    page.get_by_role("link", name="Done").click()
    expect(page.locator("main")).to_contain_text("10 left")
    visitor.look("factor-on", four=True)

    page.locator("aside").get_by_label("Sign out").click()
    password(page, NAME)
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter your code")
    expect(page.get_by_label("Code from your app")).to_be_focused()
    visitor.look("sign-in-code", four=True)
    page.keyboard.type(next_code(secret))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")

    page.locator("aside").get_by_label("Sign out").click()
    password(page, NAME)
    page.get_by_role("link", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill("aaaaa-aaaaa")
    with visitor.expecting(422):
        page.get_by_role("button", name="Continue").click()
        expect(page.locator("#id_code_error")).to_be_visible()
    visitor.look("sign-in-recovery")
    page.get_by_label("Recovery code").fill(codes[0])
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#toasts")).to_contain_text("You have 9 left")

    page.goto("/settings/second-factor/codes/")
    visitor.look("factor-new-codes")
    page.goto("/settings/second-factor/off/")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_label("Code from your app, or").fill(codes[1])
    with visitor.expecting(422):
        page.get_by_role("button", name="Turn off").click()
        expect(page.get_by_role("alert")).to_contain_text("The password or the code")
    visitor.look("factor-off-wrong")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Code from your app, or").fill(codes[1])
    page.get_by_role("button", name="Turn off").click()
    expect(page.locator("#toasts")).to_contain_text("is off")
    visitor.look("factor-off")


@pytest.mark.slow
def test_an_administrator_requires_it_and_bob_sets_it_up_on_his_way_in(account: Account, visit: Visit) -> None:
    alice = User.objects.get(username=NAME)
    from tests.factories import actor_of

    alice.turn_on_second_factor(actor_of(alice), pyotp.random_base32(), 0)
    boss, visitor = visit(), visit(java_script_enabled=False)
    page = boss.page
    boss.sign_in(admin_of(account).username)
    page.goto("/settings/members/")
    boss.look("factor-members", four=True)
    page.get_by_role("link", name="Two-factor…").click()
    boss.look("factor-require")
    page.get_by_role("button", name="Require it of everybody").click()
    expect(page.locator("#toasts")).to_contain_text("next sign-in")
    boss.look("factor-required")
    page.goto(f"/settings/members/{alice.pk}/")
    boss.look("factor-member")
    page.get_by_role("link", name="Reset…").click()
    boss.look("factor-reset")
    page.get_by_role("button", name="Reset").click()
    expect(page.locator("#toasts")).to_contain_text("no second factor any more")
    page.goto("/audit/")
    expect(page.locator("main")).to_contain_text("reset two-factor sign-in of")

    page = visitor.page
    password(page, "bob")
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up two-factor sign-in")
    page.get_by_label("Code from your app").fill(pyotp.TOTP(shown_key(page)).now())
    page.get_by_role("button", name="Turn on and sign in").click()
    expect(page.locator("#recovery-codes")).to_be_visible()
    page.get_by_role("link", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    assert User.objects.get(username="bob").has_second_factor


@pytest.mark.slow
def test_the_pages_of_a_required_set_up_look_right(account: Account, visit: Visit) -> None:
    Account.objects.filter(pk=account.pk).update(requires_second_factor=True)
    visitor = visit()
    page = visitor.page
    password(page, "bob")
    visitor.look("sign-in-setup", four=True)
    page.get_by_label("Code from your app").fill(pyotp.TOTP(shown_key(page)).now())
    page.get_by_role("button", name="Turn on and sign in").click()
    visitor.look("sign-in-made", four=True)
    for path in ("/settings/second-factor/", "/settings/profile/"):
        page.goto(path)
        for width in (360, 600, 861, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            visitor.measure(f"{path} {width}", width)
