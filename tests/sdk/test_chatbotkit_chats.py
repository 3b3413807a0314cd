"""The vendor's npm client, unmodified, holds conversations with a live server whose worker answers."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.test_chatbotkit import SCRIPT

pytestmark = pytest.mark.thorough

STORY = SCRIPT.with_name("chatbotkit_chats.mjs")


def test_the_npm_sdk_holds_conversations(live: str, live_worker: Any, node_sdk: Path) -> None:
    from chats.models import Chat, Message, Rating
    from tests.factories import make_account, make_chat, make_key, make_space, make_user, say

    account = make_account("acme")
    alice = make_user(account, "alice")
    neighbour = say(make_chat(make_space(make_account("rival"))), "Untouched")
    space = make_space(account, alice)
    got = run(node_sdk, live, make_key(alice)[1], space.wire_id)

    check_conversations(got, space.wire_id)
    check_messages(got)
    check_answers(got)
    check_once(got)
    check_visitor(got)
    check_errors(got)
    check_exports(got)
    assert got["after"] == {"name": "FetchError", "code": "NOT_FOUND"}
    assert list(Chat.objects.filter(account=account).values_list("message_count", flat=True)) == [0]
    assert list(Message.objects.values_list("pk", flat=True)) == [neighbour.pk]
    assert not Rating.objects.exists()


def run(folder: Path, *arguments: str) -> Any:
    """What the script got, as an object."""
    shutil.copy(STORY, folder)
    done = subprocess.run(["node", STORY.name, *arguments], cwd=folder, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def check_conversations(got: Any, space: str) -> None:
    one, loose = got["conversation"]["id"], got["loose"]["id"]
    record = got["fetched"]
    assert got["updated"] == {"id": one}
    assert (record["name"], record["description"], record["meta"]) == ("Größe 日本 😀", "D", {"b": 2})
    assert (record["spaceId"], record["model"]) == (space, "gpt-5/temperature=0.7")
    assert got["list"] == [loose, one]
    assert got["bySpace"] == got["ofContact"] == [one]
    assert got["streamed"] == [["item", loose]]


def check_messages(got: Any) -> None:
    identity = got["made"]["id"]
    assert got["made"]["entities"] == []
    assert got["messageUpdated"] == {"id": identity, "entities": []}
    record = got["messageFetched"]
    assert (record["type"], record["text"], record["meta"]) == ("bot", "Guten Tag, größe 😀", {})
    assert got["messages"] == [["user", "hi"], ["bot", "Guten Tag, größe 😀"]]
    assert got["messagesStreamed"] == [["item", "Guten Tag, größe 😀"], ["item", "hi"]]
    assert [each["id"] for each in got["votes"]] == [identity, identity, *[got["conversation"]["id"]] * 2]


def check_answers(got: Any) -> None:
    for answer in (got["complete"], got["received"]):
        assert "not a language model" in answer["text"]
        assert (answer["usage"], answer["end"]) == ({"token": 0}, {"reason": "stop"})
    assert got["sent"]["entities"] == []
    for events in (got["completeStreamed"], got["receivedStreamed"]):
        tokens = "".join(event["data"]["token"] for event in events if event["type"] == "token")
        result = events[-1]["data"]
        assert [event["type"] for event in events if event["type"] != "token"] == [
            "completeBegin", "message", "completeEnd", "usage", "result",
        ]  # fmt: skip
        assert tokens == result["text"] == events[-4]["data"]["text"]
        assert result["id"].startswith("msg_")


def check_once(got: Any) -> None:
    assert set(got["once"]) == {"text", "usage", "end"}
    assert got["onceStreamed"][-1] == {"type": "result", "data": got["once"]}
    assert {event["type"] for event in got["onceStreamed"]} == {
        "completeBegin", "token", "message", "completeEnd", "usage", "result",
    }  # fmt: skip


def check_visitor(got: Any) -> None:
    assert got["session"]["id"] == got["conversation"]["id"]
    assert 3_500_000 < got["session"]["lasts"] <= 3_600_000
    closed = {"name": "FetchError", "code": "NOT_AUTHENTICATED"}
    assert got["visitor"] == {
        "wrote": True,
        "read": "Me again",
        "answered": "stop",
        "others": {"name": "FetchError", "code": "NOT_FOUND"},
        "list": closed,
        "delete": closed,
    }


def check_errors(got: Any) -> None:
    assert {name: error["code"] for name, error in got["errors"].items()} == {
        "unknown": "NOT_FOUND",
        "blank": "BAD_REQUEST",
        "beforeStream": "NOT_FOUND",
        "foreignMessage": "NOT_FOUND",
        "type": "BAD_REQUEST",
        "vote": "BAD_REQUEST",
    }


def check_exports(got: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(got["csv"], newline="")))
    assert [row["id"] for row in rows] == [got["loose"]["id"], got["conversation"]["id"]]
    assert rows[1]["messages"].startswith("user: hi\n\nbot: Guten Tag, größe 😀\n\nuser: What is covered?\n\nbot: ")
    said = got["jsonl"][1]["messages"]
    assert [each["type"] for each in said[:4]] == ["user", "bot", "user", "bot"]
    assert "\n\n".join(f"{each['type']}: {each['text']}" for each in said) == rows[1]["messages"]
