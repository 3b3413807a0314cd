"""docs/api/unique.md is what the Unique dialect does."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import import_module
from typing import Any

import pytest

from spaces_project.api.unique.errors import ENVELOPES
from spaces_project.api.unique.schema import document
from spaces_project.api.unique.unimplemented import ROUTES
from tests.docs.test_docs import EXAMPLE, environment, page

TEXT = page("api/unique.md")


def section(title: str) -> str:
    return TEXT.split(f"## {title}\n")[1].split("\n## ")[0]


def test_the_page_lists_the_operations_and_nothing_else() -> None:
    rows = re.findall(r"^\| `([A-Z]+ \S+)` \| `(\w+)\.(\w+)` \| (.+) \|$", section("Operations"), re.M)
    real = {
        f"{method.upper()} {re.sub('{.*?}', '{id}', path.removeprefix('/public/chat-gen2'))}": operation["summary"]
        for path, operations in document()["paths"].items()
        for method, operation in operations.items()
    }
    assert {route: summary for route, _, _, summary in rows} == real
    assert all(hasattr(_resource(name), method) for _, name, method, _ in rows)


def _resource(name: str) -> Any:
    """A class of the package, or one of its helpers."""
    import unique_sdk  # takes each process a second that collects this

    return getattr(unique_sdk, name, None) or import_module(f"unique_sdk.utils.{name}")


def test_the_page_lists_what_is_not_implemented() -> None:
    assert re.findall(r"^- `([A-Z]+) (\S+)`$", section("Not implemented"), re.M) == list(ROUTES)


def test_the_page_lists_the_errors() -> None:
    said = {(int(status), code) for status, code in re.findall(r"^\| (\d+) \| `(\w+)` \|", section("Errors"), re.M)}
    assert said == set(ENVELOPES.values())


@pytest.mark.slow
def test_the_examples_run(live: str, live_worker: Any) -> None:
    env = environment(live)
    scripts = dict(EXAMPLE.findall(TEXT))
    assert set(scripts) == {"", "python"}
    command = ["bash", "-euo", "pipefail", "-c", scripts[""]]
    asked = json.loads(subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout)
    assert (asked["role"], asked["text"]) == ("USER", "What is covered?")
    done = subprocess.run(
        [sys.executable, "-c", scripts["python"]], env=env, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "not a language model" in done.stdout
    assert re.search(r"^USER None$", done.stdout, re.M)
    assert re.search(r"^ASSISTANT \d{4}-.*Z$", done.stdout, re.M)
