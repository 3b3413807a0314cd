"""The compiled rule says of every memory in the database what the evaluator says of its document, and never fails."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from django.db import connection

from memories.filters.documents import document_of
from memories.filters.uniqueql import And, Nested, Rule, matches, parse
from memories.filters.uniqueql_sql import compile_rule
from memories.models import Folder, Memory
from spaces.actors import Actor
from spaces_project.kit import limits
from tests.factories import admin_of, make_account

from . import rule_strategies as random_rules
from .rule_strategies import Place
from .test_evaluator import CASES, DOCUMENT

pytestmark = pytest.mark.django_db


def make_place(random: Random, count: int) -> Place:
    """An account with the folders of TREE and so many memories, as the database has them."""
    account = make_account()
    by, made = Actor(account=account, user=admin_of(account)), dict[str, Folder]()
    for name, parent in random_rules.TREE.items():
        made[name] = Folder.create(by, account, None if parent is None else made[parent], name or "root")
    space = account.default_space
    folders = [*made.values()]
    Memory.objects.bulk_create(random_rules.memory(random, folders, account=account, space=space) for _ in range(count))
    found = Memory.objects.of(account).select_related("folder").order_by("id")
    return Place(account, folders, list(found))


def said_by_database(place: Place, rules: list[Rule]) -> list[list[Any]]:
    """Per memory, what each rule's condition is."""
    compiled = [compile_rule(rule, place.account.pk) for rule in rules]
    columns, values = ", ".join(sql for sql, _ in compiled), [value for _, params in compiled for value in params]
    sql = f"SELECT {columns} FROM memories_memory m WHERE m.account_id = %s ORDER BY m.id"
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, place.account.pk])
        return [list(row) for row in cursor.fetchall()]


def compare(place: Place, rules: list[Rule]) -> int:
    """How many of the answers are yes."""
    documents, yes = place.documents, 0
    for document, row in zip(documents, said_by_database(place, rules), strict=True):
        for rule, said in zip(rules, row, strict=True):
            assert said is matches(rule, document), (rule, document, said)
            yes += said
    return yes


def compare_random(seed: int, documents: int, rules: int) -> None:
    random = Random(seed)
    place = make_place(random, documents)
    known = random_rules.known_texts(place.documents)
    asked = [random_rules.rule(random, known) for _ in range(rules)]
    yes = sum(compare(place, asked[start : start + 50]) for start in range(0, rules, 50))
    assert 0.02 < yes / (documents * rules) < 0.9, "the rules say nothing about these documents"


def test_the_database_says_what_the_evaluator_says() -> None:
    compare_random(1, documents=60, rules=150)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 8))
def test_the_database_says_what_the_evaluator_says_at_length(seed: int) -> None:
    compare_random(seed, documents=500, rules=500)


def test_a_queryset_is_ruled_under_any_name() -> None:
    random = Random(9)
    place = make_place(random, 40)
    known = random_rules.known_texts(place.documents)
    stranger = make_place(random, 5)
    for rule in [random_rules.rule(random, known) for _ in range(30)]:
        ruled = Memory.objects.ruled_by(place.account, rule)
        expected = {
            each.pk for each, found in zip(place.memories, place.documents, strict=True) if matches(rule, found)
        }
        assert set(ruled.values_list("pk", flat=True)) == expected
        assert ruled.count() == len(expected)
        assert (
            set(place.account.default_space.memories.filter(pk__in=ruled.values("pk")).values_list("pk", flat=True))
            == expected
        )
        assert set(Folder.objects.filter(files__in=ruled)) == {
            each.folder for each in place.memories if each.folder and each.pk in expected
        }
        assert Memory.objects.ruled_by(place.account.pk, rule).of(stranger.account).count() == 0


@pytest.mark.parametrize("most", [0, 5, 1000])
def test_gathered_rows_are_the_same_rows(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Of many and of few, in the order asked for, and none of another account."""
    monkeypatch.setattr(limits, "GATHERED_ROWS", most)
    random = Random(10)
    place, stranger = make_place(random, 40), make_place(random, 5)
    known = random_rules.known_texts(place.documents)
    for rule in [random_rules.rule(random, known) for _ in range(30)]:
        ruled = Memory.objects.ruled_by(place.account, rule).order_by("-name", "id")
        gathered = ruled.gathered()
        assert list(gathered[2:7]) == list(ruled[2:7])
        assert gathered.count() == ruled.count()
        assert not gathered.of(stranger.account).exists()
        assert list(gathered.values_list("pk")) == list(ruled.values_list("pk"))


def test_gathered_rows_still_obey_the_rule(django_assert_num_queries: Any) -> None:
    """What was changed after they were looked for is left out; a page of them takes one statement."""
    place = make_place(Random(11), 0)
    space = place.account.default_space
    for name in ("a", "b"):
        Memory.objects.create(account=place.account, space=space, name=name, meta={"year": 2026})
    gathered = Memory.objects.ruled_by(place.account, case_rule("year", "equals", 2026)).gathered()
    Memory.objects.of(place.account).filter(name="b").update(meta={"year": 2025})
    with django_assert_num_queries(1):
        assert [each.name for each in gathered] == ["a"]


def test_every_case_of_the_evaluator_is_one_of_the_database() -> None:
    place = make_place(Random(3), 0)
    meta = {name: value for name, value in DOCUMENT.items() if name != "title"}
    Memory.objects.create(account=place.account, space=place.account.default_space, meta=meta, name=DOCUMENT["title"])
    rules = [case_rule(path, operator, value) for _, path, operator, value in CASES]
    (said,) = said_by_database(place, rules)
    assert [case for case, is_said in zip(CASES, said, strict=True) if is_said is not case[0]] == []


def case_rule(path: Any, operator: str, value: Any) -> Rule:
    return parse({"path": [path] if isinstance(path, str) else path, "operator": operator, "value": value})


def test_nested_binds_one_element() -> None:
    """Also where it is itself a list, whose elements are looked through together."""
    place = make_place(Random(4), 0)
    people: list[Any] = [
        [{"role": "author", "active": True}, {"role": "editor"}],
        [{"role": "author", "active": False}, {"role": "editor", "active": True}],
        [[{"role": "author"}, {"active": True}]],
        {"role": "author", "active": True},
        [[[{"role": "author", "active": True}]]],
        [],
    ]
    space = place.account.default_space
    for found in people:
        Memory.objects.create(account=place.account, space=space, meta={"people": found})
    asked = [case_rule(["role"], "equals", "author"), case_rule(["active"], "equals", True)]
    paths = [("people",), ("people", "*"), ("people", "*", "*")]
    said = said_by_database(place, [Nested(path, And(tuple(asked))) for path in paths])
    assert [row[0] for row in said] == [True, False, True, True, False, False]
    assert [row[1] for row in said] == [True, False, False, True, True, False]
    rows = Memory.objects.of(place.account).order_by("id")
    assert said == [[matches(Nested(path, And(tuple(asked))), document_of(row)) for path in paths] for row in rows]


def test_folders_are_chains_of_whole_ids() -> None:
    """The tree is root / hr / new / deep, and root / it; one file in each."""
    place = make_place(Random(5), 0)
    ids = {folder.name: folder.wire_id for folder in place.folders}
    for folder in place.folders:
        Memory.objects.create(account=place.account, space=place.account.default_space, folder=folder, name=folder.name)
    Memory.objects.create(account=place.account, space=place.account.default_space, name="in none")
    chain = "/".join(ids[name] for name in ("root", "hr", "new"))
    below = {"root": {*ids}, "hr": {"hr", "new", "deep"}, "new": {"new", "deep"}}
    expected: list[tuple[str, Any, set[str]]] = [
        ("contains", f"uniquepathid://{ids['hr']}", below["hr"]),
        ("contains", ids["root"], below["root"]),
        ("contains", f"{ids['hr']}/", below["new"]),
        ("contains", f"{ids['hr']}/{ids['new']}", below["new"]),
        ("contains", f"{ids['hr']}/{ids['new']}/", {"deep"}),
        ("contains", f"{ids['root']}/{ids['new']}", set()),
        ("contains", f"{ids['new']}/{ids['hr']}", set()),
        ("contains", "uniquepathid://", {*ids}),
        *((("contains", value, set())) for value in ("/", "uniquepathid:///", ids["hr"].upper(), ids["hr"][:-1], "hr")),
        ("notContains", ids["hr"], {"root", "it"}),
        ("notContains", f"{ids['hr']}/", {"root", "it", "hr"}),
        ("equals", f"uniquepathid://{chain}", {"new"}),
        ("equals", chain, {"new"}),
        *((("equals", value, set())) for value in (ids["new"], f"{chain}/", f"{ids['root']}/{ids['new']}", "")),
        ("notEquals", chain, {*ids} - {"new"}),
        ("notEquals", None, {*ids}),
        ("in", [chain, ids["root"], "x"], {"root", "new"}),
        ("notIn", [chain, "x"], {*ids} - {"new"}),
        ("isNull", None, {"in none"}),
    ]
    for operator, value, names in expected:
        rows = Memory.objects.ruled_by(place.account, case_rule("folderIdPath", operator, value))
        assert set(rows.values_list("name", flat=True)) == names, (operator, value)


def test_moments_are_those_that_are_shown() -> None:
    """With milliseconds: what is finer is neither equal nor later."""
    place = make_place(Random(6), 0)
    at = datetime(2026, 1, 31, 9, 0, 0, 123_456, tzinfo=UTC)
    Memory.objects.create(account=place.account, space=place.account.default_space, created_at=at)
    shown = "2026-01-31T09:00:00.123Z"
    expected: list[tuple[str, Any, bool]] = [
        ("equals", shown, True),
        ("equals", "2026-01-31T09:00:00.123456Z", False),
        ("equals", "2026-01-31T10:00:00.123+01:00", False),
        ("in", [shown, "2026-02-30"], True),
        ("notEquals", shown, False),
        ("greaterThanOrEqual", shown, True),
        ("greaterThan", shown, False),
        ("lessThan", "2026-01-31T09:00:00.123001Z", True),
        ("greaterThan", "2026-01-31T09:00:00.122999Z", True),
        ("lessThanOrEqual", "2026-01-31T10:00:00.123+01:00", True),
        ("lessThan", "9999-12-31T23:59:59.999999-15:59", True),
        ("greaterThan", "0001-01-01T00:00+15:59", True),
        ("contains", "09:00:00.123z", True),
        ("contains", "123456", False),
    ]
    (said,) = said_by_database(place, [case_rule("createdAt", operator, value) for operator, value, _ in expected])
    assert said == [yes for _, _, yes in expected]
