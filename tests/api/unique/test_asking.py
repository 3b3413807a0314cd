"""Space.create_message, create_chat, update_chat, get_chat_messages, get_latest_message and delete_chat."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chats.answering import answer_chat, dialogue_of
from chats.models import Assessment, Assistant, Chat, Message, Reference
from spaces.models import Space, SpaceAccess
from spaces_project.kit import limits
from spaces_project.kit.ids import Prefix, encode
from tests.api.unique.caller import Caller, caller, refused, space_id, talk_of, told
from tests.api.world import World
from tests.factories import actor_of, make_chat, make_space, say

RULE = {"or": [{"operator": "contains", "path": ["folderIdPath"], "value": "uniquepathid://scope_eng"}]}


@pytest.fixture
def space(world: World) -> Space:
    return world.space(name="Claims")


def ask(who: Caller, space: Space, text: str = "What is covered?", **more: Any) -> Any:
    return who.post("space/message", {"assistantId": space_id(space), "text": text, "toolChoices": [], **more})


def an_hour_ago() -> None:
    """No request is a repetition any more."""
    Message.objects.update(created_at=timezone.now() - timedelta(hours=1))


def test_a_question_in_a_new_chat(world: World, alice: Caller, space: Space) -> None:
    got = told(ask(alice, space, "What  is\ncovered? " + "x" * 80), 201)
    chat = Chat.objects.get()
    assert (chat.space, chat.user, got["chatId"]) == (space, world.alice, chat.unique_id)
    assert chat.name.startswith("What is covered? xxx")
    assert len(chat.name) == 60
    assert (got["object"], got["role"], got["text"][:8]) == ("message", "USER", "What  is")
    assert got["stoppedStreamingAt"] is got["completedAt"] is got["startedStreamingAt"] is None
    assert [(role, state) for role, state, _ in talk_of(chat)] == [("user", ""), ("assistant", "queued")]
    latest = told(alice.get(f"space/{got['chatId']}/messages/latest"))
    assert (latest["role"], latest["text"], latest["stoppedStreamingAt"]) == ("ASSISTANT", None, None)
    assert latest["previousMessageId"] == got["id"]


def test_the_answer_comes_in_the_order_of_the_lifecycle(world: World, alice: Caller, space: Space) -> None:
    got = told(ask(alice, space), 201)
    answer_chat(Chat.objects.get())
    latest = told(alice.get(f"space/{got['chatId']}/messages/latest"))
    times = [latest[f"{name}At"] for name in ("created", "startedStreaming", "stoppedStreaming", "completed")]
    assert None not in times
    assert times == sorted(times)
    assert "not a language model" in latest["text"]
    question = told(alice.get(f"messages/{got['id']}?chatId={got['chatId']}"))
    assert question["debugInfo"]["llm_invocations_complete"] is True
    assert question["stoppedStreamingAt"] is question["completedAt"] is None


def test_a_chat_goes_on(world: World, alice: Caller, space: Space) -> None:
    first = told(ask(alice, space, "One?"), 201)
    second = told(ask(alice, space, "Two?", chatId=first["chatId"]), 201)
    assert second["chatId"] == first["chatId"]
    chat = Chat.objects.get()
    answer_chat(chat)
    assert [(role, state) for role, state, _ in talk_of(chat)] == [("user", ""), ("assistant", "done")] * 2


def test_what_a_message_asks_for_is_kept(world: World, alice: Caller, space: Space) -> None:
    Assistant.of(space).change(
        actor_of(world.alice),
        allow_model_switching=True,
        switchable_language_models=[{"displayName": "4o", "languageModel": "AZURE_GPT_4o"}],
    )
    more = {
        "toolChoices": ["InternalSearch"],
        "scopeRules": RULE,
        "selectedUploadedFileIds": [],
        "correlation": {"parentMessageId": "msg_p", "parentChatId": "chat_p", "parentAssistantId": "assistant_p"},
        "autoApproveElicitation": True,
        "languageModel": "AZURE_GPT_4o",
        "skillChoices": [{"name": "s", "contentId": "cont_s"}],
        "somethingNew": {"a": 1},
    }
    got = told(ask(alice, space, **more), 201)
    assert got["correlation"] == more["correlation"]
    question = Message.objects.get(role="user")
    more.pop("somethingNew")
    assert question.request == more
    dialogue = dialogue_of(Message.objects.get(role="assistant"), Assistant.of(space))
    assert dialogue.rules == (RULE,)
    assert dialogue.model == "AZURE_GPT_4o"


def test_a_deep_rule_is_kept_whole(world: World, alice: Caller, space: Space) -> None:
    rule: Any = {"path": ["a"], "operator": "in", "value": [f"value {n}" for n in range(5000)]}
    for _ in range(12):
        rule = {"and": [rule]}
    told(ask(alice, space, scopeRules=rule), 201)
    assert Message.objects.get(role="user").request["scopeRules"] == rule


def test_nulls_are_absent(world: World, alice: Caller, space: Space) -> None:
    body = {"scopeRules": None, "correlation": None, "chatId": None, "toolChoices": None, "languageModel": None}
    told(ask(alice, space, **body), 201)
    assert Message.objects.get(role="user").request == {}


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ({"path": ["a"], "operator": "equal", "value": 1}, "scopeRules.operator"),
        ({"and": [{"or": []}, {"path": "a", "operator": "equals", "value": 1}]}, "scopeRules.and[1].path"),
        ({}, "scopeRules"),
        ({"not": []}, "scopeRules"),
    ],
)
def test_a_rule_that_is_not_understood_is_refused_with_its_place(
    world: World, alice: Caller, space: Space, rule: Any, place: str
) -> None:
    answer = ask(alice, space, scopeRules=rule)
    assert refused(answer) == (400, "BAD_REQUEST")
    assert answer.json()["error"]["message"].startswith(place)
    assert not Chat.objects.exists()


BROKEN: list[dict[str, Any]] = [
    {"text": ""},
    {"text": " \n"},
    {"text": None},
    {"text": 5},
    {"text": "a\x00b"},
    {"assistantId": None},
    {"toolChoices": "WebSearch"},
    {"skillChoices": ["a"]},
    {"correlation": "msg_1"},
    {"scopeRules": "all"},
    {"languageModel": "gpt-4"},
    {"autoApproveElicitation": "True"},
    {"selectedUploadedFileIds": [1]},
    {"chatId": ""},
]


@pytest.mark.parametrize("wrong", BROKEN)
def test_what_cannot_be_asked_is_refused_and_nothing_stays(
    world: World, alice: Caller, space: Space, wrong: dict[str, Any]
) -> None:
    assert refused(ask(alice, space, **wrong)) == (400, "BAD_REQUEST")
    assert not Chat.objects.exists()


def test_models_that_the_space_does_not_offer(world: World, alice: Caller, space: Space) -> None:
    fields = {"switchable_language_models": [{"displayName": "a", "languageModel": "a"}], "language_model": "b"}
    Assistant.of(space).change(actor_of(world.alice), **fields)
    assert "does not allow" in ask(alice, space, languageModel="a").json()["error"]["message"]
    Assistant.of(space).change(actor_of(world.alice), allow_model_switching=True)
    assert "does not offer" in ask(alice, space, languageModel="c").json()["error"]["message"]
    told(ask(alice, space, languageModel="a"), 201)


def test_a_megabyte_is_kept_and_more_is_refused(world: World, alice: Caller, space: Space) -> None:
    text = "wort " * 200_000 + "x" * 48_576
    assert len(text) == 1024 * 1024
    assert told(ask(alice, space, text), 201)["text"] == text
    assert refused(ask(alice, space, text + "y")) == (400, "BAD_REQUEST")
    assert Message.objects.filter(role="user").count() == 1


def test_a_chat_of_another_space_or_person(world: World, alice: Caller, bob: Caller, space: Space) -> None:
    elsewhere = make_chat(world.space(), world.alice)
    assert refused(ask(alice, space, chatId=elsewhere.unique_id)) == (400, "BAD_REQUEST")
    hers = make_chat(space, world.alice)
    SpaceAccess.grant(space, world.bob, "USE", actor_of(world.alice))
    assert refused(ask(bob, space, chatId=hers.unique_id)) == (404, "NOT_FOUND")
    assert refused(ask(alice, space, chatId="chat_nonsense")) == (404, "NOT_FOUND")
    assert refused(ask(alice, space, chatId=space_id(space))) == (404, "NOT_FOUND")
    assert not Message.objects.exists()
    told(ask(bob, space), 201)
    assert Chat.objects.get(user=world.bob).space == space


def test_an_archived_space_is_not_asked(world: World, alice: Caller, space: Space) -> None:
    chat = make_chat(space, world.alice)
    space.archive(actor_of(world.alice))
    assert refused(ask(alice, space)) == (409, "CONFLICT")
    assert refused(ask(alice, space, chatId=chat.unique_id)) == (409, "CONFLICT")
    body = {"title": "T", "assistantId": space_id(space)}
    assert refused(alice.post("space/chat", body)) == (409, "CONFLICT")
    assert Chat.objects.count() == 1


@pytest.mark.parametrize("is_new", [True, False])
def test_the_same_request_again_gets_the_first_ones_answer(
    world: World, alice: Caller, space: Space, is_new: bool
) -> None:
    more = {} if is_new else {"chatId": make_chat(space, world.alice).unique_id}
    first, again = (told(ask(alice, space, **more), 201) for _ in range(2))
    assert first == again
    assert (Chat.objects.count(), Message.objects.count()) == (1, 2)
    assert told(ask(alice, space, "Another one", **more), 201)["id"] != first["id"]
    an_hour_ago()
    assert told(ask(alice, space, **more), 201)["id"] != first["id"]


def test_requests_of_other_keys_are_other_requests(world: World, alice: Caller, space: Space) -> None:
    first = told(ask(alice, space), 201)
    assert told(ask(caller(world.alice), space), 201)["chatId"] != first["chatId"]


def test_a_key_limited_to_the_space_asks_within_it(world: World, space: Space) -> None:
    limited = caller(world.alice, spaces=[space])
    told(ask(limited, space), 201)
    assert Message.objects.get(role="user").request == {"limited": True, "toolChoices": []}
    dialogue = dialogue_of(Message.objects.get(role="assistant"), Assistant.of(space))
    assert dialogue.actor.only_spaces == frozenset({space.pk})
    assert refused(ask(limited, world.space())) == (404, "NOT_FOUND")


def test_a_chat_is_made_renamed_and_deleted(world: World, alice: Caller, bob: Caller, space: Space) -> None:
    made = told(alice.post("space/chat", {"title": "T", "assistantId": space_id(space)}), 201)
    chat = Chat.objects.get()
    assert set(made) == {"id", "title", "createdAt", "object"}
    assert (made["id"], made["title"], made["object"]) == (chat.unique_id, "T", "chat")
    assert refused(alice.get(f"space/{made['id']}/messages/latest")) == (404, "NOT_FOUND")
    assert told(alice.patch(f"space/chat/{made['id']}", {"title": "T2"}))["title"] == "T2"
    assert refused(alice.patch(f"space/chat/{made['id']}", {"title": ""})) == (400, "BAD_REQUEST")
    assert refused(bob.patch(f"space/chat/{made['id']}", {"title": "B"})) == (404, "NOT_FOUND")
    assert refused(bob.delete(f"space/chat/{made['id']}")) == (404, "NOT_FOUND")
    assert told(alice.delete(f"space/chat/{made['id']}")) == {"chat_id": made["id"]}
    assert refused(alice.delete(f"space/chat/{made['id']}")) == (404, "NOT_FOUND")


def test_deleting_while_answering_leaves_nothing(world: World, alice: Caller, space: Space) -> None:
    got = told(ask(alice, space), 201)
    chat = Chat.objects.get()
    told(alice.delete(f"space/chat/{got['chatId']}"))
    assert answer_chat(chat) is True
    assert not Message.objects.exists()


def test_messages_are_listed_oldest_first_without_other_kinds(world: World, alice: Caller, space: Space) -> None:
    chat = make_chat(space, world.alice)
    for number in range(12):
        say(chat, f"m{number}", "user" if number % 2 == 0 else "assistant", gpt_request={"n": number})
    say(chat, "thinking", "system", kind="reasoning")
    route = f"space/chat/{chat.unique_id}/messages"
    got = told(alice.get(route))
    assert [each["text"] for each in got["messages"]] == [f"m{number}" for number in range(10)]
    assert (got["totalCount"], got["data"]) == (12, got["messages"])
    assert got["messages"][3]["gptRequest"] == {"n": 3}
    rest = told(alice.get(f"{route}?skip=10&take=50&excludeGptRequest=True"))["messages"]
    assert [(each["text"], each["gptRequest"]) for each in rest] == [("m10", None), ("m11", None)]
    listed = told(alice.get(f"messages?chatId={chat.unique_id}&excludeGptRequest=False"))
    assert (listed["object"], listed["has_more"], listed["url"]) == ("list", False, "/messages")
    assert [each["text"] for each in listed["data"]] == [f"m{number}" for number in range(12)]
    for query in ("take=0", "take=101", "take=x", "skip=-1", "excludeGptRequest=perhaps"):
        assert refused(alice.get(f"{route}?{query}")) == (400, "BAD_REQUEST")


def test_the_list_without_pages_stays_small(
    world: World, alice: Caller, space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = make_chat(space, world.alice)
    for number in range(6):
        say(chat, str(number) * 10)
    monkeypatch.setattr(limits, "MESSAGES_PER_LIST", 4)
    texts = [each["text"][0] for each in told(alice.get(f"messages?chatId={chat.unique_id}"))["data"]]
    assert texts == ["2", "3", "4", "5"]
    monkeypatch.setattr(limits, "CHARS_PER_LIST", 15)
    texts = [each["text"][0] for each in told(alice.get(f"messages?chatId={chat.unique_id}"))["data"]]
    assert texts == ["4", "5"]


@pytest.mark.thorough
def test_a_hundred_messages_take_as_many_statements_as_one(world: World, alice: Caller, space: Space) -> None:
    chat = make_chat(space, world.alice)

    def add(number: int) -> None:
        message = say(chat, f"m{number}", "assistant")
        Reference.objects.create(account=world.account, message=message, number=1, name="Doc")
        Assessment.record(actor_of(world.alice), message, "COMPLIANCE", status="DONE", title="Fine")

    add(0)
    told(alice.get("space"))  # the key's first use is noted
    with CaptureQueriesContext(connection) as few:
        told(alice.get(f"space/chat/{chat.unique_id}/messages"))
    for number in range(1, 100):
        add(number)
    with CaptureQueriesContext(connection) as many:
        got = told(alice.get(f"space/chat/{chat.unique_id}/messages?take=100"))["messages"]
    assert len(many) == len(few) <= 8
    assert [each["name"] for message in got for each in message["references"]] == ["Doc"] * 100
    assert [each["status"] for message in got for each in message["assessment"]] == ["DONE"] * 100


def test_references_of_our_answers_point_at_contents(world: World, alice: Caller, space: Space) -> None:
    chat = make_chat(space, world.alice)
    message = say(chat, "Yes <sup>1</sup>", "assistant")
    fields = {"source": "node-ingestion-chunks", "original_index": [1], "pages": [3, 4], "text": "quoted"}
    Reference.objects.create(
        account=world.account, message=message, number=1, name="Doc", memory_id=space.pk, chunk_id=space.pk, **fields
    )
    (got,) = told(alice.get(f"space/{chat.unique_id}/messages/latest"))["references"]
    content = encode(Prefix.CONTENT, space.pk)
    assert got == {
        "name": "Doc : 3,4",
        "description": None,
        "url": f"unique://content/{content}",
        "sequenceNumber": 1,
        "originalIndex": [1],
        "sourceId": f"{content}_chunk_{space.pk.hex}",
        "source": "node-ingestion-chunks",
    }


def test_a_failed_answer_says_why(world: World, alice: Caller, space: Space) -> None:
    got = told(ask(alice, space), 201)
    answer = Message.objects.get(role="assistant")
    now = timezone.now()
    Message.objects.filter(pk=answer.pk).update(state="failed", error="The model is away.", stopped_at=now)
    latest = told(alice.get(f"space/{got['chatId']}/messages/latest"))
    assert latest["text"] == "The model is away."
    assert latest["stoppedStreamingAt"]


def test_a_strangers_chat_is_one_that_never_was(world: World, mallory: Caller, space: Space) -> None:
    chat = make_chat(space, world.alice)
    say(chat, "secret")
    theirs = make_space(world.other, world.mallory)
    never = encode(Prefix.CHAT, world.alice.pk)
    for method, route, body in (
        ("GET", "space/chat/{}/messages", None),
        ("GET", "space/{}/messages/latest", None),
        ("GET", "messages?chatId={}", None),
        ("PATCH", "space/chat/{}", {"title": "mine"}),
        ("DELETE", "space/chat/{}", None),
        ("POST", "space/message", {"assistantId": space_id(theirs), "text": "hi", "chatId": "{}"}),
        ("POST", "space/message", {"assistantId": space_id(space), "text": "hi"}),
        ("POST", "space/chat", {"assistantId": space_id(space), "title": "hi"}),
    ):
        answers = []
        for name in (chat.unique_id, never):
            sent = {key: name if value == "{}" else value for key, value in body.items()} if body else None
            answers.append(mallory.call(method, route.format(name), sent))
        assert refused(answers[0]) == refused(answers[1]) == (404, "NOT_FOUND")
        assert answers[0].content == answers[1].content
    assert (Chat.objects.count(), Message.objects.count()) == (1, 1)
