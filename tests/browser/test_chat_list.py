"""The list of chats in Chromium: found by a word, sorted, moved and deleted; pictures of it in every look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from chats.models import Chat, Rating
from chats.replies import ask
from spaces.models import Account, Space
from tests.factories import actor_of, admin_of, make_account, make_chat, make_contact, make_space, make_user, say

Visit = Callable[..., Any]
TALKS = (
    ("Where is order 4711?", "It left on Monday and should be with you on Thursday."),
    ("The lamp came with a broken shade", "I am sorry. A new shade is free of charge within thirty days."),
    ("Can I return a table that is assembled?", "Yes, if it is dry and complete. The courier takes it as it stands."),
    ("Do you deliver to islands?", "We do, in two to five days more than to the mainland."),
    ("My gift card says it is empty", "It was used on 3 March for order 2044. Shall I look for a mistake?"),
    ("Which oil for the oak bench?", "Hard wax oil, once in spring and once before winter."),
)


@pytest.fixture
def account(live: str) -> Account:
    """A support desk with chats of all kinds."""
    account = make_account("harbour")
    admin, alice = admin_of(account), make_user(account, "alice", name="Alice")
    desk, trade = make_space(account, alice, name="Customer support"), make_space(account, admin, name="Trade desk")
    fern = make_contact(account, admin, name="Fern Alder", email="fern@example.com")
    for number, (question, answer) in enumerate(TALKS):
        space, user = (desk, alice) if number % 3 else (trade, admin)
        name = "" if number % 2 else f"{question.split('?')[0][:40]}"
        chat = make_chat(space, user, name=name, contact=fern if number in (0, 2) else None)
        say(chat, question)
        say(chat, answer, role="assistant", state="done")
        if number in (0, 1, 4):
            Rating.vote(actor_of(user), chat, None, 1 if number else -1, "Too slow")
        earlier = timezone.now() - timedelta(hours=7 * number**2)
        Chat.objects.filter(pk=chat.pk).update(last_message_at=earlier, created_at=earlier)
    waiting = make_chat(desk, alice, contact=fern)
    say(waiting, "Is anybody there? My order has not come, and I have waited for a long time now, to be honest.")
    failed = make_chat(desk, alice, name="Invoice of last year")
    say(failed, "Please send me the invoice again")
    say(failed, "", role="assistant", state="failed", error="The language model did not answer.")
    Chat.objects.filter(pk=failed.pk).update(is_failed=True)
    ask(actor_of(alice), make_chat(desk, alice, name="Opening hours"), "When do you open on Sunday?")
    return account


def rows(page: Any) -> Any:
    return page.locator("#list tbody tr")


@pytest.mark.slow
def test_a_person_finds_moves_and_deletes_chats(account: Account, visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    visitor.sign_in("admin-harbour")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Chats").click()
    expect(rows(page)).to_have_count(9)
    page.get_by_label("Search chats").fill("order")
    expect(rows(page)).to_have_count(3)
    expect(page.locator("#list mark").first).to_have_text("order")
    page.get_by_label("Search chats").fill("")
    expect(rows(page)).to_have_count(9)
    page.locator("#filter-menu summary").click()
    page.locator("#f-state").select_option("failed")
    page.get_by_role("button", name="Apply filters").click()
    expect(rows(page)).to_have_count(1)
    page.go_back()
    expect(rows(page)).to_have_count(9)
    page.get_by_label("Select Which oil for the oak bench?").check()
    page.get_by_role("button", name="Move").click()
    page.get_by_label("To the space").select_option(label="Trade desk")
    page.get_by_role("button", name="Move 1 chat").click()
    expect(page.locator("main")).to_contain_text("Moved to “Trade desk”")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 of 1 chat done")
    page.get_by_role("link", name="Back to the list").click()
    page.get_by_label("Select this page").check()
    page.get_by_role("button", name="Delete…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete 9 chats?")
    page.get_by_role("button", name="Delete 9 chats").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("9 of 9 chats done")
    assert not Chat.objects.exists()
    page.get_by_role("link", name="Back to the list").click()
    expect(page.get_by_role("heading", name="No chats yet")).to_be_visible()


@pytest.mark.slow
def test_pictures_of_the_lists(account: Account, visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    visitor.sign_in("admin-harbour")
    desk = Space.objects.get(name="Customer support")
    fern = account.contacts.get()
    for name, path in {
        "chats": "/chats/",
        "chats-search": "/chats/?q=order",
        "chats-nothing": "/chats/?q=zzz",
        "space-chats": f"/spaces/{desk.pk}/chats/",
        "contact-chats": f"/contacts/{fern.pk}/chats/",
        "contact-ratings": f"/contacts/{fern.pk}/ratings/",
        "contact-with-chats": f"/contacts/{fern.pk}/",
        "overview-chats": "/",
        "search-chats": "/search/?q=order",
    }.items():
        page.goto(path)
        visitor.look(name, four=name == "chats")
    page.goto("/chats/?state=answered&rating=up")
    page.locator("#filter-menu summary").click()
    visitor.look("chats-filter")
    page.keyboard.press("Escape")
    page.locator("#export-menu summary").click()
    visitor.look("chats-export")


@pytest.mark.slow
def test_pictures_of_bulk_runs_and_of_an_empty_list(account: Account, visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    visitor.sign_in("admin-harbour")
    page.goto("/chats/")
    page.get_by_label("Select this page").check()
    visitor.look("chats-selected")
    page.get_by_role("button", name="Move").click()
    visitor.look("chats-move")
    page.go_back()
    page.get_by_label("Select this page").check()
    page.get_by_role("button", name="Delete…").click()
    visitor.look("chats-delete")
    page.get_by_role("button", name="Delete 9 chats").click()
    visitor.look("chats-result")
    page.goto("/chats/")
    visitor.look("chats-empty")
