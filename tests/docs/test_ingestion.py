"""docs/ingestion.md names the codes, fields and limits that there are, and its examples hold."""

from __future__ import annotations

import re

from memories.chunking import as_json, parse
from memories.extraction import Code
from spaces_project.kit import limits
from tests.docs.test_docs import page

TEXT = page("ingestion.md")


def test_every_code_is_listed() -> None:
    section = TEXT.split("## When a file cannot be read")[1].split("\n## ")[0]
    assert re.findall(r"^\| `([A-Z_]+)` \|", section, re.M) == [code.value for code in Code]


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
