"""Somebody goes through lists with the keyboard: the focus stays, and a new page is read from its top."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from memories.texts import add_text
from spaces.models import Account
from tests.factories import actor_of, admin_of, make_account, make_chat, make_contact, make_group, make_space, make_user

Visit = Callable[..., Any]


@pytest.fixture
def account(live: str) -> Account:
    """Sixty spaces: two pages of the list."""
    account = make_account("harbour")
    for number in range(60):
        make_space(account, admin_of(account), name=f"Space {number:02}", labels={"team": "support"})
    return account


@pytest.mark.slow
def test_the_focus_stays_in_a_list_that_is_sorted_turned_and_filtered(account: Account, visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    visitor.sign_in("admin-harbour")
    page.goto("/spaces/?label=team%3Dsupport")
    page.get_by_role("link", name="Name", exact=True).press("Enter")
    expect(page.locator("thead [aria-sort]")).to_contain_text("Name")
    expect(page.get_by_role("link", name="Name", exact=True)).to_be_focused()
    page.get_by_role("link", name="Next").press("Enter")
    expect(page.locator("tbody tr")).to_have_count(10)
    expect(page.get_by_role("region", name="Spaces", exact=True)).to_be_focused()
    assert page.evaluate("scrollY") == 0
    page.get_by_role("link", name="Remove filter").press("Enter")
    expect(page.locator("#chips a")).to_have_count(0)
    expect(page.get_by_role("region", name="Spaces", exact=True)).to_be_focused()


@pytest.mark.slow
def test_the_words_say_that_all_pages_are_selected(account: Account, visit: Visit) -> None:
    page = (visitor := visit()).page
    visitor.sign_in("admin-harbour")
    page.goto("/spaces/")
    page.locator("tbody .tick input").first.check()
    expect(page.locator("[data-selected]")).to_have_text("1 selected")
    page.get_by_label("Select all 60 matching").check()
    expect(page.locator("[data-selected]")).to_have_text("All 60 selected")


@pytest.mark.slow
def test_the_next_page_of_a_group_is_a_page(account: Account, visit: Visit) -> None:
    group = make_group(account, *(make_user(account, f"team{number:02}") for number in range(55)), name="Claims")
    page = (visitor := visit()).page
    visitor.sign_in("admin-harbour")
    page.goto(f"/settings/groups/{group.pk}/")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("region", name="Members of the group").locator("tbody tr")).to_have_count(5)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)


@pytest.mark.slow
def test_one_long_address_does_not_widen_the_contacts(account: Account, visit: Visit) -> None:
    make_contact(account, name="Fern Alder", email=f"{'x' * 64}@{'y' * 60}.example.com")
    page = (visitor := visit()).page
    visitor.sign_in("admin-harbour")
    page.goto("/contacts/")
    wrap = page.get_by_role("region", name="Contacts")
    assert wrap.evaluate("each => each.scrollWidth <= each.clientWidth")


@pytest.mark.slow
def test_names_without_a_gap_widen_no_page(live: str, visit: Visit) -> None:
    """255 letters, which nothing breaks but the page: as a space, a contact, a chat, a memory and a group."""
    account, name = make_account("harbour"), "W" * 255
    admin = admin_of(account)
    contact = make_contact(account, name=name)
    space = make_space(account, admin, name=name, description="D" * 300, contact=contact, labels={"k" * 60: "v" * 200})
    chat = make_chat(space, admin, name=name, contact=contact)
    memory = add_text(actor_of(admin), space, "X" * 400, name=name)
    group = make_group(account, admin, name="G" * 100)
    visitor = visit()
    visitor.sign_in("admin-harbour")
    for path in (
        "/",
        f"/spaces/{space.pk}/",
        f"/spaces/{space.pk}/settings/",
        f"/spaces/{space.pk}/contacts/",
        f"/spaces/{space.pk}/delete/",
        f"/contacts/{contact.pk}/",
        f"/chats/{chat.pk}/",
        f"/chats/{chat.pk}/contact/",
        f"/memories/{memory.pk}/",
        f"/memories/{memory.pk}/details/",
        f"/memories/{memory.pk}/delete/",
        f"/settings/groups/{group.pk}/",
        f"/chats/new/?space={space.pk}",
        f"/memories/new/?space={space.pk}",
        "/search/retrieval/",
        "/audit/",
    ):
        visitor.page.goto(path)
        for width in (390, 1440):
            visitor.page.set_viewport_size({"width": width, "height": 900})
            visitor.measure(f"{path} {width}", width)
