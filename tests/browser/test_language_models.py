"""An administrator adds a language model, tests it, and somebody watches its answer arrive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from memories.models import LanguageModel
from tests.factories import admin_of, make_account, make_chat, make_space
from tests.openai_server import openai_server

Visit = Callable[..., Any]


@pytest.mark.slow
def test_a_model_is_added_tested_and_answers(live: str, live_worker: Any, visit: Visit) -> None:
    account = make_account("harbour")
    chat = make_chat(make_space(account, name="Warranty"), admin_of(account), name="Cover")
    visitor = visit()
    page = visitor.page
    visitor.sign_in("admin-harbour")
    with openai_server() as server:
        page.goto("/settings/language-models/")
        visitor.look("language-models-none")
        page.get_by_role("link", name="Add a language model").first.click()
        page.get_by_label("Name", exact=True).fill("Small")
        page.get_by_label("Address").fill(server.url)
        page.get_by_label("Model", exact=True).fill("slow:30")
        page.get_by_label("API key").fill("sk-canary")
        page.get_by_label("Default").check()
        visitor.look("language-model-new")
        page.get_by_role("button", name="Add it").click()
        page.get_by_role("button", name="Test it").click()
        expect(page.locator("#test")).to_contain_text("word29", timeout=15_000)
        visitor.look("language-model", four=True)
        assert "sk-canary" not in page.content()
        page.goto(f"/chats/{chat.pk}/")
        page.get_by_role("textbox").last.fill("What is covered?")
        page.keyboard.press("Control+Enter")
        answer = page.locator("article, li").filter(has_text="word2").last
        expect(answer).to_be_visible(timeout=10_000)
        assert "word29" not in page.content()
        expect(answer).to_contain_text("word29", timeout=15_000)
        page.goto("/settings/language-models/")
        visitor.look("language-models")
        page.get_by_role("link", name="Small").click()
        page.get_by_role("link", name="Remove this language model").click()
        visitor.look("language-model-delete")
        page.get_by_role("button", name="Remove it").click()
        expect(page.get_by_text("No language model yet")).to_be_visible()
    assert not LanguageModel.objects.exists()
    visitor.check()


pytestmark = [pytest.mark.xdist_group("workers")]
