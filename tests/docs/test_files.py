"""docs/files.md says what files are, and its example runs."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from memories.files.modes import LEAST, MODE, MOST, WORDS
from spaces_project.kit import limits
from tests.docs.test_docs import EXAMPLE, environment, page

TEXT = page("files.md")


def test_the_members_that_do_something_are_listed() -> None:
    section = TEXT.split("## What becomes of a file")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.M) == [MODE, MOST, LEAST]
    assert set(WORDS) <= set(re.findall(r"`(\w+)`", section))


def test_the_limits_exist() -> None:
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", TEXT)) - set(WORDS)
    assert {name for name in named if not hasattr(limits, name)} == set()


@pytest.mark.slow
def test_the_example_runs(live: str) -> None:
    from memories.models import Memory

    ((kind, script),) = EXAMPLE.findall(TEXT)
    assert kind == ""
    command = ["bash", "-euo", "pipefail", "-c", script]
    done = subprocess.run(command, env=environment(live), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    memory = Memory.objects.get()
    assert (told["id"], told["ingestionState"], memory.key) == (memory.unique_id, "QUEUED", "policy.md")
    assert [folder.name for folder in memory.folder.ancestry()] == ["Claims", "2026"]
