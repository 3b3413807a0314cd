"""search/search over the wire: where it looks, how it narrows, and that filters mean what the evaluator says."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from tests.api.unique.caller import refused, told
from tests.tiers import examples

pytestmark = pytest.mark.django_db
TRAINS = {"searchString": "Does the travel policy say trains or planes?", "searchType": "COMBINED"}


def hits(caller: Any, **body: Any) -> Any:
    answer = told(caller.post("search/search", {**TRAINS, **body}))
    assert answer["object"] == "list"
    return answer["data"]


def names(caller: Any, **body: Any) -> list[str]:
    return [hit["title"] for hit in hits(caller, **body)]


@pytest.mark.thorough
def test_a_hit_says_where_it_is_from(library: Any) -> None:
    chunk = library.policy.chunks.get()
    type(chunk).objects.filter(pk=chunk.pk).update(first_page=5, last_page=6)
    hit = hits(library.alice, limit=1)[0]
    scope = library.hr.wire_id
    assert (hit["object"], hit["id"], hit["chunkId"]) == (
        "search.search", library.policy.unique_id, f"chunk_{chunk.pk.hex}",
    )  # fmt: skip
    assert (hit["key"], hit["startPage"], hit["endPage"], hit["order"]) == ("policy.txt : 5,6", 5, 6, 0)
    assert (hit["text"], hit["title"], hit["url"]) == (chunk.text, "Travel policy", None)
    assert hit["metadata"].items() >= {"key": "policy.txt", "folderId": scope, "year": 2026}.items()
    assert "score" not in hit
    assert hits(library.alice, includeScores=True)[0]["score"] > 0
    (bare,) = hits(library.alice, contentIds=[library.report.unique_id])
    assert (bare["key"], bare["startPage"]) == ("report.txt", -1)


def test_folders_are_searched_as_far_as_one_may_read_them(library: Any) -> None:
    for kind in ("VECTOR", "COMBINED", "FULL_TEXT", "POSTGRES_FULL_TEXT"):
        found = names(library.alice, searchType=kind)
        assert found[0] == "Travel policy"
        assert not {"Noted", "Recipe"} & set(found)
        trains = {"searchType": kind, "searchString": "trains"}
        assert {"Report", "Travel policy"} <= set(names(library.alice, **trains))
        assert "Report" not in names(library.reader, **trains)
        assert names(library.mallory, searchType=kind) == []
    assert names(library.alice, searchType="FULL_TEXT", searchString="ninety francs") == ["Travel policy", "Salaries"]
    assert names(library.alice, searchString=" ") == []


@pytest.mark.thorough
def test_folders_and_contents_narrow(library: Any) -> None:
    docs, hr = library.docs.wire_id, library.hr.wire_id
    assert names(library.alice, scopeIds=[docs]) == ["Report"]
    assert set(names(library.alice, scopeIds=[docs, hr])) == set(names(library.alice, scopeIds=None))
    assert names(library.alice, scopeIds=[]) == names(library.alice, scopeIds=["scope_x"]) == []
    assert names(library.reader, scopeIds=[docs]) == []
    assert names(library.alice, contentIds=[library.salary.unique_id, "x"]) == ["Salaries"]
    assert names(library.alice, scopeIds=[docs], contentIds=[library.salary.unique_id]) == []
    year = {"path": ["year"], "operator": "equals", "value": 2026}
    assert names(library.alice, metaDataFilter=year) == ["Travel policy"]
    below = {"path": ["folderIdPath"], "operator": "contains", "value": f"uniquepathid://{docs}"}
    assert set(names(library.alice, metaDataFilter=below)) == {"Travel policy", "Report", "Salaries"}


def test_the_files_of_a_chat_come_with_the_chat_alone(library: Any) -> None:
    chat = {"chatId": library.chat.unique_id}
    assert {"Recipe", "Travel policy", "Report"} <= set(names(library.alice, **chat))
    assert names(library.alice, **chat, chatOnly=True) == ["Recipe"]
    assert names(library.alice, **chat, contentIds=[library.recipe.unique_id]) == ["Recipe"]
    assert names(library.alice, contentIds=[library.recipe.unique_id]) == []
    early = {"path": ["year"], "operator": "lessThan", "value": 2026}
    assert names(library.alice, **chat, chatOnly=True, metaDataFilter=early) == []
    for stranger in (library.reader, library.mallory):
        assert refused(stranger.post("search/search", {**TRAINS, **chat})) == (404, "NOT_FOUND")


def test_pages_are_parts_of_one_order(library: Any) -> None:
    whole = names(library.alice, limit=10)
    assert names(library.alice, limit=2) == names(library.alice, limit=2, page=0) == whole[:2]
    assert names(library.alice, limit=2, page=1) + names(library.alice, limit=2, page=2) == whole
    assert names(library.alice, limit=2, page=3) == names(library.alice, limit=1000, page=2**31 - 1) == []


def test_a_threshold_leaves_what_is_far_out(library: Any) -> None:
    kinds = ("VECTOR", "FULL_TEXT")
    for kind in kinds:
        scored = hits(library.alice, searchType=kind, includeScores=True)
        least = scored[0]["score"] - 0.001
        assert [hit["title"] for hit in scored if hit["score"] >= least] == ["Travel policy"]
        assert names(library.alice, searchType=kind, scoreThreshold=min(max(least, 0), 1)) == ["Travel policy"]
    assert names(library.alice, scoreThreshold=0) == names(library.alice)


def test_what_both_ways_find_is_merged_as_asked(library: Any) -> None:
    scores = {}
    for merge in ("RRF", "ZIP", "DBSF"):
        found = hits(library.alice, mergeStrategy=merge, includeScores=True)
        assert {hit["title"] for hit in found} == {"Travel policy", "Report", "Salaries"}
        scores[merge] = [hit["score"] for hit in found]
        assert scores[merge] == sorted(scores[merge], reverse=True)
    assert scores["ZIP"][0] == 1
    assert len({scores[merge][0] for merge in scores}) == 3


def test_what_is_not_understood_is_refused(library: Any) -> None:
    bad: list[dict[str, Any]] = [
        {"searchString": None}, {"searchType": "FUZZY"}, {"searchType": None}, {"limit": 0}, {"limit": 1001},
        {"page": -1}, {"scoreThreshold": 1.1}, {"scoreThreshold": "0"}, {"scopeIds": "scope_x"}, {"scopeIds": [1]},
        {"contentIds": {}}, {"mergeStrategy": "SUM"}, {"reranker": "x"}, {"reranker": {}}, {"chatOnly": True},
        {"reranker": {"deploymentName": "nobody"}}, {"metaDataFilter": {"path": ["a"], "operator": "is", "value": 1}},
        {"metaDataFilter": []}, {"includeScores": "True"}, {"searchString": "a" * 10_001},
    ]  # fmt: skip
    for body in bad:
        assert refused(library.alice.post("search/search", {**TRAINS, **body})) == (400, "BAD_REQUEST"), body
    fine = {"language": "English", "mergeStrategy": "RRF", "qdrantParams": {"exact": True}, "sourceKind": "X"}
    assert names(library.alice, **fine) == names(library.alice)


@pytest.mark.thorough
def test_the_number_of_queries_does_not_depend_on_the_number_of_hits(
    library: Any, django_assert_max_num_queries: Any
) -> None:
    assert len(hits(library.alice)) == 3
    for number in range(5):
        library.file(library.hr, f"Trains run, says number {number}.", key=f"{number}.txt")
    with django_assert_max_num_queries(20):
        assert len(hits(library.alice)) == 8


# --------------------------------------------------------------------- the oracle


def some_rule(random: Random, library: Any, depth: int = 2) -> dict[str, Any]:
    """A rule that often leaves some of the files."""
    if depth and random.random() < 0.4:
        return {random.choice(["and", "or"]): [some_rule(random, library, depth - 1) for _ in range(2)]}
    docs, hr = library.docs.wire_id, library.hr.wire_id
    kinds: list[tuple[list[str], list[str], list[Any]]] = [
        (["year"], ["equals", "notEquals", "greaterThan", "lessThanOrEqual"], [2024, 2025, 2026, "2025", 2025.0]),
        (["year"], ["in", "notIn"], [[2024, 2025], [2026], []]),
        (["tags"], ["overlaps", "notOverlaps", "in"], [["a"], ["b", "c"], []]),
        (["tags"], ["isEmpty", "isNotEmpty", "isNull", "isNotNull"], [None]),
        (["folderIdPath"], ["contains", "notContains", "equals"], [f"uniquepathid://{docs}", hr, f"{docs}/", ""]),
        (["folderId"], ["equals", "notEquals"], [docs, hr]),
        (["key"], ["contains", "notContains", "equals"], ["1", "TXT", "policy.txt"]),
    ]
    path, operators, values = random.choice(kinds)
    return {"path": path, "operator": random.choice(operators), "value": random.choice(values)}


@pytest.fixture
def oracle(library: Any) -> Any:
    """More files; what the evaluator leaves of those that an actor may read, as ids."""
    from memories.filters.documents import document_of
    from memories.filters.uniqueql import matches, parse

    from .library import Library

    random = Random(7)
    for number in range(12):
        meta = {
            "year": random.choice([2024, 2025, 2026, "2025", None]),
            "tags": random.choice([[], ["a"], ["b", "a"], "c"]),
        }
        folder = random.choice([library.docs, library.hr])
        library.file(folder, f"Trains, number {number}.", key=f"{number}.txt", meta=meta)

    def left(memories: Any, rule: Any) -> set[str]:
        return {each.unique_id for each in memories if matches(parse(rule), document_of(each))}

    assert isinstance(library, Library)
    return left


def some_rules(library: Any, number: int) -> Iterator[dict[str, Any]]:
    random = Random(number)
    for _ in range(number):
        yield some_rule(random, library)


def test_searches_find_what_the_evaluator_leaves(library: Any, oracle: Any) -> None:
    from memories.models import Memory
    from memories.permissions import visible_memories

    whole = {"searchType": "VECTOR", "limit": 1000, "chatId": library.chat.unique_id}
    memories = Memory.objects.of(library.account).select_related("folder")
    of_alice = list(memories.filter(folder__isnull=False) | memories.filter(chat=library.chat))
    of_bob = list(visible_memories(library.bob).filter(folder__isnull=False).select_related("folder"))
    kept = 0
    for rule in some_rules(library, examples(40)):
        found = {hit["id"] for hit in hits(library.alice, **whole, metaDataFilter=rule)}
        assert found == oracle(of_alice, rule), rule
        kept += 0 < len(found) < len(of_alice)
        found = {hit["id"] for hit in hits(library.reader, searchType="VECTOR", limit=1000, metaDataFilter=rule)}
        assert found == oracle(of_bob, rule), rule
    assert kept > examples(40) / 4


def test_infos_find_what_the_evaluator_leaves(library: Any, oracle: Any) -> None:
    from memories.permissions import visible_memories

    readable = list(visible_memories(library.by).select_related("folder"))
    for rule in some_rules(library, examples(40)):
        answer = told(library.alice.post("content/infos", {"metadataFilter": rule, "take": 250}))
        assert {info["id"] for info in answer["contentInfos"]} == oracle(readable, rule), rule
        assert answer["totalCount"] == len(answer["contentInfos"])


def test_searches_are_kept_for_the_history(library: Any, settings: Any) -> None:
    from memories.models import SearchLog

    settings.SEARCH_LOG_SHARE = 1
    found = hits(library.alice, chatId=library.chat.unique_id)
    (log,) = SearchLog.objects.of(library.account)
    assert (log.source, log.user, log.chat, log.found_count) == (
        "unique", library.world.alice, library.chat, len(found),
    )  # fmt: skip
    hits(library.mallory)
    assert SearchLog.objects.of(library.account).count() == 1
