"""docs/api/goodmem.md is what the GoodMem dialect does."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from operator import attrgetter
from typing import Any

import pytest

from spaces_project.api.goodmem.errors import STATUSES
from spaces_project.api.goodmem.schema import document
from spaces_project.api.goodmem.unimplemented import ROUTES
from tests.docs.test_docs import EXAMPLE, environment, page

TEXT = page("api/goodmem.md")


def section(title: str) -> str:
    return TEXT.split(f"## {title}\n")[1].split("\n## ")[0]


def test_the_page_lists_the_operations_and_nothing_else() -> None:
    from goodmem import Goodmem

    rows = re.findall(r"^\| `([A-Z]+ \S+)` \| `?([\w.]+|-)`? \| (.+) \|$", section("Operations"), re.M)
    real = {
        f"{method.upper()} {re.sub('{.*?}', '{id}', path.removeprefix('/v1'))}": operation["summary"]
        for path, operations in document()["paths"].items()
        for method, operation in operations.items()
    }
    assert {route: summary for route, _, summary in rows} == real
    with Goodmem(base_url="http://localhost") as client:
        assert all(callable(attrgetter(name)(client)) for _, name, _ in rows if name != "-")


def test_the_page_lists_what_is_not_implemented() -> None:
    assert re.findall(r"^- `([A-Z]+) (\S+)`$", section("Not implemented"), re.M) == list(ROUTES)


def test_the_page_lists_the_errors() -> None:
    assert [int(status) for status in re.findall(r"^\| (\d+) \|", section("Errors"), re.M)] == sorted(
        set(STATUSES.values())
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_examples_run(live: str, live_worker: Any) -> None:
    env = environment(live)
    scripts = EXAMPLE.findall(TEXT)
    assert sorted(kind for kind, _ in scripts) == ["", "", "python"]
    said, remembered = (
        subprocess.run(["bash", "-euo", "pipefail", "-c", script], env=env, capture_output=True, text=True, check=True)
        for kind, script in scripts
        if not kind
    )
    made, end = json.JSONDecoder().raw_decode(said.stdout)
    assert (made["name"], made["publicRead"]) == ("My Research Space", False)
    assert made["defaultChunkingConfig"]["recursive"]["chunkSize"] == 1000
    assert json.loads(said.stdout[end:])["spaces"] == [made]
    memory, end = json.JSONDecoder().raw_decode(remembered.stdout)
    assert (memory["spaceId"], memory["metadata"]) == (made["spaceId"], {"team": "support"})
    assert memory["memoryId"] in remembered.stdout[end:].splitlines()[0]
    assert '"kind":"END"' in remembered.stdout.splitlines()[-1]
    done = subprocess.run(
        [sys.executable, "-c", dict(scripts)["python"]],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "Found Parcels are returned within 30 days." in done.stdout
