"""The product's story, done by hand: sign in, create, find, change, read the history, download, delete."""

from __future__ import annotations

import csv
import json
import re
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from spaces.models import Account, Space
from tests.factories import admin_of, make_account, make_key, make_space, make_user

Visit = Callable[..., Any]


@pytest.fixture
def account(live: str) -> Account:
    """Harbour with five spaces; its administrator is admin-harbour."""
    account = make_account("harbour")
    alice = make_user(account, "alice")
    for name in ("Order tracking", "Returns and refunds", "Assembly guides", "Trade accounts", "Gift cards"):
        make_space(account, alice, name=name, labels={"team": "support"})
    return account


def rows(page: Any) -> Any:
    return page.locator("#list tbody th a")


def create(page: Any, name: str) -> None:
    page.get_by_role("link", name="New space").first.click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Description").fill("Answers questions about cover, claims and repairs.")
    page.get_by_label("Label key").first.fill("team")
    page.get_by_label("Label value").first.fill("claims")
    page.get_by_role("button", name="Create space").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_the_story(account: Account, visit: Visit, live: str, tmp_path: Path) -> None:
    visitor = visit(accept_downloads=True)
    page = visitor.page
    visitor.sign_in("admin-harbour")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Spaces").click()
    create(page, "Warranty claims")
    space = Space.objects.get(name="Warranty claims")
    assert space.labels == {"team": "claims"}

    _find_and_sort_as_they_type(page)
    _download_what_is_filtered(page, tmp_path)
    rows(page).filter(has_text="Warranty claims").click()
    page.get_by_role("navigation", name="Space").get_by_role("link", name="Settings", exact=True).click()
    page.get_by_label("Name", exact=True).fill("Claims desk")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("#toasts")).to_contain_text("Your changes are saved.")
    page.get_by_role("navigation", name="Space").get_by_role("link", name=re.compile("History")).click()
    expect(page.locator(".history ins").first).to_have_text("name: Claims desk")
    assert _fetched(live, account, space)["name"] == "Claims desk"
    _delete(page)
    assert not Space.objects.filter(pk=space.pk).exists()


def _find_and_sort_as_they_type(page: Any) -> None:
    page.goto("/spaces/")
    expect(rows(page)).to_have_count(6)
    page.get_by_label("Search spaces").press_sequentially("ret", delay=20)
    expect(rows(page)).to_have_text(["Returns and refunds"])
    expect(page).to_have_url(re.compile(r"/spaces/\?q=ret$"))
    expect(page.get_by_label("Search spaces")).to_be_focused()
    page.get_by_label("Search spaces").fill("")
    expect(rows(page)).to_have_count(6)
    page.get_by_role("link", name="Name", exact=True).click()
    expect(rows(page).first).to_have_text("Assembly guides")
    page.get_by_role("link", name="Name", exact=True).click()
    expect(rows(page).first).to_have_text("Warranty claims")
    page.go_back()
    expect(rows(page).first).to_have_text("Assembly guides")


def _download_what_is_filtered(page: Any, folder: Path) -> None:
    page.goto("/spaces/")
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Label", exact=True).fill("team=claims")
    page.get_by_role("button", name="Apply filters").click()
    expect(rows(page)).to_have_text(["Warranty claims"])
    expect(page.locator("#chips")).to_contain_text("team = claims")
    page.locator("#export-menu summary").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("^CSV")).click()
    download.value.save_as(folder / "spaces.csv")
    with (folder / "spaces.csv").open(newline="") as file:
        assert [row["name"] for row in csv.DictReader(file)] == ["Warranty claims"]
    page.keyboard.press("Escape")


def _fetched(live: str, account: Account, space: Space) -> Any:
    _, token = make_key(admin_of(account))
    url = f"{live}/api/v1/space/{space.wire_id}/fetch"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


def _delete(page: Any) -> None:
    page.get_by_role("navigation", name="Space").get_by_role("link", name="Settings", exact=True).click()
    page.get_by_role("link", name="Delete this space").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete “Claims desk”?")
    page.get_by_role("button", name="Delete this space").click()
    expect(page.locator("#toasts")).to_contain_text("is deleted.")


@pytest.mark.slow
def test_the_same_without_javascript(account: Account, visit: Visit) -> None:
    visitor = visit(java_script_enabled=False)
    page = visitor.page
    visitor.sign_in("admin-harbour")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Spaces").click()
    create(page, "Warranty claims")
    page.goto("/spaces/")
    page.get_by_label("Search spaces").fill("warr")
    page.get_by_label("Search spaces").press("Enter")
    expect(rows(page)).to_have_text(["Warranty claims"])
    expect(page).to_have_url(re.compile(r"/spaces/\?q=warr$"))
    rows(page).first.click()
    page.get_by_role("navigation", name="Space").get_by_role("link", name="Settings", exact=True).click()
    page.get_by_label("Name", exact=True).fill("Claims desk")
    page.get_by_role("button", name="Save changes").click()
    page.get_by_role("navigation", name="Space").get_by_role("link", name=re.compile("History")).click()
    expect(page.locator(".history ins").first).to_have_text("name: Claims desk")
    page.get_by_role("button", name="Switch to dark theme").first.click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/search/?q=claims")
    expect(page.get_by_role("link", name=re.compile("Claims desk"))).to_be_visible()
    page.goto("/spaces/?sort=name")
    expect(rows(page).first).to_have_text("Assembly guides")


@pytest.mark.slow
def test_bulk_with_ticks_and_with_everything_that_matches(account: Account, visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    visitor.sign_in("admin-harbour")
    page.goto("/spaces/?sort=name")
    page.get_by_label("Select Assembly guides").check()
    page.get_by_label("Select Order tracking").click(modifiers=["Shift"])
    expect(page.locator("[data-selected]")).to_have_text("3 selected")
    visitor.look("spaces-selected")
    page.get_by_role("button", name="Label", exact=True).click()
    page.get_by_label("Key").fill("season")
    page.get_by_label("Value").fill("winter")
    visitor.look("bulk-confirm")
    page.get_by_role("button", name="Label 3 spaces").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3 of 3 spaces done")
    visitor.look("bulk-result")
    page.goto("/spaces/?label=season%3Dwinter")
    page.get_by_label("Select this page").check()
    page.get_by_label("Select all 3 matching").check()
    page.get_by_role("button", name="Delete…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete 3 spaces?")
    page.get_by_role("button", name="Delete 3 spaces").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3 of 3 spaces done")
    assert set(account.spaces.listed().values_list("name", flat=True)) == {"Returns and refunds", "Trade accounts"}
