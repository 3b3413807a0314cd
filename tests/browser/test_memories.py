"""Somebody drops files on a space, watches them being ingested, reads the chunks, and asks for a passage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import expect

from memories.models import Embedder, Memory
from memories.texts import add_text
from tests.factories import actor_of, admin_of, make_account, make_space

pytestmark = pytest.mark.thorough

Visit = Callable[..., Any]
CARE = "# Care\n\nOil the wood twice a year.\n\nOpened joints and warped frames are repaired free of charge."
DROP = """(zone, files) => {
    const data = new DataTransfer();
    for (const [name, text] of files) data.items.add(new File([text], name, { type: "text/markdown" }));
    for (const kind of ["dragover", "drop"]) {
        zone.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
    }
}"""


def pdf(visitor: Any, path: Path) -> Path:
    """A real PDF, made by the browser itself."""
    page = visitor.context.new_page()
    page.set_content(
        "<h1>Warranty terms</h1><p>Solid-wood tables are covered for five years.</p>"
        "<p style='break-before: page'>Whoever sold the lamp takes it back within thirty days.</p>"
    )
    page.pdf(path=path)
    page.close()
    return path


def test_files_are_dropped_watched_and_found(live: str, live_worker: Any, visit: Visit, tmp_path: Path) -> None:
    account = make_account("harbour")
    space = make_space(account, admin_of(account), name="Warranty")
    Embedder.default_of(account)
    visitor = visit()
    page = visitor.page
    visitor.sign_in("admin-harbour")
    page.goto(f"/spaces/{space.pk}/memories/")
    page.get_by_role("link", name="Add memories").click()
    page.locator("[data-drop]").evaluate(DROP, [["care.md", CARE], ["empty.md", ""]])
    expect(page.locator("[data-upload-words]")).to_have_text("1 of 2 added, 1 not")
    expect(page.get_by_text("The file is empty")).to_be_visible()
    page.locator("input[type=file]").set_input_files(pdf(visitor, tmp_path / "terms.pdf"))
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("[data-upload-words]")).to_have_text("2 of 3 added, 1 not")
    page.goto(f"/spaces/{space.pk}/memories/")
    expect(page.locator("tbody .state.ok")).to_have_count(2, timeout=20_000)
    assert page.locator("#moving").get_attribute("hx-get") is None
    page.goto(f"/spaces/{space.pk}/search/")
    page.get_by_label("Question").fill("how long may I return a light?")
    page.get_by_role("button", name="Search", exact=True).click()
    first = page.locator(".result").first
    expect(first).to_contain_text("takes it back within thirty days")
    first.get_by_role("link", name="terms.pdf").click()
    expect(page.locator(".chunk").last).to_contain_text("thirty days")
    visitor.check()


@pytest.mark.slow
def test_every_page_of_memories_looks_right(live: str, live_worker: Any, visit: Visit) -> None:
    account = make_account("harbour")
    admin = admin_of(account)
    space = make_space(account, admin, name="Warranty")
    visitor = visit()
    page = visitor.page
    visitor.sign_in("admin-harbour")
    page.goto("/memories/")
    visitor.look("memories-none")
    page.goto(f"/memories/new/?space={space.pk}")
    visitor.look("memory-new")
    long = "\n\n".join(f"Section {number}. {CARE}" for number in range(40))
    memory = add_text(actor_of(admin), space, long, name="Manual", meta={"year": 2026})
    page.goto(f"/memories/{memory.pk}/")
    expect(page.locator("#progress .state.ok")).to_be_visible(timeout=20_000)
    expect(page.locator(".chunk").first).to_be_visible()
    visitor.look("memory-text", four=True)
    for tab in ("chunks", "attempts", "details", "settings", "history", "api", "text", "delete"):
        page.goto(f"/memories/{memory.pk}/{tab}/")
        visitor.look(f"memory-{tab}")
    page.goto("/memories/")
    page.locator("tbody .tick input").first.check()
    visitor.look("memories-selected", four=True)
    page.goto("/search/retrieval/?text=who+repairs+joints")
    visitor.look("search-lab", four=True)
    page.goto(f"/spaces/{space.pk}/memory-settings/")
    page.get_by_label("Overlap").fill("600")
    expect(page.get_by_text("Must be smaller than the largest chunk.")).to_be_visible()
    visitor.look("memory-settings-wrong")
    page.get_by_label("Overlap").fill("10")
    page.get_by_label("Largest chunk").first.fill("120")
    expect(page.locator("#preview .chunk")).to_have_count(8, timeout=5_000)
    visitor.look("memory-settings", four=True)
    for kind in ("embedders", "rerankers"):
        page.goto(f"/settings/{kind}/")
        visitor.look(kind)
        page.goto(f"/settings/{kind}/new/")
        visitor.look(f"{kind}-new")
    assert Memory.objects.filter(pk=memory.pk, state="completed").exists()
    visitor.check()


@pytest.mark.slow
def test_files_dropped_after_the_session_ended_say_so(live: str, visit: Visit) -> None:
    account = make_account("harbour")
    space = make_space(account, admin_of(account), name="Warranty")
    visitor = visit()
    page = visitor.page
    visitor.sign_in("admin-harbour")
    page.goto(f"/memories/new/?space={space.pk}")
    visitor.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.locator("[data-drop]").evaluate(DROP, [["care.md", CARE]])
    expect(page.get_by_text("You were signed out: reload the page.")).to_be_visible()
    visitor.check()
