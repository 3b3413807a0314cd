"""/v1/memories:retrieve: every event in its order, as NDJSON and as server-sent events."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import uuid4

import pytest

from memories.models import Embedder
from memories.models.embedders import Builtin
from spaces_project.kit import limits
from tests.factories import make_embedder

from .caller import Caller, blamed, refused
from .library import CHAT, MISSING, TEXTS, ask, body, events, kinds, made, ready, scores, statuses, texts


@pytest.fixture
def empty(world: Any, library: Any) -> Any:
    return world.space(name="Empty")


# ------------------------------------------------------------------- the events


def test_the_events_come_in_their_order(alice: Caller, library: Any, filled: list[str]) -> None:
    told = ask(alice, library)
    assert kinds(told) == [
        "resultSetBoundary", *["memoryDefinition", "retrievedItem"] * 3, "resultSetBoundary",
    ]  # fmt: skip
    begin, end = told[0]["resultSetBoundary"], told[-1]["resultSetBoundary"]
    assert begin == {"resultSetId": begin["resultSetId"], "kind": "BEGIN", "stageName": "retrieve", "expectedItems": 3}
    assert end == {"resultSetId": begin["resultSetId"], "kind": "END", "stageName": ""}
    assert told[1]["memoryDefinition"] == alice.get(f"memories/{filled[0]}").json()
    item = told[2]["retrievedItem"]["chunk"]
    assert set(item) == {"resultSetId", "chunk", "memoryIndex", "relevanceScore"}
    assert item["resultSetId"] == begin["resultSetId"]
    chunk = item["chunk"]
    assert (chunk["memoryId"], chunk["chunkText"], chunk["chunkSequenceNumber"]) == (filled[0], TEXTS[0], 0)
    assert (chunk["startOffset"], chunk["endOffset"], chunk["vectorStatus"]) == (0, len(TEXTS[0]), "COMPLETED")
    assert isinstance(chunk["createdAt"], int)
    assert texts(told)[0] == TEXTS[0]
    assert [event["retrievedItem"]["chunk"]["memoryIndex"] for event in told if "retrievedItem" in event] == [0, 1, 2]
    found = scores(told)
    assert found == sorted(found)
    assert -1.001 <= found[0] < found[1] < found[2] <= 0, "lower is better"


def test_a_memory_comes_once_before_its_first_chunk(world: Any, alice: Caller, empty: Any) -> None:
    plan = {"recursive": {"chunkSize": 20, "chunkOverlap": 0, "separators": ["\n"]}}
    ready(world, alice, empty, "red fox number one\nred fox number two\n", chunkingConfig=plan)
    told = ask(alice, empty)
    assert kinds(told) == [
        "resultSetBoundary", "memoryDefinition", "retrievedItem", "retrievedItem", "resultSetBoundary",
    ]  # fmt: skip


@pytest.mark.thorough
def test_an_empty_space_has_an_empty_result(alice: Caller, empty: Any) -> None:
    begin, end = (event["resultSetBoundary"] for event in ask(alice, empty))
    assert (begin["kind"], end["kind"]) == ("BEGIN", "END")
    assert "expectedItems" not in begin


def test_what_is_not_ready_is_not_found(alice: Caller, library: Any, filled: list[str]) -> None:
    made(alice, library, "A red fox that waits")
    assert len(texts(ask(alice, library))) == 3


def test_memories_come_as_they_were_asked_for(alice: Caller, library: Any, filled: list[str], monkeypatch: Any) -> None:
    assert "memoryDefinition" not in kinds(ask(alice, library, fetchMemory=False))
    told = ask(alice, library, fetchMemoryContent="true", requestedSize="1")
    assert base64.b64decode(told[1]["memoryDefinition"]["originalContent"]).decode() == TEXTS[0]
    assert len(texts(told)) == 1
    monkeypatch.setattr(limits, "CONTENT_BYTES_PER_LINE", 5)
    told = ask(alice, library, fetchMemoryContent=True, requestedSize=1)
    assert statuses(told) == ["MEMORY_CONTENT_UNAVAILABLE"]
    assert "originalContent" not in told[2]["memoryDefinition"]


def test_filters_and_spaces_hold(world: Any, alice: Caller, empty: Any) -> None:
    ready(world, alice, empty, "The red fox of acme", metadata={"tenant": "acme"})
    ready(world, alice, empty, "The red fox of others", metadata={"tenant": "other"})
    other = world.space()
    ready(world, alice, other, "The red fox elsewhere")
    key = {"spaceId": str(empty.pk), "filter": "CAST(val('$.tenant') AS TEXT) = 'acme'"}
    told = events(alice.post("memories:retrieve", {"message": "red fox", "spaceKeys": [key]}))
    assert texts(told) == ["The red fox of acme"]
    keys = [key, {"spaceId": str(other.pk)}]
    told = events(alice.post("memories:retrieve", {"message": "red fox", "spaceKeys": keys}))
    assert set(texts(told)) == {"The red fox of acme", "The red fox elsewhere"}


def test_weights_turn_the_scores(world: Any, alice: Caller, library: Any, filled: list[str]) -> None:
    hashing = Embedder.objects.of(world.account).get(builtin=Builtin.HASHING)
    plain = scores(ask(alice, library))
    weighted = {"spaceId": str(library.pk), "embedderWeights": [{"embedderId": str(hashing.pk), "weight": "-2"}]}
    told = events(alice.post("memories:retrieve", {"message": "red fox", "spaceKeys": [weighted]}))
    assert texts(told)[0] == TEXTS[2]
    assert sorted(scores(told)) == pytest.approx(sorted(-2 * score for score in plain), abs=1e-3)


def test_no_weight_makes_scores_that_are_no_json(world: Any, alice: Caller, library: Any) -> None:
    pk = str(Embedder.objects.of(world.account).get(builtin=Builtin.HASHING).pk)
    for weight in (1_000_001, -1_000_001, 1.7e308):
        key = {"spaceId": str(library.pk), "embedderWeights": [{"embedderId": pk, "weight": weight}]}
        answer = alice.post("memories:retrieve", {"message": "red fox", "spaceKeys": [key]})
        assert blamed(answer) == ["spaceKeys[0].embedderWeights[0].weight"]


def test_everything_that_may_be_said_is_taken(alice: Caller, library: Any, filled: list[str]) -> None:
    hnsw = {
        "efSearch": 200, "iterativeScan": "ITERATIVE_SCAN_RELAXED_ORDER", "maxScanTuples": 20000,
        "scanMemMultiplier": 2.5,
    }  # fmt: skip
    context = [{"text": "extra"}, {"binary": {"contentType": "image/png", "data": "AAEC"}}]
    logging = {"enabled": True, "callerAttributes": {"a": "b", "n": 1}}
    told = ask(alice, library, hnsw=hnsw, context=context, logging=logging, outputBudget={"tokens": 100})
    assert texts(told)[0] == TEXTS[0]


# ------------------------------------------------------------------ both framings


def test_server_sent_events_have_the_same(alice: Caller, library: Any, filled: list[str]) -> None:
    answer = alice.post("memories:retrieve", body(library), accept="text/event-stream")
    assert answer["Content-Type"] == "text/event-stream; charset=utf-8"
    *items, close, rest = b"".join(answer.streaming_content).decode().split("\n\n")
    assert (close, rest) == ('event: close\ndata: {"type":"completed"}', "")
    assert all(item.startswith("event: item\ndata: {") for item in items)
    told = [json.loads(item.partition("data: ")[2]) for item in items]
    assert kinds(told) == kinds(ask(alice, library))


def test_a_query_string_asks_the_same(world: Any, alice: Caller, library: Any, filled: list[str]) -> None:
    other = world.space()
    query = f"memories:retrieve?message=red+fox&spaceIds={library.pk}%2C{other.pk}"
    assert texts(events(alice.get(query))) == texts(ask(alice, library))
    told = events(alice.get(f"{query}&requestedSize=2&fetchMemory=false&pp_max_results=1&pp_chronological_resort=true"))
    assert kinds(told) == ["status", "status", "resultSetBoundary", "retrievedItem", "resultSetBoundary"]
    told = events(alice.get(f"{query}&filter=FALSE&postProcessorLlmId={MISSING}"))
    assert statuses(told) == ["FEATURE_DISABLED", "NOT_FOUND", "SUMMARIZATION_FAILED"]
    assert texts(told) == []
    assert blamed(alice.get(f"memories:retrieve?spaceIds={library.pk}")) == ["message"]
    assert blamed(alice.get("memories:retrieve?message=x&spaceIds=,")) == ["spaceIds"]
    assert blamed(alice.get(f"{query}&ppLlmId=x")) == ["postProcessor.config.llm_id"]


def test_spaces_may_be_named_one_by_one(world: Any, alice: Caller, library: Any, filled: list[str]) -> None:
    other = world.space()
    found = texts(ask(alice, library))
    for name in ("spaceIds", "space_ids"):
        query = f"memories:retrieve?message=red+fox&{name}={library.pk}&{name}={other.pk}"
        assert texts(events(alice.get(query))) == found


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/x-ndjson, text/event-stream;q=0.5", "application/x-ndjson"),
        ("application/x-ndjson;q=0.5, text/event-stream", "text/event-stream"),
        ("text/event-stream, application/x-ndjson", "text/event-stream"),
        ("text/event-stream;q=0, */*", "application/x-ndjson"),
        ("TEXT/Event-Stream; charset=utf-8", "text/event-stream"),
        ("application/json", "application/x-ndjson"),
    ],
)
def test_the_form_is_the_one_that_is_liked_best(alice: Caller, library: Any, accept: str, kind: str) -> None:
    answer = alice.post("memories:retrieve", body(library), accept=accept)
    assert answer["Content-Type"] == f"{kind}; charset=utf-8"
    list(answer.streaming_content)


# ------------------------------------------------------------- refused beforehand


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"message": None}, ["message"]),
        ({"message": "  "}, ["message"]),
        ({"message": "x" * 10_001}, ["message"]),
        ({"spaceKeys": []}, ["spaceKeys"]),
        ({"spaceKeys": [{"spaceId": "x"}]}, ["spaceKeys[0].spaceId"]),
        ({"requestedSize": -1}, ["requestedSize"]),
        ({"fetchMemory": False, "fetchMemoryContent": True}, ["fetchMemoryContent"]),
        ({"outputBudget": {"tokens": 0}}, ["outputBudget.tokens"]),
        ({"hnsw": {"efSearch": 1001}}, ["hnsw.efSearch"]),
        ({"hnsw": {"iterativeScan": "SOMETIMES"}}, ["hnsw.iterativeScan"]),
        ({"hnsw": {"scanMemMultiplier": 0.5}}, ["hnsw.scanMemMultiplier"]),
        ({"context": [{"text": "a", "binary": {"contentType": "a/b", "data": ""}}]}, ["context[0]"]),
        ({"context": [{"binary": {"contentType": "a/b", "data": "?"}}]}, ["context[0].binary.data"]),
        ({"logging": {"callerAttributes": {"a": {}}}}, ["logging.callerAttributes"]),
        ({"postProcessor": {"name": CHAT, "config": {"max_results": 0}}}, ["postProcessor.config.max_results"]),
        ({"postProcessor": {"name": CHAT, "config": {"llm_temp": 2.1}}}, ["postProcessor.config.llm_temp"]),
        ({"rerankerId": MISSING}, []),
    ],
)
def test_wrong_requests_are_refused(alice: Caller, library: Any, change: Any, fields: list[str]) -> None:
    assert blamed(alice.post("memories:retrieve", body(library) | change)) == fields


def test_filters_that_are_none_are_refused(alice: Caller, library: Any) -> None:
    key = {"spaceId": str(library.pk), "filter": "CAST(val('$.a') AS"}
    answer = alice.post("memories:retrieve", {"message": "x", "spaceKeys": [key]})
    assert blamed(answer) == ["spaceKeys[0].filter"]
    assert refused(answer)[1].startswith("Invalid filter: Parse error at position")


def test_embedders_of_others_are_refused(alice: Caller, library: Any, world: Any) -> None:
    for pk in (make_embedder(world.account).pk, make_embedder(world.other).pk, uuid4()):
        key = {"spaceId": str(library.pk), "embedderWeights": [{"embedderId": str(pk), "weight": 1}]}
        answer = alice.post("memories:retrieve", {"message": "x", "spaceKeys": [key]})
        assert blamed(answer) == ["spaceKeys[0].embedderWeights[0].embedderId"]


def test_spaces_that_are_not_there_are_404(
    alice: Caller, bob: Caller, mallory: Caller, anyone: Caller, library: Any
) -> None:
    keys = [{"spaceId": str(library.pk)}, {"spaceId": MISSING}]
    answer = alice.post("memories:retrieve", {"message": "x", "spaceKeys": keys})
    assert refused(answer) == (404, f"Space not found: {MISSING}")
    for who in (bob, mallory):
        assert refused(who.post("memories:retrieve", body(library))) == (404, f"Space not found: {library.pk}")
    assert refused(anyone.post("memories:retrieve", body(library)))[0] == 401
