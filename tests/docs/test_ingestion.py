"""docs/ingestion.md names the codes, fields and limits that there are, and its examples hold."""

from __future__ import annotations

import inspect
import re
from typing import get_args

from memories import ingestion
from memories.chunking import as_json, parse
from memories.embedders.base import Code as EmbedderCode
from memories.extraction import Code
from memories.models import State
from spaces_project.kit import limits
from tests.docs.test_docs import page

TEXT = page("ingestion.md")


def test_every_code_is_listed() -> None:
    section = TEXT.split("## When a file cannot be read")[1].split("\n## ")[0]
    assert re.findall(r"^\| `([A-Z_]+)` \|", section, re.M) == [code.value for code in Code]


def test_every_state_and_every_code_of_a_try_is_listed() -> None:
    section = TEXT.split("## From a file to what can be found")[1].split("\n## ")[0]
    assert re.findall(r"^\| `([a-z]+)` \|", section, re.M) == list(State)
    source = inspect.getsource(ingestion)
    raised = set(re.findall(r'Failure\("([A-Z_]+)"', source)) | set(
        re.findall(r'failure_code"?[:=] ?"([A-Z_]+)"', source)
    )
    said = set(re.findall(r"^\| `([A-Z_]+)` \|", section, re.M))
    assert said == {*raised, ingestion.INTERRUPTED} - {*Code, *get_args(EmbedderCode)}


def test_every_field_is_listed() -> None:
    listed = {name: set(re.findall(r"^\| `(\w+)` \|", rest, re.M)) for name, rest in sections()}
    recursive, sentence = as_json(parse(None)), as_json(parse({"sentence": {"maxChunkSize": 9}}))
    assert listed == {"none": set(), "recursive": set(recursive["recursive"]), "sentence": set(sentence["sentence"])}


def sections() -> list[tuple[str, str]]:
    return re.findall(r"^### `(\w+)`\n(.*?)(?=^### |\Z)", TEXT, re.M | re.S)


def test_limits_exist() -> None:
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", TEXT))
    limited = {name for name in named if name.startswith(("EXTRACTION", "CHUNK_", "SEPARATORS"))}
    assert len(limited) == 5
    assert {name for name in limited if not hasattr(limits, name)} == set()


def test_the_examples_hold() -> None:
    scripts = re.findall(r"```python\n(.*?)```", TEXT, re.S)
    assert len(scripts) == 2
    exec("\n".join(scripts), {})
