"""Somebody ticks folders among files: by keyboard, and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from memories.files import by_hand
from memories.models import Folder
from spaces.models import Account
from tests.browser.test_files import Shelf, account_with_words
from tests.factories import actor_of, admin_of

Visit = Callable[..., Any]
pytestmark = [pytest.mark.xdist_group("workers"), pytest.mark.thorough]


def shelves(account: Account) -> Shelf:
    """/Contracts with 2024, 2025, 2026 and two files; two more in 2026."""
    by = actor_of(admin_of(account))
    shelf = Shelf.made(by, account)
    for folder, name in (
        (shelf.contracts, "Overview.md"), (shelf.contracts, "Rates.md"), (shelf.year, "A.md"), (shelf.year, "B.md"),
    ):  # fmt: skip
        by_hand.add(by, folder, name, b"# Terms", name=name, mime_type="text/markdown")
    return shelf


def test_folders_are_ticked_by_keyboard_moved_and_deleted(live: str, visit: Visit) -> None:
    account = account_with_words()
    shelf, visitor = shelves(account), visit()
    visitor.sign_in("admin-harbour")
    page = visitor.page
    page.goto(f"/files/{shelf.contracts.pk}/")
    page.get_by_label("Select the folder 2025").focus()
    page.keyboard.press("Space")
    page.get_by_label("Select Rates.md").focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-selected]")).to_have_text("2 selected")
    visitor.look("files-folders-ticked", four=True)
    page.get_by_role("button", name="Move").click()
    page.get_by_label("To the folder").select_option(label="Manuals")
    visitor.look("files-folders-move", four=True)
    page.get_by_role("button", name="Move 1 folder and 1 file").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 of 2 folders and files done")
    visitor.look("files-folders-result", four=True)
    page.goto(f"/files/{shelf.contracts.pk}/")
    page.get_by_label("Select this page").check()
    page.get_by_role("button", name="Delete…").click()
    visitor.look("files-folders-delete", four=True)
    page.get_by_role("button", name="Delete 2 folders and 1 file").click()
    assert {*Folder.objects.values_list("name", flat=True)} == {"Contracts", "Manuals", "Policies", "2025"}


def test_folders_are_deleted_without_javascript(live: str, visit: Visit) -> None:
    account = account_with_words()
    shelf, visitor = shelves(account), visit(java_script_enabled=False)
    visitor.sign_in("admin-harbour")
    page = visitor.page
    page.goto(f"/files/{shelf.contracts.pk}/")
    page.get_by_label("Select the folder 2026").check()
    page.get_by_role("button", name="Delete…").click()
    expect(page.get_by_text("Files in them")).to_be_visible()
    page.get_by_role("button", name="Delete 1 folder").click()
    expect(page.get_by_text("Deleted, with everything in it")).to_be_visible()
    assert not Folder.objects.filter(pk=shelf.year.pk).exists()
