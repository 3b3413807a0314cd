"""Every page in both themes, on a desk and on a phone: no violation, nothing sideways, pictures to look at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from spaces.models import Space, SpaceAccess
from tests.factories import (
    actor_of,
    admin_of,
    make_account,
    make_contact,
    make_group,
    make_key,
    make_space,
    make_user,
)

Visit = Callable[..., Any]
NAMES = (
    "Order tracking",
    "Returns and refunds",
    "Assembly guides",
    "Trade accounts",
    "Gift cards",
    "Billing questions",
)


@pytest.fixture
def space(live: str) -> Space:
    """A lived-in account: some spaces, one of them with everything a space may have."""
    account = make_account("harbour")
    admin, alice = admin_of(account), make_user(account, "alice", name="Alice")
    for number, name in enumerate(NAMES):
        made = make_space(account, alice, name=name, labels={"team": "support", "region": ("eu", "us")[number % 2]})
        Space.objects.filter(pk=made.pk).update(created_at=timezone.now() - timedelta(days=3 * number))
    contact = make_contact(account, admin, name="Fern Alder", email="fern@example.com", phone="+1 415 555 0132")
    space = make_space(
        account,
        alice,
        name="Warranty claims",
        description="Answers questions about cover, claims and repairs.",
        alias="warranty",
        contact=contact,
        labels={"team": "support", "tier": "gold"},
        meta={"brand": "harbour", "sla_hours": 24, "notify": ["desk", "night"]},
        public_read=True,
    )
    SpaceAccess.grant(space, make_group(account, alice, name="Claims desk"), "UPLOAD", actor_of(alice))
    space.change(actor_of(admin), labels={"team": "claims", "tier": "gold"}, is_archived=False, name="Warranty desk")
    make_key(admin, name="Nightly export", expires_at=timezone.now() + timedelta(days=4))
    return space


@pytest.mark.slow
def test_pages_of_the_account(space: Space, visit: Visit) -> None:
    visitor = visit()
    visitor.sign_in("admin-harbour")
    pages = {
        "overview": "/",
        "spaces": "/spaces/",
        "space-new": "/spaces/new/",
        "search": "/search/?q=order",
        "password": "/settings/password/",
    }
    for name, path in pages.items():
        visitor.page.goto(path)
        visitor.look(name, four=name in ("overview", "spaces"))


@pytest.mark.slow
def test_pages_of_a_space(space: Space, visit: Visit) -> None:
    visitor = visit()
    visitor.sign_in("admin-harbour")
    for name in ("", "contacts/", "access/", "settings/", "history/", "api/", "delete/"):
        visitor.page.goto(f"/spaces/{space.pk}/{name}")
        visitor.look(f"space-{name.rstrip('/') or 'overview'}", four=not name)


@pytest.mark.slow
def test_what_opens_over_a_page(space: Space, visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    visitor.sign_in("admin-harbour")
    page.goto("/spaces/?label=team%3Dsupport&archived=any")
    page.locator("#filter-menu summary").click()
    visitor.look("spaces-filter")
    page.keyboard.press("Escape")
    expect(page.locator("#filter-menu summary")).to_be_focused()
    page.get_by_text("Columns").click()
    visitor.look("spaces-columns")
    page.get_by_label("Created", exact=True).check()
    expect(page.locator("#list thead")).to_contain_text("Created")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-results a").first).to_be_visible()
    page.keyboard.type("warr")
    expect(page.locator("#palette-results a")).to_have_count(1)
    visitor.look("palette")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    page.keyboard.press("Control+k")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#palette-results a").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Warranty desk")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_label("Menu", exact=True).first.click()
    expect(page.get_by_role("navigation", name="Menu").get_by_role("link", name="Spaces")).to_be_visible()
    visitor.look("menu")


@pytest.mark.slow
def test_when_something_is_not_right(space: Space, visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    page.goto("/sign-in/")
    visitor.look("sign-in")
    with visitor.expecting(422):
        page.get_by_label("User name").fill("admin-harbour")
        page.get_by_label("Password").fill("not this one")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("do not match")
    visitor.look("sign-in-wrong")
    visitor.sign_in("admin-harbour")
    page.goto(f"/spaces/{space.pk}/settings/")
    page.get_by_label("Meta").fill('{"a": 1,\n "b"}')
    with visitor.expecting(422):
        page.get_by_role("button", name="Save changes").click()
        expect(page.locator("#id_meta_error")).to_contain_text("line 2, column 5")
    visitor.look("space-settings-wrong")
    page.goto(f"/spaces/{space.pk}/settings/")
    space.change(actor_of(admin_of(space.account)), description="Changed in between.")
    page.get_by_label("Description").fill("Mine.")
    with visitor.expecting(409):
        page.get_by_role("button", name="Save changes").click()
        expect(page.get_by_role("alert")).to_contain_text("Someone else saved")
    visitor.look("space-settings-both", four=True)
    with visitor.expecting(404):
        page.goto("/no/such/page")
    visitor.look("error-404")
    page.goto("/spaces/?q=nothing-has-this-name")
    visitor.look("spaces-nothing")


@pytest.mark.slow
def test_an_empty_account_teaches(live: str, visit: Visit) -> None:
    make_account("fresh")
    visitor = visit()
    visitor.sign_in("admin-fresh")
    expect(visitor.page.get_by_role("heading", level=2).first).to_have_text("No spaces yet")
    visitor.look("overview-empty")
    visitor.page.goto("/spaces/")
    visitor.look("spaces-empty")


@pytest.mark.slow
def test_a_session_that_ended_while_a_list_was_open(space: Space, visit: Visit) -> None:
    visitor = visit()
    visitor.sign_in("admin-harbour")
    visitor.page.goto("/spaces/")
    visitor.context.clear_cookies()
    visitor.page.get_by_label("Search spaces").press_sequentially("ret", delay=20)
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Sign in")


@pytest.mark.slow
def test_no_page_is_wider_than_any_screen(space: Space, visit: Visit) -> None:
    visitor = visit()
    visitor.sign_in("admin-harbour")
    for path in ("/", "/spaces/", f"/spaces/{space.pk}/", f"/spaces/{space.pk}/settings/", f"/spaces/{space.pk}/api/"):
        visitor.page.goto(path)
        for width in (360, 600, 800, 861, 1100, 1920):
            visitor.page.set_viewport_size({"width": width, "height": 900})
            visitor.measure(f"{path} {width}", width)


@pytest.mark.slow
def test_the_theme_switches_at_once_and_is_remembered(space: Space, visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    visitor.sign_in("admin-harbour")
    page.get_by_role("complementary").get_by_role("button", name="Switch to dark theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.wait_for_load_state("networkidle")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
