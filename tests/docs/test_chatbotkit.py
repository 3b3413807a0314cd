"""docs/api/chatbotkit.md is what the ChatBotKit dialect does."""

from __future__ import annotations

import json
import re
import subprocess

from spaces_project.api.chatbotkit.errors import ENVELOPES
from spaces_project.api.chatbotkit.schema import document
from spaces_project.api.chatbotkit.unimplemented import ROUTES
from tests.docs.test_docs import EXAMPLE, environment, page

TEXT = page("api/chatbotkit.md")


def section(title: str) -> str:
    return TEXT.split(f"## {title}\n")[1].split("\n## ")[0]


def test_the_page_lists_the_operations_and_nothing_else() -> None:
    said = dict(re.findall(r"^\| `((?:GET|POST) \S+)` \| (.+) \|$", section("Operations"), re.M))
    real = {
        f"{method.upper()} {re.sub('{.*?}', '{id}', path)}": operation["summary"]
        for path, operations in document()["paths"].items()
        for method, operation in operations.items()
    }
    assert said == real


def test_the_page_lists_what_is_not_implemented() -> None:
    said = re.findall(r"^- `(GET|POST) (\S+)`$", section("Not implemented"), re.M)
    assert said == list(ROUTES)


def test_the_page_lists_the_errors() -> None:
    said = {(int(status), code) for status, code in re.findall(r"^\| (\d+) \| `(\w+)` \|", section("Errors"), re.M)}
    assert said == set(ENVELOPES.values())


def test_the_page_lists_the_parameters() -> None:
    said = set(re.findall(r"`(\w+)[^`]*`", "\n".join(re.findall(r"^\| (`.*?) \|", section("Lists and exports"), re.M))))
    real = {
        each["name"]
        for operations in document()["paths"].values()
        for operation in operations.values()
        for each in operation.get("parameters", [])
        if each["in"] == "query"
    }
    assert said == real


def test_the_examples_run(live: str) -> None:
    env = environment(live)
    told = [
        subprocess.run(["bash", "-euo", "pipefail", "-c", script], env=env, capture_output=True, text=True, check=True)
        for _, script in EXAMPLE.findall(TEXT)
    ]
    made, changed, begun, remembered, listed = (done.stdout for done in told)
    contact, space = re.findall(r'"(\w+_[0-9a-z]{25})"', made)
    record = json.loads(listed)["data"]
    assert (record["id"], record["contactId"], record["name"]) == (space, contact, "Desk of Jane")
    assert record["meta"] == {"department": "support", "tier": "premium"}
    assert json.loads(changed.partition("}")[2]) == record
    assert re.fullmatch(r'\{"id":\s*"conversation_[0-9a-z]{25}"\}', begun)
    assert re.search(r'"memory_[0-9a-z]{25}"', remembered)
    assert remembered.rstrip().endswith('{"items":[]}'), "found when it is ingested"
