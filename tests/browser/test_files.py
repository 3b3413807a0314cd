"""Somebody makes a folder, drops files on it, watches them, moves one, brings a version back, and writes a rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect

from chats.models import Assistant, ScopeRule
from memories.files import by_hand
from memories.models import Builtin, Embedder, Folder, FolderAccess, Memory
from spaces.actors import Actor
from spaces.models import Account, Space
from tests.browser.test_memories import DROP, pdf
from tests.factories import actor_of, admin_of, make_account, make_group, make_space, make_user

Visit = Callable[..., Any]
pytestmark = [pytest.mark.xdist_group("workers")]


def account_with_words() -> Account:
    """Embedded by hashing: no test here is about meanings."""
    account = make_account("harbour")
    Embedder.default_of(account)
    Embedder.objects.of(account).get(builtin=Builtin.HASHING).make_default(actor_of(admin_of(account)))
    return account


@pytest.mark.thorough
def test_a_folder_is_filled_and_a_version_comes_back(live: str, live_worker: Any, visit: Visit) -> None:
    account = account_with_words()
    Folder.create(actor_of(admin_of(account)), account, None, "Archive")
    space = make_space(account, admin_of(account), name="Desk")
    visitor = visit()
    visitor.sign_in("admin-harbour")
    fill_a_folder(visitor.page)
    bring_a_version_back(visitor.page)
    move_a_file(visitor.page)
    assert Memory.objects.get(key="terms.md").folder.name == "Archive"
    write_a_rule(visitor.page, space)
    visitor.check()


def fill_a_folder(page: Any) -> None:
    page.goto("/files/")
    page.get_by_role("link", name="New folder").click()
    page.get_by_label("Name").fill("Contracts")
    page.get_by_role("button", name="Create the folder").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Contracts")
    page.locator("[data-drop]").evaluate(
        DROP, [["care.md", "# Care\n\nOil it."], ["terms.md", "# Terms\n\nFive years."]]
    )
    expect(page.locator("[data-upload-words]")).to_have_text("2 of 2 added")
    expect(page.locator("tbody .state.ok")).to_have_count(2, timeout=20_000)
    assert page.locator("tbody td:has(.state)").all_inner_texts() == ["Ready", "Ready"]
    page.locator("[data-drop]").evaluate(DROP, [["care.md", "# Care\n\nWax it."]])
    expect(page.get_by_text("A file with this name is in the folder already")).to_be_visible()


def bring_a_version_back(page: Any) -> None:
    page.get_by_role("link", name="care.md", exact=True).last.click()
    page.get_by_role("link", name="Versions").click()
    page.locator("#id_files").set_input_files(
        {"name": "care2.md", "mimeType": "text/markdown", "buffer": b"# Care\n\nWax it."}
    )
    page.get_by_role("button", name="Replace the file").click()
    page.get_by_label("Restore version 1").click()
    page.get_by_role("button", name="Restore this version").click()
    expect(page.locator("tbody tr")).to_have_count(3)


def move_a_file(page: Any) -> None:
    page.get_by_role("link", name="Contracts").first.click()
    page.get_by_label("Select terms.md").check()
    page.get_by_role("button", name="Move").click()
    page.get_by_label("To the folder").select_option(label="Archive")
    page.get_by_role("button", name="Move 1 file").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 of 1 file done")
    page.get_by_role("link", name="Back to the list").click()


def write_a_rule(page: Any, space: Space) -> None:
    page.goto(f"/spaces/{space.pk}/assistant/")
    page.get_by_label("Folder files").check()
    rules = page.locator("#rules")
    rules.get_by_text("Add one").click()
    rules.get_by_label("Field").select_option("folderIdPath")
    rules.locator(".of-folder select").first.select_option(label="Contracts")
    expect(rules.locator(".rule-count")).to_have_text("Matches 1 of 2 that you may read: care.md")
    page.get_by_role("button", name="Save changes").click()
    rules.locator(".rule-count").first.scroll_into_view_if_needed()
    expect(rules.locator(".rule-count").first).to_have_text("Matches 1 of 2 that you may read: care.md")


@dataclass
class Shelf:
    """Folders with files in every state: of the ``year`` (in ``contracts``) one has versions, one is a PDF."""

    contracts: Folder
    year: Folder
    leaf: Folder

    @classmethod
    def made(cls, by: Actor, account: Account) -> Shelf:
        tops = {name: Folder.create(by, account, None, name) for name in ("Contracts", "Manuals", "Policies")}
        years = [Folder.create(by, account, tops["Contracts"], name) for name in ("2024", "2025", "2026")]
        leaf = Folder.create(by, account, years[2], "Suppliers and long-term framework agreements")
        return cls(tops["Contracts"], years[2], leaf)

    def fill(self, by: Actor, pdf_bytes: bytes) -> tuple[Memory, Memory]:
        """Gives the file with versions and the PDF."""
        for number, name in enumerate(("Warranty terms", "Care of oak", "Returns", "Price list", "Delivery tariffs")):
            text = f"# {name}\n\nThe frame is covered for five years. Number {number}.".encode() * (number + 1)
            file = by_hand.add(by, self.year, f"{name}.md", text, name=f"{name}.md", mime_type="text/markdown")
        by_hand.replace(by, file, b"# Another\n\nPrice", "text/markdown")
        shown = by_hand.add(by, self.year, "terms.pdf", pdf_bytes, name="terms.pdf", mime_type="application/pdf")
        by_hand.add(by, self.year, "bad.pdf", b"%PDF-1.4", name="bad.pdf", mime_type="application/pdf")
        return file, shown


@pytest.mark.slow
def test_every_page_of_files_looks_right(live: str, live_worker: Any, visit: Visit, tmp_path: Any) -> None:
    account = account_with_words()
    admin, bob = actor_of(admin_of(account)), make_user(account, "bob")
    visitor = visit()
    visitor.sign_in("admin-harbour")
    visitor.page.goto("/files/")
    visitor.look("files-none")
    shelf = Shelf.made(admin, account)
    visitor.page.goto(f"/files/{shelf.leaf.pk}/")
    visitor.look("files-empty")
    file, shown = shelf.fill(admin, pdf(visitor, tmp_path / "terms.pdf").read_bytes())
    FolderAccess.grant(shelf.contracts, make_group(account, bob, name="Purchasing"), "WRITE", admin)
    FolderAccess.grant(shelf.year, bob, "MANAGE", admin)
    look_at_lists(visitor, shelf)
    for tab in ("access", "settings", "history", "api", "delete", "new"):
        visitor.page.goto(f"/files/{shelf.year.pk}/{tab}/")
        visitor.look(f"folder-{tab}")
    for tab in ("", "versions", "settings"):
        visitor.page.goto(f"/memories/{file.pk}/{tab}/".replace("//", "/"))
        visitor.look(f"file-{tab or 'text'}")
    visitor.page.goto(f"/memories/{shown.pk}/")
    visitor.look("file-pdf")
    look_at_rules(visitor, admin, shelf)
    visitor.check()


def look_at_lists(visitor: Any, shelf: Shelf) -> None:
    page = visitor.page
    page.goto("/files/")
    visitor.look("files-top", four=True)
    page.goto(f"/files/{shelf.year.pk}/")
    expect(page.locator("tbody .state.ok")).to_have_count(6, timeout=20_000)
    visitor.look("files-folder", four=True)
    page.locator("[data-drop]").evaluate(DROP, [["care.md", "# Care"], ["Returns.md", "# R"], ["empty.md", ""]])
    expect(page.locator("[data-upload-words]")).to_have_text("1 of 3 added, 2 not")
    page.locator("tbody .tick input").first.check()
    visitor.look("files-dropped", four=True)
    page.goto(f"/files/{shelf.contracts.pk}/?q=frame")
    visitor.look("files-found")
    page.locator("#filter-menu summary").click()
    visitor.look("files-filter")


def look_at_rules(visitor: Any, by: Actor, shelf: Shelf) -> None:
    space = make_space(by.account, by.user, name="Desk")
    rows = [
        {"path": ["folderIdPath"], "operator": "contains", "value": f"uniquepathid://{shelf.contracts.wire_id}"},
        {"path": ["year"], "operator": "greaterThanOrEqual", "value": 2025},
    ]
    rule = {"or": [{"and": rows}, {"path": ["key"], "operator": "in", "value": ["a.pdf", "b.pdf"]}]}
    hard = {"path": ["people"], "operator": "nested", "value": rows[1]}
    titled = ScopeRule(account=by.account, title="Only contracts", rule=rule)
    Assistant.of(space).change(
        by, {ScopeRule: [titled, ScopeRule(account=by.account, rule=hard)]}, internal_search=True
    )
    page = visitor.page
    page.goto(f"/spaces/{space.pk}/assistant/#rules")
    expect(page.locator("#rules .rule-count").first).to_contain_text("Matches 0 of 8")
    page.locator("#rules").get_by_text("Add one").click()
    visitor.look("rules", four=True)
