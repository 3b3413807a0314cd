"""GET /v1/spaces: filters, sorts and tokens, in both spellings."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from spaces.models import Space
from spaces_project.kit.cursors import encode_cursor
from tests.factories import make_space

from .caller import Caller, blamed, caller, refused, told

NAMES = ("Alpha", "beta", "Gamma", "a_b", "a%b", "a*b", "axb")


@pytest.fixture
def spaces(world: Any) -> list[Space]:
    """alice's, oldest first; bob and mallory have some too."""
    make_space(world.other, world.mallory, name="Alpha")
    make_space(world.account, world.bob, name="Hidden")
    labels = [{"n": str(number), "odd": str(number % 2)} for number, _ in enumerate(NAMES)]
    return [world.space(name=name, labels=each) for name, each in zip(NAMES, labels, strict=True)]


def names(who: Caller, query: str = "") -> list[str]:
    return [space["name"] for space in told(who.get(f"spaces?{query}"))["spaces"]]


def walk(who: Caller, query: str) -> list[list[str]]:
    """The names of all pages."""
    pages, token = [], ""
    while token is not None:
        answer = told(who.get(f"spaces?{query}{token}"))
        pages.append([space["name"] for space in answer["spaces"]])
        token = answer["nextToken"] and f"&nextToken={answer['nextToken']}"
    return pages


def test_only_what_one_may_read_and_never_the_default_space(
    spaces: Any, alice: Caller, bob: Caller, mallory: Caller, admin: Caller
) -> None:
    assert names(alice) == list(reversed(NAMES))
    assert names(bob) == ["Hidden"]
    assert names(mallory) == ["Alpha"]
    assert sorted(names(admin)) == sorted([*NAMES, "Hidden"])
    last = told(alice.get("spaces"))
    assert last["nextToken"] is None


PATTERNS: list[Any] = [
    ("alpha", ["Alpha"]),
    ("ALPH?", ["Alpha"]),
    ("lph", []),
    ("*A", ["Gamma", "beta", "Alpha"]),
    ("a?b", ["axb", "a*b", "a%b", "a_b"]),
    ("a_b", ["a_b"]),
    ("a%25b", ["a%b"]),
    ("a%5Cb", []),
    ("*%5C", []),
    ("*", list(reversed(NAMES))),
]


def test_a_name_filter_is_a_pattern_for_the_whole_name(spaces: Any, alice: Caller) -> None:
    for pattern, found in PATTERNS:
        assert names(alice, f"nameFilter={pattern}") == found, pattern
        assert names(alice, f"name_filter={pattern}") == found, pattern


def test_filters_by_owner_and_labels(world: Any, spaces: Any, alice: Caller, admin: Caller) -> None:
    assert names(admin, f"ownerId={world.bob.pk}") == ["Hidden"]
    assert names(alice, f"owner_id={world.bob.pk}") == []
    assert names(alice, "label.odd=1") == ["a*b", "a_b", "beta"]
    assert names(alice, "label%5Bodd%5D=1&label%5Bn%5D=3") == ["a_b"]
    assert names(alice, "label.odd=1&label.n=2") == []
    assert names(alice, "label.missing=") == []
    assert refused(alice.get("spaces?" + "&".join(f"label.k{number}=x" for number in range(21))))[0] == 400
    assert refused(alice.get("spaces?label.a=%00"))[0] == 400


@pytest.mark.parametrize("sort", ["created_time", "created_at", "updated_time", "name"])
@pytest.mark.parametrize("order", ["ASCENDING", "DESCENDING"])
def test_pages_follow_each_other_in_every_order(spaces: Any, alice: Caller, sort: str, order: str) -> None:
    pages = walk(alice, f"sortBy={sort}&sortOrder={order}&maxResults=3")
    assert [len(page) for page in pages] == [3, 3, 1]
    found = [name for page in pages for name in page]
    if sort == "name":
        lower = [name.lower() for name in found if name.isalpha()]
        assert lower == sorted(lower, reverse=order == "DESCENDING")
    else:
        assert found == (list(NAMES) if order == "ASCENDING" else list(reversed(NAMES)))
    assert sorted(found) == sorted(NAMES)


def test_sort_and_size_as_the_newer_client_spells_them(spaces: Any, alice: Caller) -> None:
    assert names(alice, "sort_by=name&sort_order=DESCENDING&max_results=1") == ["Gamma"]
    assert names(alice, "sortOrder=SORT_ORDER_UNSPECIFIED&maxResults=1") == ["axb"]


SIZES: list[Any] = [("0", 1), ("-5", 1), ("2", 2), ("100000", 7), ("9" * 40, 7), ("", 7)]


def test_a_size_is_clamped(spaces: Any, alice: Caller) -> None:
    for size, found in SIZES:
        assert len(names(alice, f"maxResults={size}")) == found, size


WRONG: list[Any] = [
    ("sortBy=owner", "sortBy"),
    ("sortBy=NAME", "sortBy"),
    ("sort_order=UP", "sortOrder"),
    ("maxResults=many", "maxResults"),
    ("maxResults=1.5", "maxResults"),
    ("ownerId=me", "ownerId"),
    ("nameFilter=%00", "nameFilter"),
    ("nextToken=abc", "nextToken"),
    ("nextToken=W10", "nextToken"),
    ("next_token=%C3%A9", "nextToken"),
]


def test_what_cannot_be_is_refused_and_names_the_field(alice: Caller) -> None:
    for query, field in WRONG:
        assert blamed(alice.get(f"spaces?{query}")) == [field], query


def test_a_token_is_of_one_list_of_one_user(world: Any, spaces: Any, alice: Caller, admin: Caller) -> None:
    query = "maxResults=2&label.odd=0"
    token = told(alice.get(f"spaces?{query}"))["nextToken"]
    assert "=" not in token
    assert token.isascii()
    told(alice.get(f"spaces?{query}&nextToken={token}"))
    told(alice.get(f"spaces?maxResults=1&label%5Bodd%5D=0&next_token={token}"))
    told(caller(world.alice).get(f"spaces?{query}&nextToken={token}"))
    forged = encode_cursor([spaces[0].created_at, spaces[0].pk, "x" * 22])
    for who, other in [
        (admin, f"{query}&nextToken={token}"),
        (alice, f"maxResults=2&nextToken={token}"),
        (alice, f"{query}&sortBy=name&nextToken={token}"),
        (alice, f"{query}&sortOrder=ASCENDING&nextToken={token}"),
        (alice, f"{query}&nextToken={token}x"),
        (alice, f"{query}&nextToken={forged}"),
    ]:
        answer = who.get(f"spaces?{other}")
        assert refused(answer)[0] == 400, other
        assert answer.json()["errors"] == [{"field": "nextToken", "message": "Invalid pagination token"}]


def test_no_token_comes_twice(spaces: Any, alice: Caller) -> None:
    tokens, token = [], ""
    while token is not None:
        token = told(alice.get(f"spaces?maxResults=2&nextToken={token}"))["nextToken"]
        tokens.append(token)
    assert all(before != after for before, after in pairwise(tokens))


@pytest.mark.thorough
def test_a_page_costs_the_same_however_many_spaces(
    spaces: Any, alice: Caller, django_assert_max_num_queries: Any
) -> None:
    told(alice.get("spaces?maxResults=1"))
    with django_assert_max_num_queries(8):
        assert len(names(alice)) == 7
