"""What content/search finds by key, title, id and owner: what Python finds, whatever is in them, and by which index."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from memories.models import Memory
from spaces_project.api.unique.contents import owner
from spaces_project.api.unique.reading import at_path, readable, rule_of
from spaces_project.api.unique.where import condition

pytestmark = pytest.mark.django_db

LONG = "reports/" + "a" * 230
NAMES = [  # key and title
    *[(f"{LONG}{end}.pdf", f"{'Report ' * 30}{end}") for end in ("1", "2", "12", "A", "a")],
    *[("a_b.txt", "A_b"), ("axb.txt", "100%"), ("a%b.txt", "a\\b"), ("A_B.TXT", "a_B"), ("Straße.txt", "ÄÖÜ straße")],
    *[("", "Untold"), ("untold", ""), ("", ""), ("  blank ", " "), ("äöü.txt", "'; DROP TABLE")],
]
TEXTS = ["", "a_b", "A_", "%", "\\", LONG, f"{LONG}1", "report ", "äöü", "untold"]
FIELDS: dict[str, Callable[[Memory], str | None]] = {
    "key": lambda memory: memory.key or memory.name or None,
    "title": lambda memory: memory.name or None,
    "id": lambda memory: memory.unique_id,
    "ownerId": lambda memory: owner(memory)[1],
}
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "equals": operator.eq,
    "contains": lambda own, text: text in own,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


@pytest.fixture
def files(library: Any) -> list[Memory]:
    places = [{"folder": library.docs, "space": library.account.default_space}, {"space": library.home}]
    return [
        Memory.objects.create(account=library.account, key=key, name=name, state="completed", **places[number % 2])
        for number, (key, name) in enumerate(NAMES)
    ]


def found(library: Any, files: list[Memory], where: dict[str, Any]) -> set[Any]:
    rows = readable(library.by).filter(condition(where), pk__in=[file.pk for file in files])
    return set(rows.values_list("pk", flat=True))


def values(files: list[Memory], name: str) -> list[str]:
    own = sorted({FIELDS[name](file) or "" for file in files})
    return [*own[::5], own[-1].upper(), own[-1][: len(own[-1]) // 2], own[-2][-4:], *TEXTS]


@pytest.mark.thorough
@pytest.mark.parametrize("name", FIELDS)
def test_texts_are_compared_as_python_compares_them(library: Any, files: list[Memory], name: str) -> None:
    own = {file.pk: has for file in files if (has := FIELDS[name](file)) is not None}
    for word, holds in OPERATORS.items():
        for text in values(files, name):
            expected = {pk for pk, has in own.items() if holds(has, text)}
            assert found(library, files, {name: {word: text}}) == expected, (word, text)
        assert found(library, files, {name: {"not": {word: text}}}) == own.keys() - expected, (word, text)
        assert found(library, files, {"NOT": [{name: {word: text}}]}) == own.keys() - expected, (word, text)


@pytest.mark.parametrize("name", ["title", pytest.param("key", marks=pytest.mark.thorough)])
def test_texts_are_compared_in_any_case_and_several_at_once(library: Any, files: list[Memory], name: str) -> None:
    own = {file.pk: has for file in files if (has := FIELDS[name](file)) is not None}
    for word in ("equals", "contains", "startsWith", "endsWith"):
        for text in values(files, name):
            expected = {pk for pk, has in own.items() if OPERATORS[word](has.lower(), text.lower())}
            assert found(library, files, {name: {word: text, "mode": "insensitive"}}) == expected, (word, text)
    some = values(files, name)[::2]
    expected = {pk for pk, has in own.items() if has in some}
    assert found(library, files, {name: {"in": some}}) == expected
    assert found(library, files, {name: {"notIn": some}}) == own.keys() - expected
    assert found(library, files, {name: {"not": {"notIn": some}}}) == expected
    lower = {text.lower() for text in some}
    expected = {pk for pk, has in own.items() if has.lower() in lower}
    assert found(library, files, {name: {"in": some, "mode": "insensitive"}}) == expected


BY_KEY, BY_NAME = "memories_memory_by_key", "memories_memory_by_name"
LOOKED_UP: list[tuple[dict[str, Any], set[str]]] = [
    ({"key": {"equals": "file-77.pdf"}}, {BY_KEY}),
    ({"key": {"equals": "FILE-77.pdf", "mode": "insensitive"}}, {BY_KEY}),
    ({"key": {"startsWith": "file-77"}}, {BY_KEY}),
    ({"key": {"in": ["file-77.pdf", "file-78.pdf"]}}, {BY_KEY}),
    ({"title": {"equals": "File 77"}}, {BY_NAME}),
    ({"title": {"startsWith": "File 77"}}, {BY_NAME}),
    ({"title": {"in": ["FILE 77", "file 78"], "mode": "insensitive"}}, {BY_NAME}),
    ({"OR": [{"title": {"equals": "File 77"}}, {"key": {"equals": "file-77.pdf"}}]}, {BY_KEY, BY_NAME}),
]


def test_keys_and_titles_are_looked_up_in_an_index(library: Any) -> None:
    """A program that keeps a hundred thousand files in step asks for the key of each."""
    place = {"account": library.account, "space": library.account.default_space, "folder": library.docs}
    Memory.objects.bulk_create(
        Memory(key=f"file-{number}.pdf", name=f"File {number}", state="completed", **place) for number in range(2_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE memories_memory")
    for by in (library.by, library.bob):
        for where, indexes in LOOKED_UP:
            assert_served(readable(by).filter(condition(where))[:101], indexes)
    assert_served(at_path(library.by, readable(library.by), "/Docs/File 77")[:51], {BY_KEY, BY_NAME})
    for name, text, index in (("key", "file-77.pdf", BY_KEY), ("title", "File 77", BY_NAME)):
        rule = rule_of(library.by, {"path": [name], "operator": "equals", "value": text}, "metadataFilter")
        assert_served(Memory.objects.ruled_by(library.account, rule).values("pk"), {index})


def assert_served(rows: Any, indexes: set[str]) -> None:
    plan = rows.explain()
    assert {index for index in (BY_KEY, BY_NAME) if index in plan} == indexes, plan
    assert "Seq Scan on memories_memory" not in plan, plan
