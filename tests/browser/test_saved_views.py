"""Saved views and the heads of long tables in Chromium; pictures of them in every look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from spaces.models import Account, SavedView
from tests.factories import make_account, make_contact, make_space, make_user

Visit = Callable[..., Any]
FIRST_CELL = "document.querySelector('thead .tick').getBoundingClientRect().top"


@pytest.fixture
def account(live: str) -> Account:
    account = make_account("harbour")
    alice = make_user(account, "alice", name="Alice")
    fern = make_contact(account, alice, name="Fern Alder", email="fern@example.com")
    for number in range(45):
        labels = {"team": "support" if number % 2 else "sales", "region": "emea"}
        make_space(account, alice, name=f"Desk {number} of the harbour", labels=labels, contact=fern)
    return account


@pytest.mark.slow
def test_a_list_is_saved_as_a_tab_changed_and_deleted(account: Account, visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    visitor.sign_in("alice")
    page.goto("/spaces/")
    page.get_by_label("Search spaces").fill("desk 1")
    expect(page.locator("#list tbody tr")).to_have_count(11)  # 1, and 10 to 19
    page.get_by_text("Columns", exact=True).click()
    page.get_by_role("checkbox", name="Contact", exact=True).uncheck()
    expect(page.locator("#list thead")).not_to_contain_text("Contact")
    page.keyboard.press("Escape")
    page.locator(".views summary").click()
    page.get_by_label("Name", exact=True).fill("Ones")
    page.locator(".view-panel").get_by_role("button", name="Save view").click()
    tabs = page.get_by_role("navigation", name="Saved views")
    expect(tabs.get_by_role("link", name="Ones 11")).to_have_attribute("aria-current", "page")
    expect(page.locator("#list thead")).not_to_contain_text("Contact")

    page.locator("thead").get_by_role("link", name="Name").click()
    expect(page.locator("#list thead [aria-sort]")).to_contain_text("Name")
    page.locator(".views summary").click()
    visitor.look("saved-view-menu", four=True)
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("#list thead [aria-sort]")).to_contain_text("Name")
    assert SavedView.objects.get().query == "q=desk+1&sort=name"

    page.locator(".views summary").click()
    page.get_by_role("link", name="Rename").click()
    page.get_by_label("Name", exact=True).fill("Teens")
    visitor.look("saved-view-settings", four=True)
    page.get_by_role("button", name="Save changes").click()
    expect(tabs.get_by_role("link", name="Teens 11")).to_be_visible()
    page.locator(".views summary").click()
    page.get_by_role("link", name="Delete").click()
    visitor.look("saved-view-delete")
    page.get_by_role("button", name="Delete this view").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Spaces")
    expect(tabs.get_by_role("link", name="Teens")).to_have_count(0)


@pytest.mark.slow
def test_the_head_of_a_table_stays_and_a_wide_one_scrolls_in_its_card(account: Account, visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    visitor.sign_in("alice")
    page.goto("/spaces/")
    page.evaluate("window.scrollTo(0, 900)")
    page.wait_for_function(f"{FIRST_CELL} === 0")
    page.get_by_label("Select this page").check()
    expect(page.locator("#list tbody .tick input:checked")).to_have_count(45)
    page.locator("thead").get_by_role("link", name="Name").click()  # what htmx brings has its head in place as well
    expect(page.locator("#list thead [aria-sort]")).to_contain_text("Name")
    page.evaluate("window.scrollTo(0, 900)")
    page.wait_for_function(f"{FIRST_CELL} === 0")

    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("!document.querySelector('.table-wrap').classList.contains('fits')")
    fade = "getComputedStyle(document.querySelector('.table-wrap')).getPropertyValue('--fade-end')"
    page.wait_for_function(f"{fade} === '24px'")
    page.evaluate("document.querySelector('.table-wrap').scrollLeft = 10000")
    page.wait_for_function(f"{fade} === '0px'")
    visitor.measure("spaces", 390)
