"""What nobody would write, and what an index must find: rules as they reach the database."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import connection

from memories.filters.documents import document_of
from memories.filters.uniqueql import InvalidFilter, Rule, matches, parse
from memories.filters.uniqueql_sql import compile_rule
from memories.models import Folder, Memory
from spaces.models import Account
from spaces_project.kit import limits
from tests.factories import actor_of, admin_of, make_account

from .rule_strategies import NAMES, TEXTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return make_account()


def remember(account: Account, meta: dict[str, Any] | str, **fields: Any) -> Memory:
    """A memory with this metadata; JSON as text is stored as the database reads it."""
    memory: Memory = Memory.objects.create(account=account, space=account.default_space, **fields)
    with connection.cursor() as cursor:
        written = meta if isinstance(meta, str) else json.dumps(meta)
        cursor.execute("UPDATE memories_memory SET meta = %s::jsonb WHERE id = %s", [written, memory.pk])
    return memory


def says(path: Any, operator: str, value: Any = None) -> Rule:
    return parse({"path": [path] if isinstance(path, str) else path, "operator": operator, "value": value})


def found(account: Account, rule: Rule) -> set[Any]:
    return set(Memory.objects.ruled_by(account, rule).values_list("pk", flat=True))


def test_any_text_is_only_itself(account: Account) -> None:
    """Quotes, backslashes, placeholders and jsonpath: as a value, as a name, and as a part."""
    texts = [*dict.fromkeys(text for text in [*TEXTS, *NAMES] if text)]
    values = {text: remember(account, {"a": text}).pk for text in texts}
    names = {text: remember(account, {text: "here", "else": 1}).pk for text in texts if text != "*"}
    for text in texts:
        assert found(account, says("a", "equals", text)) == {values[text]}, text
        assert found(account, says("a", "in", [text])) == {values[text]}, text
        assert values[text] in found(account, says("a", "contains", text)), text
        assert text not in names or found(account, says([text], "equals", "here")) == {names[text]}, text
    assert found(account, says("a", "notIn", texts)) == {names["a"]}


def test_numbers_are_what_they_are_worth(account: Account) -> None:
    written = {"1": 1, "1.0": 1, "1e0": 1, "1e400": None, "-1e400": None, "1e-400": None, '"1"': None}
    stored = {text: remember(account, f'{{"n": {text}}}').pk for text in written}
    assert found(account, says("n", "equals", 1)) == {stored[text] for text in ("1", "1.0", "1e0")}
    assert found(account, says("n", "in", [1.0, True])) == {stored[text] for text in ("1", "1.0", "1e0")}
    assert found(account, says("n", "greaterThan", 1e308)) == {stored["1e400"]}
    assert found(account, says("n", "lessThan", -(10**308))) == {stored["-1e400"]}
    assert found(account, says("n", "greaterThan", 0)) == {*stored.values()} - {stored["-1e400"], stored['"1"']}
    assert found(account, says("n", "equals", 0)) == set()
    assert found(account, says("n", "equals", "1")) == {stored['"1"']}


def test_days_that_do_not_exist_are_texts(account: Account) -> None:
    days = [
        "2026-02-30",
        "2026-02-29",
        "2026-13-01",
        "9999-12-31T23:59:59-15:59",
        "0001-01-01T00:00+15:59",
        "2024-02-29",
    ]
    stored = {day: remember(account, {"day": [day]}).pk for day in days}
    later = found(account, says("day", "greaterThanOrEqual", "0001-01-02"))
    assert later == {stored["9999-12-31T23:59:59-15:59"], stored["2024-02-29"]}
    assert found(account, says("day", "lessThan", "0001-01-01")) == {stored["0001-01-01T00:00+15:59"]}
    assert found(account, says("day", "equals", "2026-02-30")) == {stored["2026-02-30"]}
    with pytest.raises(InvalidFilter, match="needs a number or a date"):
        says("day", "lessThan", "2026-02-30")


def test_the_largest_rules_are_answered(account: Account) -> None:
    memory = remember(account, {"a": "v7", "b": [{"c": 1}]}, name="Report")
    many = [f"v{number}" for number in range(limits.RULE_VALUES)]
    assert found(account, says("a", "in", many)) == {memory.pk}
    assert found(account, says("a", "notIn", many)) == set()
    assert found(account, says("a", "notIn", [f"x{value}" for value in many])) == {memory.pk}
    each = [
        {"path": ["b", "*"], "operator": "contains", "value": f"{number}"} for number in range(limits.RULE_NODES - 2)
    ]
    title = {"path": ["title"], "operator": "equals", "value": "Report"}
    assert found(account, parse({"or": [*each, title]})) == {memory.pk}
    deep: Any = {"path": ["c"], "operator": "equals", "value": 1}
    for _ in range(limits.RULE_DEPTH - 2):
        deep = {"path": ["*"], "operator": "nested", "value": deep}
    assert found(account, parse({"path": ["b"], "operator": "nested", "value": deep})) == {memory.pk}


def test_a_rule_deeper_than_the_limit_is_refused() -> None:
    deep: Any = {"path": ["a"], "operator": "isNull"}
    for _ in range(10_000):
        deep = {"and": [deep]}
    with pytest.raises(InvalidFilter, match="16 levels deep"):
        parse(deep)


def test_own_names_cannot_be_claimed_nor_entered(account: Account) -> None:
    """mallory's metadata says that her file is another, and lies elsewhere."""
    folder = Folder.create(actor_of(admin_of(account)), account, None, "HR")
    claimed = {"folderIdPath": f"uniquepathid://{folder.wire_id}", "folderId": folder.wire_id, "title": "Handbook"}
    hers = remember(account, {**claimed, "metadata": claimed}, name="Notes")
    his = remember(account, {}, name="Handbook", folder=folder)
    for path, value in ((name, value) for name, value in claimed.items()):
        for spelled in ([path], ["metadata", path], ["*", path], [path, "*"]):
            assert found(account, says(spelled, "equals", value)) == {his.pk}, spelled
        assert found(account, says([path, "x"], "isNotNull")) == set()
        assert found(account, says([path, "x"], "isNull")) == {hers.pk, his.pk}
        assert found(account, says([path], "nested", {"path": ["*"], "operator": "isNotNull"})) == set()
    own = {"path": ["folderId"], "operator": "equals", "value": folder.wire_id}
    assert found(account, says(["*"], "nested", own)) == {his.pk}


def test_a_rule_is_never_null(account: Account) -> None:
    """So that what is counted without it and with it adds up."""
    folder = Folder.create(actor_of(admin_of(account)), account, None, "HR")
    memories = [remember(account, {}), remember(account, {"a": None}, folder=folder), remember(account, {"a": [[]]})]
    for path in ("a", "folderId", "folderIdPath", "key", "createdAt", "contentId"):
        for operator, value in (
            ("equals", folder.wire_id),
            ("notIn", ["x"]),
            ("greaterThan", "2026-01-01"),
            ("contains", "a"),
        ):
            sql, values = compile_rule(says(path, operator, value), account.pk)
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT {sql} FROM memories_memory m WHERE m.account_id = %s ORDER BY m.id", [*values, account.pk]
                )
                said = [row[0] for row in cursor.fetchall()]
            rows = Memory.objects.of(account).select_related("folder").order_by("id")
            assert said == [matches(says(path, operator, value), document_of(row)) for row in rows], (path, operator)
            assert len(said) == len(memories)


ID = f"{'0' * 24}1"
IN_FOLDER = "memories_memory_(in_folder|folder_name)"
SERVED: list[tuple[Any, str]] = [
    ({"path": ["a"], "operator": "equals", "value": "x"}, "memories_memory_meta"),
    ({"path": ["a", "b", "*"], "operator": "equals", "value": 7}, "memories_memory_meta"),
    ({"path": ["a"], "operator": "equals", "value": None}, "memories_memory_meta"),
    ({"path": ["a"], "operator": "in", "value": ["x", 1, True]}, "memories_memory_meta"),
    ({"path": ["tags"], "operator": "overlaps", "value": ["x", "y"]}, "memories_memory_meta"),
    (
        {
            "path": ["people", "*"],
            "operator": "nested",
            "value": {
                "and": [
                    {"path": ["role"], "operator": "equals", "value": "author"},
                    {"path": ["name"], "operator": "contains", "value": "da"},
                ]
            },
        },
        "memories_memory_meta",
    ),
    ({"path": ["folderId"], "operator": "equals", "value": f"scope_{ID}"}, IN_FOLDER),
    ({"path": ["folderIdPath"], "operator": "contains", "value": f"scope_{ID}"}, IN_FOLDER),
    ({"path": ["contentId"], "operator": "in", "value": [f"cont_{ID}"]}, "memories_memory_(pkey|tenant_id)"),
    ({"path": ["createdAt"], "operator": "greaterThan", "value": "2096-01-01"}, "memories_memory_(created|in_folder)"),
]  # fmt: skip


def test_an_index_serves(account: Account) -> None:
    """Alone, and beside what no index knows."""
    fill(account)
    vague = {"path": ["summary"], "operator": "isNull"}
    for written, index in SERVED:
        for rule in (written, {"and": [vague, written]}):
            assert re.search(f"(using|on) {index}", plan(account, rule)), plan(account, rule)
    alternatives = {"or": [SERVED[0][0], SERVED[6][0]]}
    assert "BitmapOr" in plan(account, alternatives)


def fill(account: Account) -> None:
    """So many memories and folders that looking at each would take longer."""
    by, space = actor_of(admin_of(account)), account.default_space
    folders = [Folder.create(by, account, None, f"Folder {number}") for number in range(20)]
    rows = [
        Memory(
            account=account, space=space, name=f"Report {number}", folder=folders[number % 20],
            meta={"a": f"v{number}", "tags": [f"t{number}"], "people": [{"role": f"r{number}", "name": f"u{number}"}]},
        )
        for number in range(2_000)
    ]  # fmt: skip
    Memory.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE memories_memory, memories_folder")


def plan(account: Account, rule: Any) -> str:
    sql, values = compile_rule(parse(rule), account.pk)
    with connection.cursor() as cursor:
        sql = f"EXPLAIN SELECT m.id FROM memories_memory m WHERE m.account_id = %s AND {sql}"
        cursor.execute(sql, [account.pk, *values])
        return "\n".join(row[0] for row in cursor.fetchall())
