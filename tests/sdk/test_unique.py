"""The vendor's Python client, unmodified, against a live server and a worker: sync, async, and waiting for answers."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.sdk.unique_client import IGNORED, in_its_own_loop

pytestmark = pytest.mark.filterwarnings(*IGNORED)
MODULE = {"name": "UniqueAi", "weight": 10000, "configuration": {}}
NEW = {"fallbackModule": "UniqueAi", "modules": [MODULE]}


def test_the_sync_client_does_the_whole_story(sdk: Any) -> None:
    from spaces.models import Space as Stored
    from spaces.models import SpaceAccess
    from tests.api.unique.caller import user_id

    who = ("alice", "acme")
    space = sdk.Space.create_space(*who, name="Support", chatUpload="ENABLED", settings=None, **NEW)
    assert space.id.startswith("assistant_")
    assert space.modules[0].name == "UniqueAi"
    for attribute in ("title", "alert", "inputLimit", "scopeRules", "assistantMcpServers", "createdAt"):
        getattr(space, attribute)
    assert [each.id for each in sdk.Space.get_spaces(*who, name="sup", skip=0, take=10)["data"]] == [space.id]
    changes = {"title": "T", "modules": [{"moduleId": space.modules[0].id, "configuration": {"k": 1}}]}
    assert sdk.Space.update_space(*who, space.id, **changes).modules[0].configuration == {"k": 1}

    bob = user_id(sdk.people.bob)
    entries = [{"entityId": bob, "entityType": "USER", "type": "USE"}]
    added = sdk.Space.add_space_access(*who, space.id, access=entries)["access"]
    assert sdk.Space.get_space_access(*who, space.id)["access"] == added
    assert sdk.Space.delete_space_access(*who, space.id, accessIds=[added[0]["id"]])["success"] is True
    assert not SpaceAccess.objects.exists()
    assert sdk.Space.get_mcp_server_status(*who, space.id)["mcpServers"] == []

    check_messages(sdk, who, space.id)
    check_people(sdk, who)
    check_errors(sdk, who, space.id)
    assert sdk.Space.delete_space(*who, space.id)["id"] == space.id
    assert not Stored.objects.listed().exists()


def check_messages(sdk: Any, who: tuple[str, str], space: str) -> None:
    chat = sdk.Space.create_chat(*who, title="T", assistantId=space)
    assert sdk.Space.update_chat(*who, chat.id, title="T2").title == "T2"
    asked = sdk.Space.create_message(*who, assistantId=space, chatId=chat.id, text="Hello?", scopeRules=None)
    assert isinstance(asked, sdk.Message)
    listed = sdk.Message.list(*who, chatId=chat.id)
    assert [message.role for message in listed] == ["USER", "ASSISTANT"]
    answer = listed.data[1]
    reference = {
        "name": "Doc", "url": "unique://content/cont_1", "sequenceNumber": 1, "originalIndex": [1],
        "sourceId": "cont_1_chunk_1", "source": "node-ingestion-chunks", "description": "",
    }  # fmt: skip
    changed = sdk.Message.modify(
        *who, id=answer.id, chatId=chat.id, text="Hi <sup>1</sup>", references=[reference],
        completedAt="2040-01-01T00:00:00Z",
    )  # fmt: skip
    assert changed.references[0].sourceId == "cont_1_chunk_1"
    assert sdk.Message.retrieve(*who, answer.id, chatId=chat.id).completedAt == "2040-01-01T00:00:00.000Z"
    got = sdk.Space.get_chat_messages(*who, chat.id, skip=0, take=50, excludeGptRequest=True)
    assert got.totalCount == len(got.messages) == len(got.data) == 2
    assert sdk.Space.get_latest_message(*who, chat.id).text == "Hi <sup>1</sup>"
    check_notes(sdk, who, chat.id, answer.id)
    made = sdk.Message.create(
        *who, chatId=chat.id, assistantId=space, role="ASSISTANT", text="More.", references=None, debugInfo=None,
        completedAt=None,
    )  # fmt: skip
    assert sdk.Message.create_event(*who, messageId=made.id, chatId=chat.id, text="par").text == "par"
    assert sdk.Message.delete(made.id, *who, chatId=chat.id).id == made.id
    assert sdk.Space.delete_chat(*who, chat.id)["chat_id"] == chat.id


def check_notes(sdk: Any, who: tuple[str, str], chat: str, message: str) -> None:
    check = {"status": "PENDING", "title": None, "explanation": None, "label": None}
    sdk.MessageAssessment.create(*who, messageId=message, type="HALLUCINATION", isVisible=True, **check)
    done = {**check, "status": "DONE", "label": "GREEN"}
    assert sdk.MessageAssessment.modify(*who, messageId=message, type="HALLUCINATION", **done).label == "GREEN"
    log = sdk.MessageLog.create(*who, messageId=message, text="Searching", status="RUNNING", order=1)
    assert sdk.MessageLog.update(*who, message_log_id=log.id, status="COMPLETED").text == "Searching"
    assert sdk.ShortTermMemory.find_latest(*who, memoryName="facts", chatId=chat) == {}
    kept = sdk.ShortTermMemory.create(*who, memoryName="facts", chatId=chat, data="x")
    assert sdk.ShortTermMemory.find_latest(*who, memoryName="facts", chatId=chat).id == kept.id


def check_people(sdk: Any, who: tuple[str, str]) -> None:
    (alice,) = sdk.User.get_users(*who, userName="alice")["users"]
    assert sdk.User.get_by_id(*who, alice["id"])["userName"] == "alice"
    assert sdk.User.get_user_groups(*who, alice["id"])["groups"] == []
    kept = sdk.User.update_user_configuration(*who, userConfiguration={"theme": "dark"})
    assert kept["userConfiguration"] == {"theme": "dark"}
    assert sdk.Group.get_groups(*who)["groups"] == []


def check_errors(sdk: Any, who: tuple[str, str], space: str) -> None:
    from unique_sdk._error import PermissionError as Forbidden

    begun = time.monotonic()
    with pytest.raises(sdk.InvalidRequestError, match="Chat not found") as missing:
        sdk.Space.get_latest_message(*who, "chat_nothing")
    assert (missing.value.http_status, missing.value.code) == (404, "NOT_FOUND")
    with pytest.raises(sdk.InvalidRequestError, match="take: Must be"):
        sdk.Space.get_spaces(*who, take=5000)
    with pytest.raises(sdk.InvalidRequestError, match=r"scopeRules\.operator"):
        sdk.Space.create_message(
            *who, assistantId=space, text="x", scopeRules={"path": ["a"], "operator": "is", "value": 1}
        )
    with pytest.raises(sdk.InvalidRequestError, match="not implemented"):
        sdk.MessageExecution.get(*who, messageId="msg_x")
    for stranger in (("bob", "acme"), ("alice", "rival")):
        with pytest.raises(Forbidden):
            sdk.Space.get_spaces(*stranger)
    known, sdk.api_key = sdk.api_key, "ukey_wrong"
    with pytest.raises(sdk.AuthenticationError):
        sdk.Space.get_spaces(*who)
    sdk.api_key = known
    assert time.monotonic() - begun < 3, "the client repeats nothing of this"


def test_the_async_client_asks_once_and_waits_for_the_answer(sdk: Any, live_worker: Any) -> None:
    """Each ``asyncio.run`` finds the client's pool bound to a dead loop: on a kept connection it would ask twice."""
    from unique_sdk.utils.chat_in_space import get_message_invocations, send_message_and_wait_for_completion

    from chats.models import Chat, Message

    who = ("alice", "acme")
    space = in_its_own_loop(sdk.Space.create_space_async(*who, name="Support", **NEW)).id

    def ask(text: str, **more: Any) -> Any:
        coroutine = send_message_and_wait_for_completion(*who, space, text, poll_interval=0.1, max_wait=30, **more)
        return in_its_own_loop(coroutine)

    first = ask("One?")
    assert "not a language model" in first["text"]
    assert first["stoppedStreamingAt"]
    second = ask("Two?", chat_id=first["chatId"], stop_condition="completedAt", wait_for_invocations=True)
    assert second["debugInfo"]["llm_invocations_complete"] is True
    assert get_message_invocations(second) == []
    third = ask("Three?", tool_choices=["InternalSearch"])
    assert (first["chatId"] == second["chatId"], first["chatId"] == third["chatId"]) == (True, False)
    questions = Message.objects.filter(role="user").order_by("created_at").values_list("text", flat=True)
    assert list(questions) == ["One?", "Two?", "Three?"]
    assert (Chat.objects.count(), Message.objects.count()) == (2, 6)
    listed = in_its_own_loop(sdk.Space.get_chat_messages_async(*who, first["chatId"], take=100))
    assert [each["text"] for each in listed["messages"]][::2] == ["One?", "Two?"]
    assert in_its_own_loop(sdk.Space.delete_chat_async(*who, first["chatId"]))["chat_id"] == first["chatId"]


def test_connections_are_closed_after_each_answer(live: str) -> None:
    """Also those of errors; ChatBotKit's stay open."""
    import requests

    with requests.Session() as session:
        for path, expected in (("/public/chat-gen2/space", "close"), ("/api/v1/space/list", "keep-alive")):
            assert session.get(live + path).headers.get("Connection", "keep-alive").lower() == expected


@pytest.mark.slow
def test_the_same_question_sent_at_once_is_asked_once(sdk: Any) -> None:
    """Also on connections that stay open, as behind a proxy."""
    from concurrent.futures import ThreadPoolExecutor

    from chats.models import Chat, Message
    from tests.api.unique.caller import space_id

    space = space_id(sdk.people.space())

    def ask(text: str) -> str:
        return sdk.Space.create_message("alice", "acme", assistantId=space, text=text).id

    with ThreadPoolExecutor(6) as threads:
        ids = list(threads.map(ask, ["One?"] * 5 + ["Two?"]))
    assert len(set(ids[:5])) == 1
    assert len(set(ids)) == 2
    assert (Chat.objects.count(), Message.objects.count()) == (2, 4)
