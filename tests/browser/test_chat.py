"""A chat in a browser: write, watch the answer arrive, rate it, find it in the history; with and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from chats.answering import Writer, answer_chat, claim
from chats.models import Assessment, Assistant, AssistantPrompt, Chat, Message, Rating, Reference
from chats.responders import References, Said, Thought
from memories.retrieval import Passage
from spaces.models import Account, Space
from tests.factories import actor_of, admin_of, make_account, make_chat, make_contact, make_space, make_user, say

pytestmark = pytest.mark.thorough

Visit = Callable[..., Any]
FIRST = "Yes. Solid-wood tables carry a **five-year structural warranty** <sup>1</sup>"
REST = ", so yours is covered until February 2028 <sup>2</sup>.\n"


@pytest.fixture
def account(live: str) -> Account:
    return make_account("harbour")


@pytest.fixture
def space(account: Account) -> Space:
    return make_space(account, make_user(account, "alice", name="Alice Marsh"), name="Warranty claims")


def passage(name: str, text: str, score: float) -> Passage:
    return Passage(uuid4(), uuid4(), uuid4(), text=text, name=name, score=score, pages=(2, 2))


def written(chat: Chat) -> Writer:
    """The answer that is due, in the hands of a worker: this test."""
    message = claim(Chat.objects.select_related("space", "space__account").get(pk=chat.pk))
    assert isinstance(message, Message)
    return Writer(message)


def test_the_story(space: Space, visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    visitor.sign_in("alice")
    page.goto(f"/chats/new/?space={space.pk}")
    page.get_by_role("button", name="Start chat").click()
    expect(page.get_by_role("heading", level=2).first).to_have_text("Nothing has been said yet")
    page.get_by_label("Message", exact=True).fill("Our oak table has split along the joint.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message.user")).to_contain_text("Our oak table has split")
    expect(page.locator("[data-pending]")).to_have_count(1)
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    expect(page.get_by_label("Message", exact=True)).to_have_value("")
    chat = Chat.objects.get(space=space)
    _watch_the_answer_arrive(page, chat)
    page.locator(".message.assistant").get_by_role("button", name="Helpful", exact=True).click()
    expect(page.locator(".message.assistant").get_by_role("button", name="Helpful", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    assert Rating.objects.get(chat=chat).value == 100
    visitor._axe("transcript")
    page.reload()
    expect(page.locator(".message.assistant .prose strong")).to_have_text("five-year structural warranty")
    page.get_by_role("navigation", name="Chat").get_by_role("link", name=re.compile("History")).click()
    expect(page.locator(".history")).to_contain_text("created this chat")
    visitor._axe("history")


def _watch_the_answer_arrive(page: Any, chat: Chat) -> None:
    writer = written(chat)
    writer.take(Thought("Let me see."))
    writer.take(Said(FIRST))
    answer = page.locator(".message.assistant .prose")
    expect(answer.locator("strong")).to_have_text("five-year structural warranty")
    expect(page.locator(".caret")).to_be_visible()
    expect(page.locator(".state.run").first).to_contain_text("Writing")
    writer.take(Said(REST))
    writer.take(References((passage("Terms.pdf", "Five years.", 0.91), passage("Care.md", "Keep it dry.", 0.8))))
    writer.finish()
    expect(page.locator("[data-pending]")).to_have_count(0)
    expect(answer).to_contain_text("covered until February 2028")
    expect(page.locator(".caret")).to_have_count(0)
    expect(page.get_by_label("Reference 2")).to_be_visible()
    expect(page.locator("#sources .source")).to_have_count(2)
    expect(page.locator("#said")).to_have_text("The answer is complete.")


@pytest.mark.slow
def test_two_tabs_see_the_same_and_one_stops(space: Space, visit: Visit) -> None:
    chat = make_chat(space, name="Oak table")
    first, second = visit(), visit()
    for visitor in (first, second):
        visitor.sign_in("alice")
        visitor.page.goto(f"/chats/{chat.pk}/")
    first.page.get_by_label("Message", exact=True).fill("One?")
    first.page.get_by_role("button", name="Send").click()
    expect(first.page.locator("[data-pending]")).to_have_count(1)
    second.page.reload()
    writer = written(chat)
    writer.take(Said("Half of "))
    for visitor in (first, second):
        expect(visitor.page.locator(".message.assistant .prose")).to_contain_text("Half of")
    second.page.get_by_role("button", name="Stop").click()
    for visitor in (first, second):
        expect(visitor.page.locator(".message.assistant")).to_contain_text("Stopped")
        expect(visitor.page.locator("[data-pending]")).to_have_count(0)


@pytest.mark.slow
def test_without_a_stream_the_page_asks(space: Space, visit: Visit) -> None:
    chat = make_chat(space, name="Oak table")
    visitor = visit()
    page = visitor.page
    page.route("**/stream/**", lambda route: route.fulfill(status=503, headers={"Retry-After": "5"}, body="busy"))
    visitor.sign_in("alice")
    page.goto(f"/chats/{chat.pk}/")
    with visitor.expecting(503):
        page.get_by_label("Message", exact=True).fill("One?")
        page.get_by_role("button", name="Send").click()
        expect(page.locator("[data-pending]")).to_have_count(1)
        answer_chat(Chat.objects.get(pk=chat.pk))
        expect(page.locator(".message.assistant")).to_contain_text("not a language model")
        expect(page.locator("[data-pending]")).to_have_count(0)


@pytest.mark.slow
def test_a_chat_that_is_deleted_while_its_answer_is_due(space: Space, visit: Visit) -> None:
    chat = make_chat(space, name="Oak table")
    visitor = visit()
    visitor.sign_in("alice")
    visitor.page.goto(f"/chats/{chat.pk}/")
    visitor.page.get_by_label("Message", exact=True).fill("One?")
    visitor.page.get_by_role("button", name="Send").click()
    expect(visitor.page.locator("[data-pending]")).to_have_count(1)
    with visitor.expecting(404):
        chat.remove(actor_of(admin_of(chat.account)))
        expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Nothing here")


@pytest.mark.slow
def test_the_same_without_javascript(space: Space, visit: Visit) -> None:
    visitor = visit(java_script_enabled=False)
    page = visitor.page
    visitor.sign_in("alice")
    page.goto(f"/chats/new/?space={space.pk}")
    page.get_by_label("First message").fill("Our oak table has split.")
    page.get_by_role("button", name="Start chat").click()
    chat = Chat.objects.get(space=space)
    answer_chat(chat)
    page.get_by_role("link", name="Refresh").click()
    expect(page.locator(".message.assistant")).to_contain_text("not a language model")
    page.get_by_label("Message", exact=True).fill("And the receipt?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-pending]")).to_have_count(1)
    answer_chat(Chat.objects.get(pk=chat.pk))
    expect(page.locator("[data-pending]")).to_have_count(0)  # the page came again by itself
    page.get_by_role("button", name="Not helpful").last.click()
    expect(page.get_by_role("button", name="Not helpful").last).to_have_attribute("aria-pressed", "true")


# ------------------------------------------------------------------- pictures

ANSWER = """Yes. Solid-wood tables carry a **five-year structural warranty** <sup>1</sup>, so yours, bought in
February 2023, is covered until February 2028. A joint that opens
is treated as a structural fault, not as wear <sup>2</sup>.

To open a claim, please have ready:

1. the order number, or the receipt. One of them is enough <sup>3</sup>
2. two photos: the whole table, and the joint from close by
3. the article code printed under the table top, such as `OT-2200-S`

| Age of table | What we do |
|---|---|
| up to 2 years | repair or replace, pickup included |
| 2 to 5 years | repair at home, parts and labour free <sup>2</sup> |
"""
SOURCES = (
    ("Warranty terms 2026.pdf", "Solid-wood tables, benches and bed frames: five years on structure.", 0.91),
    ("Warranty terms 2026.pdf", "Opened joints, warped frames and broken fittings are structural faults.", 0.87),
    ("Claim handling, internal.docx", "Proof of purchase is the order number, the receipt or the card.", 0.79),
)


@pytest.fixture
def chat(space: Space) -> Chat:
    """A lived-in chat."""
    by = actor_of(space.owner)
    contact = make_contact(space.account, space.owner, name="Fern Alder", email="fern@example.com")
    chat = make_chat(space, name="Oak table, split along the joint", contact=contact)
    Assistant.of(space).change(by, title="Claims desk", alert="Do not enter card numbers.", input_limit=4000)
    say(chat, "Answer from the warranty documents only. Quote the clause.", "system", kind="instruction")
    say(chat, "Hi, our oak dining table has split along the joint on one end. Is that still covered?")
    answer = say(chat, ANSWER, "assistant", state="done")
    for number, (name, text, score) in enumerate(SOURCES, start=1):
        Reference.objects.create(
            account_id=chat.account_id, message=answer, number=number, name=name, text=text, score=score, pages=[number]
        )
    Assessment.record(by, answer, "HALLUCINATION", status="DONE", label="GREEN", title="Grounded 0.96")
    Assessment.record(by, answer, "COMPLIANCE", status="DONE", label="YELLOW", title="Claim without source")
    Rating.vote(by, chat, answer, 100, "Short and right.")
    say(chat, "Great. The table stood in a room with floor heating though.")
    say(chat, "", "assistant", state="failed", error="The language model did not answer in time.")
    say(chat, "Can someone come and look?")
    say(chat, "Yes, a technician can visit. Home inspections are free within", "assistant", state="waiting")
    return chat


@pytest.mark.slow
def test_pictures_of_a_chat(chat: Chat, visit: Visit) -> None:
    visitor = visit()
    visitor.sign_in("alice")
    for name in ("", "contact/", "assessments/", "history/", "raw/", "api/", "settings/", "delete/"):
        visitor.page.goto(f"/chats/{chat.pk}/{name}")
        visitor.page.evaluate("scrollTo(0, 0)")
        visitor.look(f"chat-{name.rstrip('/') or 'transcript'}", four=not name)


@pytest.mark.slow
def test_pictures_of_beginnings(space: Space, visit: Visit) -> None:
    by = actor_of(space.owner)
    assistant = Assistant.of(space)
    assistant.change(by, title="Claims desk", explanation="Ask about cover, claims and repairs.")
    prompts = ("Is my table covered?", "What do I need for a claim?", "How long does a repair take?")
    made = [
        AssistantPrompt(account_id=space.account_id, assistant=assistant, title=each, prompt=each) for each in prompts
    ]
    assistant.replace(by, AssistantPrompt, made)
    chat = make_chat(space)
    visitor = visit()
    visitor.sign_in("alice")
    visitor.page.goto(f"/chats/new/?space={space.pk}")
    visitor.look("chat-new")
    visitor.page.goto(f"/chats/{chat.pk}/")
    visitor.look("chat-empty", four=True)
    visitor.page.get_by_role("button", name="Is my table covered?").click()
    expect(visitor.page.locator(".message.user")).to_contain_text("Is my table covered?")


@pytest.mark.slow
def test_pictures_of_the_assistant(space: Space, visit: Visit) -> None:
    by = actor_of(space.owner)
    Assistant.of(space).change(
        by,
        {AssistantPrompt: [AssistantPrompt(account_id=space.account_id, title="Cover", prompt="Is it covered?")]},
        title="Claims desk",
        goals=["Answer from the terms", "Quote the clause"],
    )
    visitor = visit()
    page = visitor.page
    visitor.sign_in("alice")
    page.goto(f"/spaces/{space.pk}/assistant/")
    visitor.look("assistant", four=True)
    page.locator("#rules summary").click()
    page.locator("#rules").get_by_label("Rule").fill('{"operator": "resembles"}')
    with visitor.expecting(422):
        page.get_by_role("button", name="Save changes").click()
        expect(page.locator("#rules .error")).to_be_visible()
    page.evaluate("scrollTo(0, 0)")
    visitor.look("assistant-wrong")
