"""``unique-cli``, unmodified, as a subprocess against a live server and a worker: files, folders and sub-agents."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.unique_cli import Session, environment, run
from tests.sdk.unique_client import IGNORED

pytestmark = [pytest.mark.thorough, pytest.mark.filterwarnings(*IGNORED)]
REPORT = "The annual report says that revenue grew by seven percent."


@pytest.fixture
def env(live: str, sdk: Any) -> dict[str, str]:
    return environment(live, sdk.api_key)


def content_of(answer: str) -> str:
    """The content's id in an answer."""
    found = re.search(r"cont_[a-z0-9]+", answer)
    assert found, answer
    return found[0]


def wait_until_ready() -> None:
    """Until every file is ingested."""
    from memories.models import Memory

    end = time.monotonic() + 60
    while time.monotonic() < end:
        states = set(Memory.objects.values_list("state", flat=True))
        if states <= {"completed"}:
            return
        assert "failed" not in states, Memory.objects.values_list("name", "failure")
        time.sleep(0.1)
    raise AssertionError(list(Memory.objects.values_list("name", "state")))


def test_a_session_with_files_and_folders(env: dict[str, str], live_worker: Any, tmp_path: Path) -> None:
    from memories.models import Folder, Memory

    (tmp_path / "report.txt").write_text(REPORT)
    with Session(env, tmp_path) as say:
        content = add_and_find(say)
        download_and_rename(say, tmp_path, content)
        replace_and_restore(say, tmp_path, content)
        move_and_delete(say, content)
    assert [folder.name for folder in Folder.objects.all()] == ["Docs"]
    assert not Memory.objects.exists()


def add_and_find(say: Session) -> str:
    """Folders, and the same file in two of them; gives the id of the first."""
    assert say("ls").startswith("(empty)")
    assert say("mkdir /Docs/Old").startswith("Created: /Docs/Old (scope_")
    assert say("cd /Docs") == "/Docs"
    assert say("pwd") == "/Docs"
    assert say("mkdir Old").startswith("Created: /Docs/Old (scope_"), "it exists already"
    content = content_of(say("upload report.txt"))
    assert say("upload report.txt Old/") != ""
    wait_until_ready()
    listing = say("ls")
    assert re.search(r"DIR +Old/ +scope_\w+", listing), listing
    assert re.search(rf"FILE +report\.txt +{content} +{len(REPORT)} B", listing), listing
    assert "report.txt" in say("ls /Docs/Old")
    assert REPORT in say(f"read {content}")
    found = say("search revenue --folder /Docs --metadata mimeType=text/plain")
    assert ("Found 1 result(s)" in found, content in found) == (True, True), "of the folder itself"
    assert content not in say("search revenue --folder /Docs/Old")
    assert "No results found" in say("search revenue --metadata mimeType=application/pdf")
    return content


def download_and_rename(say: Session, tmp_path: Path, content: str) -> None:
    for name, place in (("report.txt", "a.txt"), ("/Docs/Old/report.txt", "b.txt"), (content, "c.txt")):
        assert say(f"download {name} {tmp_path / place}").startswith("Downloaded: ")
        assert (tmp_path / place).read_text() == REPORT
    assert say("mv report.txt annual.txt").startswith("Renamed: report.txt -> annual.txt")
    assert "annual.txt" in say("ls")


def replace_and_restore(say: Session, tmp_path: Path, content: str) -> None:
    assert "No versions found." in say("versions annual.txt")
    (tmp_path / "report.txt").write_text("A second draft.")
    assert content_of(say("upload report.txt")) == content, "the same key in the same folder is the same file"
    wait_until_ready()
    version = re.search(r"version_\w+", say(f"versions {content}"))
    assert version
    assert say(f"restore-version {version[0]}").startswith("Restored: ")
    wait_until_ready()
    assert REPORT in say(f"read {content}")


def move_and_delete(say: Session, content: str) -> None:
    assert say("mvdir Old Archive").startswith("Renamed folder -> Archive")
    assert "report.txt" in say("ls Archive")
    assert say("rmdir Archive").startswith("Deleted folder"), "which the client says without looking"
    assert "report.txt" in say("ls Archive")
    assert say(f"rm {content}") == f"Deleted: {content} ({content})"
    assert say("rmdir Archive -r").startswith("Deleted folder")
    assert say("ls").startswith("(empty)")


@pytest.mark.thorough
def test_single_commands_say_what_went_wrong(env: dict[str, str], tmp_path: Path) -> None:
    from memories.models import Folder

    (tmp_path / "report.txt").write_text(REPORT)
    assert run(env, tmp_path, "mkdir", "/Docs")[0] == 0
    status, said = run(env, tmp_path, "upload", "report.txt", "/Docs/")
    assert (status, said.startswith("Uploaded: report.txt (cont_")) == (0, True), said
    for words, wanted in (
        (("ls", "/Nowhere"), "Folder not found"),
        (("upload", "report.txt", "/Nowhere/"), "Folder not found"),
        (("mkdir", "/Docs/a\u202eb"), "direction of writing"),
        (("mkdir", f"/{'x' * 300}"), "255"),
        (("read", "cont_nothing"), "no content found"),
    ):
        status, said = run(env, tmp_path, *words)
        assert (status, wanted in said) == (1, True), said
    assert "Status code 404" in run(env, tmp_path, "download", "cont_nothing")[1]
    with Session(env, tmp_path) as say:
        for command, wanted in (
            ("rm /Docs/nothing.txt", "rm: File not found"),
            ("restore-version version_nothing", "restore-version: Version not found"),
            ("rmdir /Nowhere", "rmdir: Folder not found"),
            ("mvdir /Docs ..", "mvdir: name: A folder's name"),
        ):
            assert say(command).startswith(wanted), say(command)
    bob = {**env, "UNIQUE_API_KEY": "ukey_wrong"}
    assert "Not authenticated" in run(bob, tmp_path, "ls")[1]
    assert Folder.objects.count() == 1


@pytest.mark.thorough
def test_a_sub_agent_is_asked_and_its_chat_goes_on(
    env: dict[str, str], sdk: Any, live_worker: Any, tmp_path: Path
) -> None:
    from chats.models import Chat, Message
    from tests.api.unique.caller import space_id

    agent = {"name": "Expert", "assistantId": space_id(sdk.people.space(name="Expert")), "pollInterval": 0.2}
    (tmp_path / ".unique-subagents.json").write_text(json.dumps({"subagents": [agent]}))
    for question in ("One?", "Two?"):
        status, said = run(env, tmp_path, "subagent", "Expert", question)
        assert (status, "not a language model" in said) == (0, True), said
    assert Chat.objects.count() == 1
    questions = Message.objects.filter(role="user").order_by("created_at").values_list("text", flat=True)
    assert list(questions) == ["One?", "Two?"]
    status, said = run(env, tmp_path, "subagent", "Nobody", "x")
    assert (status, "unknown subagent" in said) == (1, True)
