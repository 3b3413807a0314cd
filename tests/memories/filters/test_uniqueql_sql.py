"""The compiled rule says of every memory in the database what the evaluator says of its document, and never fails."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from django.db import connection

from memories.filters.uniqueql import Rule, matches
from memories.filters.uniqueql_sql import compile_rule
from memories.models import Folder, Memory
from spaces.actors import Actor
from tests.factories import admin_of, make_account

from . import rule_strategies as random_rules
from .rule_strategies import Place

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
