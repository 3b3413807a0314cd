"""The vendor's npm client, unmodified, keeps memories on a live server whose worker ingests them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.test_chatbotkit import SCRIPT

STORY = SCRIPT.with_name("chatbotkit_memories.mjs")
TEA, OFFICE, COCOA = "Jane prefers tea to coffee", "The office opens at nine", "Jane prefers cocoa"


@pytest.mark.thorough
def test_the_npm_sdk_keeps_memories(live: str, live_worker: Any, node_sdk: Path) -> None:
    from memories.models import Memory
    from memories.texts import add_text
    from tests.factories import actor_of, admin_of, make_account, make_key, make_space, make_user
    from tests.ingesting import use_hashing

    account, other = make_account("acme"), make_account("rival")
    neighbour = add_text(actor_of(admin_of(other)), make_space(other), "Rivals drink tea and cocoa in the office")
    use_hashing(account)
    alice = make_user(account, "alice")
    got = run(node_sdk, live, make_key(alice)[1], make_space(account, alice).wire_id)

    check_reading(got)
    check_lists(got)
    assert got["deleted"] == {"id": got["ids"][1]}
    assert {name: error["code"] for name, error in got["errors"].items()} == {
        "gone": "NOT_FOUND", "text": "BAD_REQUEST", "space": "NOT_FOUND", "search": "BAD_REQUEST",
    }  # fmt: skip
    assert [memory.wire_id for memory in Memory.objects.exclude(pk=neighbour.pk)] == [got["ids"][0]]


def run(folder: Path, *arguments: str) -> Any:
    """What the script got, as an object."""
    shutil.copy(STORY, folder)
    done = subprocess.run(["node", STORY.name, *arguments], cwd=folder, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def check_reading(got: Any) -> None:
    record = got["fetched"]
    assert (record["name"], record["text"], record["botId"]) == ("Tea ☕", TEA, "bot_1")
    assert (record["meta"], record["spaceId"]) == ({"source": "chat"}, None)
    assert got["found"][0] == {"id": got["ids"][0], "text": TEA, "meta": {"source": "chat"}}
    assert [item["text"] for item in got["foundHere"]] == [OFFICE]
    assert got["updated"] == {"id": got["ids"][0]}
    assert (got["refetched"]["text"], got["refetched"]["meta"]) == (COCOA, {"checked": True})
    assert [item["id"] for item in got["refound"]] == [got["ids"][0]]


def check_lists(got: Any) -> None:
    assert got["list"] == got["exported"] == [OFFICE, COCOA]
    assert got["ofContact"] == [got["ids"][0]]
    assert got["streamed"] == [["item", OFFICE]]
    assert got["exportStreamed"] == [["item", OFFICE], ["item", COCOA]]
    assert got["csv"].startswith("id,name,description,contactId,botId,text,createdAt,updatedAt,meta\n")
