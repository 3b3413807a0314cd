"""/v1/memories:retrieve: every event in its order, as NDJSON and as server-sent events."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from uuid import uuid4

import pytest

from memories.models import Embedder, LanguageModel, Reranker, set_embedders
from memories.models.embedders import Builtin
from spaces.actors import Actor
from spaces_project.kit import limits
from spaces_project.kit.egress import Allowed
from tests.factories import actor_of, make_embedder
from tests.memories.provider_server import ProviderServer, provider_server
from tests.openai_server import OpenAIServer, openai_server

from .caller import Caller, blamed, caller, refused
from .library import desk, events, made, ready

MISSING = "00000000-0000-7000-8000-000000000000"
CHAT = "com.goodmem.retrieval.postprocess.ChatPostProcessorFactory"
TEXTS = ("The red fox jumps over the fence", "A red tractor stands in the barn", "Bananas are yellow")


@pytest.fixture(scope="module")
def _library(_kept_world: Any, django_db_blocker: Any) -> tuple[Any, list[str]]:
    """A space with TEXTS in it, made once."""
    with django_db_blocker.unblock():
        space = desk(_kept_world)
        return space, ready(_kept_world, caller(_kept_world.alice), space, *TEXTS)


@pytest.fixture
def space(_library: Any, world: Any) -> Any:
    return deepcopy(_library[0])


@pytest.fixture
def filled(_library: Any, space: Any) -> list[str]:
    return list(_library[1])


@pytest.fixture
def empty(world: Any, space: Any) -> Any:
    return world.space(name="Empty")


def body(space: Any, message: str = "red fox", **fields: Any) -> dict[str, Any]:
    return {"message": message, "spaceKeys": [{"spaceId": str(space.pk)}], **fields}


def ask(who: Caller, space: Any, message: str = "red fox", **fields: Any) -> list[Any]:
    return events(who.post("memories:retrieve", body(space, message, **fields)))


def kinds(told: list[Any]) -> list[str]:
    return [next(iter(event)) for event in told]


def texts(told: list[Any]) -> list[str]:
    return [event["retrievedItem"]["chunk"]["chunk"]["chunkText"] for event in told if "retrievedItem" in event]


def scores(told: list[Any]) -> list[float]:
    return [event["retrievedItem"]["chunk"]["relevanceScore"] for event in told if "retrievedItem" in event]


def statuses(told: list[Any]) -> list[str]:
    return [event["status"]["code"] for event in told if "status" in event]


def processed(space: Any, **config: Any) -> dict[str, Any]:
    return body(space, postProcessor={"name": CHAT, "config": config})


# ------------------------------------------------------------------- the events


def test_the_events_come_in_their_order(alice: Caller, space: Any, filled: list[str]) -> None:
    told = ask(alice, space)
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


def test_an_empty_space_has_an_empty_result(alice: Caller, empty: Any) -> None:
    begin, end = (event["resultSetBoundary"] for event in ask(alice, empty))
    assert (begin["kind"], end["kind"]) == ("BEGIN", "END")
    assert "expectedItems" not in begin


def test_what_is_not_ready_is_not_found(alice: Caller, space: Any, filled: list[str]) -> None:
    made(alice, space, "A red fox that waits")
    assert len(texts(ask(alice, space))) == 3


def test_memories_come_as_they_were_asked_for(alice: Caller, space: Any, filled: list[str], monkeypatch: Any) -> None:
    assert "memoryDefinition" not in kinds(ask(alice, space, fetchMemory=False))
    told = ask(alice, space, fetchMemoryContent="true", requestedSize="1")
    assert base64.b64decode(told[1]["memoryDefinition"]["originalContent"]).decode() == TEXTS[0]
    assert len(texts(told)) == 1
    monkeypatch.setattr(limits, "CONTENT_BYTES_PER_LINE", 5)
    told = ask(alice, space, fetchMemoryContent=True, requestedSize=1)
    assert statuses(told) == ["MEMORY_CONTENT_UNAVAILABLE"]
    assert "originalContent" not in told[2]["memoryDefinition"]


def test_filters_and_spaces_hold(world: Any, alice: Caller, empty: Any) -> None:
    space = empty
    ready(world, alice, space, "The red fox of acme", metadata={"tenant": "acme"})
    ready(world, alice, space, "The red fox of others", metadata={"tenant": "other"})
    other = world.space()
    ready(world, alice, other, "The red fox elsewhere")
    key = {"spaceId": str(space.pk), "filter": "CAST(val('$.tenant') AS TEXT) = 'acme'"}
    told = events(alice.post("memories:retrieve", {"message": "red fox", "spaceKeys": [key]}))
    assert texts(told) == ["The red fox of acme"]
    keys = [key, {"spaceId": str(other.pk)}]
    told = events(alice.post("memories:retrieve", {"message": "red fox", "spaceKeys": keys}))
    assert set(texts(told)) == {"The red fox of acme", "The red fox elsewhere"}


def test_weights_turn_the_scores(world: Any, alice: Caller, space: Any, filled: list[str]) -> None:
    hashing = Embedder.objects.of(world.account).get(builtin=Builtin.HASHING)
    plain = scores(ask(alice, space))
    weighted = {"spaceId": str(space.pk), "embedderWeights": [{"embedderId": str(hashing.pk), "weight": "-2"}]}
    told = events(alice.post("memories:retrieve", {"message": "red fox", "spaceKeys": [weighted]}))
    assert texts(told)[0] == TEXTS[2]
    assert sorted(scores(told)) == pytest.approx(sorted(-2 * score for score in plain), abs=1e-3)


def test_everything_that_may_be_said_is_taken(alice: Caller, space: Any, filled: list[str]) -> None:
    hnsw = {
        "efSearch": 200, "iterativeScan": "ITERATIVE_SCAN_RELAXED_ORDER", "maxScanTuples": 20000,
        "scanMemMultiplier": 2.5,
    }  # fmt: skip
    context = [{"text": "extra"}, {"binary": {"contentType": "image/png", "data": "AAEC"}}]
    logging = {"enabled": True, "callerAttributes": {"a": "b", "n": 1}}
    told = ask(alice, space, hnsw=hnsw, context=context, logging=logging, outputBudget={"tokens": 100})
    assert texts(told)[0] == TEXTS[0]


# ------------------------------------------------------------------ both framings


def test_server_sent_events_have_the_same(alice: Caller, space: Any, filled: list[str]) -> None:
    answer = alice.post("memories:retrieve", body(space), accept="text/event-stream")
    assert answer["Content-Type"] == "text/event-stream; charset=utf-8"
    *items, close, rest = b"".join(answer.streaming_content).decode().split("\n\n")
    assert (close, rest) == ('event: close\ndata: {"type":"completed"}', "")
    assert all(item.startswith("event: item\ndata: {") for item in items)
    told = [json.loads(item.partition("data: ")[2]) for item in items]
    assert kinds(told) == kinds(ask(alice, space))


def test_a_query_string_asks_the_same(world: Any, alice: Caller, space: Any, filled: list[str]) -> None:
    other = world.space()
    query = f"memories:retrieve?message=red+fox&spaceIds={space.pk}%2C{other.pk}"
    assert texts(events(alice.get(query))) == texts(ask(alice, space))
    told = events(alice.get(f"{query}&requestedSize=2&fetchMemory=false&pp_max_results=1&pp_chronological_resort=true"))
    assert kinds(told) == ["status", "status", "resultSetBoundary", "retrievedItem", "resultSetBoundary"]
    told = events(alice.get(f"{query}&filter=FALSE&postProcessorLlmId={MISSING}"))
    assert statuses(told) == ["FEATURE_DISABLED", "NOT_FOUND", "SUMMARIZATION_FAILED"]
    assert texts(told) == []
    assert blamed(alice.get(f"memories:retrieve?spaceIds={space.pk}")) == ["message"]
    assert blamed(alice.get("memories:retrieve?message=x")) == ["spaceKeys"]
    assert blamed(alice.get(f"{query}&ppLlmId=x")) == ["postProcessor.config.llm_id"]


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
def test_wrong_requests_are_refused(alice: Caller, space: Any, change: Any, fields: list[str]) -> None:
    assert blamed(alice.post("memories:retrieve", body(space) | change)) == fields


def test_filters_that_are_none_are_refused(alice: Caller, space: Any) -> None:
    key = {"spaceId": str(space.pk), "filter": "CAST(val('$.a') AS"}
    answer = alice.post("memories:retrieve", {"message": "x", "spaceKeys": [key]})
    assert blamed(answer) == ["spaceKeys[0].filter"]
    assert refused(answer)[1].startswith("Invalid filter: Parse error at position")


def test_embedders_of_others_are_refused(alice: Caller, space: Any, world: Any) -> None:
    for pk in (make_embedder(world.account).pk, make_embedder(world.other).pk, uuid4()):
        key = {"spaceId": str(space.pk), "embedderWeights": [{"embedderId": str(pk), "weight": 1}]}
        answer = alice.post("memories:retrieve", {"message": "x", "spaceKeys": [key]})
        assert blamed(answer) == ["spaceKeys[0].embedderWeights[0].embedderId"]


def test_spaces_that_are_not_there_are_404(
    alice: Caller, bob: Caller, mallory: Caller, anyone: Caller, space: Any
) -> None:
    keys = [{"spaceId": str(space.pk)}, {"spaceId": MISSING}]
    answer = alice.post("memories:retrieve", {"message": "x", "spaceKeys": keys})
    assert refused(answer) == (404, f"Space not found: {MISSING}")
    for who in (bob, mallory):
        assert refused(who.post("memories:retrieve", body(space))) == (404, f"Space not found: {space.pk}")
    assert refused(anyone.post("memories:retrieve", body(space)))[0] == 401


# --------------------------------------------------------------- post-processing


@pytest.fixture(scope="module")
def providers() -> Iterator[ProviderServer]:
    with provider_server() as server:
        yield server


@pytest.fixture(scope="module")
def model_server() -> Iterator[OpenAIServer]:
    with openai_server() as server:
        yield server


@pytest.fixture
def reranker(world: Any, providers: ProviderServer, settings: Any) -> Reranker:
    settings.EGRESS_ALLOW = Allowed.parse(["127.0.0.1"])
    providers.script.clear()
    where = {"provider_type": "COHERE", "endpoint_url": providers.url("/v2/rerank"), "model_identifier": "m"}
    return Reranker.create(actor_of(world.admin), world.account, name="R", **where)


@pytest.fixture
def llm(world: Any, model_server: OpenAIServer, settings: Any) -> LanguageModel:
    settings.EGRESS_ALLOW = Allowed.parse(["127.0.0.1"])
    model_server.requests.clear()
    where = {"endpoint_url": model_server.url, "api_path": "/chat/completions", "model_identifier": "echo"}
    return LanguageModel.create(actor_of(world.admin), world.account, name="L", **where)


def test_a_post_processor_without_models_says_what_is_off(alice: Caller, space: Any, filled: list[str]) -> None:
    told = events(alice.post("memories:retrieve", processed(space)))
    assert [event["status"]["details"] for event in told[:2]] == [
        {"required_param": "reranker_id", "feature": "reranking"},
        {"required_param": "llm_id", "feature": "summarization"},
    ]
    assert statuses(told) == ["FEATURE_DISABLED", "FEATURE_DISABLED"]
    assert len(texts(told)) == 3


def test_a_reranker_puts_hits_in_its_order(alice: Caller, space: Any, filled: list[str], reranker: Reranker) -> None:
    config = {"reranker_id": str(reranker.pk)}
    told = events(alice.post("memories:retrieve", processed(space, **config)))
    begin = next(event for event in told if "resultSetBoundary" in event)["resultSetBoundary"]
    assert begin["stageName"] == "rerank"
    assert scores(told) == [2, 1, 0], "words of the question that are in the text: higher is better"
    assert texts(told) == list(TEXTS)
    told = events(alice.post("memories:retrieve", processed(space, **config, relevance_threshold=1)))
    assert scores(told) == [2, 1]
    told = events(alice.post("memories:retrieve", processed(space, **config, max_results=1)))
    assert scores(told) == [2]
    again = processed(space, **config, chronological_resort=True)
    again["message"] = "yellow bananas"
    assert texts(events(alice.post("memories:retrieve", again))) == list(TEXTS)


def test_hits_stay_when_reranking_fails(
    alice: Caller, space: Any, filled: list[str], reranker: Reranker, providers: ProviderServer
) -> None:
    told = events(alice.post("memories:retrieve", processed(space, reranker_id=MISSING, relevance_threshold=5)))
    assert statuses(told)[:2] == ["NOT_FOUND", "RERANKING_FAILED"]
    assert told[1]["status"]["details"] == {"reranker_id": MISSING}
    assert texts(told)[0] == TEXTS[0]
    providers.script.append(400)
    told = events(
        alice.post("memories:retrieve", processed(space, reranker_id=str(reranker.pk), relevance_threshold=5))
    )
    assert "RERANKING_FAILED" in statuses(told)
    assert (texts(told)[0], scores(told)[0] < 0) == (TEXTS[0], True)


def test_a_language_model_answers_behind_the_hits(
    alice: Caller, space: Any, filled: list[str], llm: LanguageModel, model_server: OpenAIServer
) -> None:
    config = {
        "llm_id": str(llm.pk), "prompt": "Q {{ userQuery }} D {{dataSection}} {{ other }}", "sys_prompt": "Be kind.",
        "llm_temp": "0.7", "gen_token_budget": 256, "max_results": 1,
    }  # fmt: skip
    told = events(alice.post("memories:retrieve", processed(space, **config)))
    assert kinds(told)[-2:] == ["resultSetBoundary", "abstractReply"]
    reply = told[-1]["abstractReply"]
    assert (reply["relevanceScore"], reply["resultSetId"]) == (0.0, told[-2]["resultSetBoundary"]["resultSetId"])
    assert "red fox" in reply["text"]
    sent = model_server.requests[-1]
    assert sent["messages"][0] == {"role": "system", "content": "Be kind."}
    assert sent["messages"][1]["content"].startswith("Q red fox D [1] ")
    assert TEXTS[0] in sent["messages"][1]["content"]
    assert TEXTS[1] not in sent["messages"][1]["content"]
    assert "{{" not in sent["messages"][1]["content"]
    assert (sent["temperature"], sent["max_tokens"]) == (0.7, 256)
    events(alice.post("memories:retrieve", processed(space, llm_id=str(llm.pk)) | {"outputBudget": {"tokens": 9}}))
    assert model_server.requests[-1]["max_tokens"] == 9
    events(alice.post("memories:retrieve", processed(space, llm_id=str(llm.pk))))
    assert model_server.requests[-1]["max_tokens"] == 512


def test_hits_stay_when_the_language_model_fails(
    alice: Caller, space: Any, filled: list[str], llm: LanguageModel
) -> None:
    told = events(alice.post("memories:retrieve", processed(space, llm_id=MISSING)))
    assert kinds(told)[-2:] == ["resultSetBoundary", "status"]
    assert statuses(told) == ["FEATURE_DISABLED", "NOT_FOUND", "SUMMARIZATION_FAILED"]
    llm.change(Actor.system(llm.account), model_identifier="status:400")
    told = events(alice.post("memories:retrieve", processed(space, llm_id=str(llm.pk))))
    assert statuses(told) == ["FEATURE_DISABLED", "SUMMARIZATION_FAILED"]
    assert "leaked" not in json.dumps(told)
    assert texts(told)[0] == TEXTS[0]


def test_a_stream_that_waits_gives_signs_of_life(
    alice: Caller, space: Any, filled: list[str], llm: LanguageModel, monkeypatch: Any
) -> None:
    from spaces_project.api.goodmem import replies

    monkeypatch.setattr(replies, "ALIVE_SECONDS", 0.05)
    llm.change(Actor.system(llm.account), model_identifier="slow:2")
    answer = alice.post("memories:retrieve", processed(space, llm_id=str(llm.pk)))
    *_, before, last = b"".join(answer.streaming_content).split(b"\n")[:-1]
    assert (before, b"abstractReply" in last) == (b"", True)
    sse = alice.post("memories:retrieve", processed(space, llm_id=str(llm.pk)), accept="text/event-stream")
    assert b"\n\n: alive\n\n" in b"".join(sse.streaming_content)


def test_seats_are_given_back(alice: Caller, space: Any, filled: list[str], llm: LanguageModel) -> None:
    from chats.watching import hub

    taken = hub._taken
    for _ in range(2):
        events(alice.post("memories:retrieve", processed(space, llm_id=str(llm.pk))))
    left = alice.post("memories:retrieve", processed(space, llm_id=str(llm.pk)))
    assert next(iter(left.streaming_content)).startswith(b'{"status"')
    for close in left._resource_closers:  # as the server does; its signal would close the test's connection too
        close()
    assert hub._taken == taken


def test_an_unknown_post_processor_is_told(alice: Caller, space: Any, filled: list[str]) -> None:
    told = ask(alice, space, postProcessor={"name": "com.example.Other", "config": {"llm_id": "anything"}})
    assert statuses(told) == ["INVALID_ARGUMENT"]
    assert len(texts(told)) == 3


def test_an_embedder_that_is_away_is_all_that_is_told(
    world: Any, alice: Caller, space: Any, filled: list[str], settings: Any
) -> None:
    settings.EGRESS_ALLOW = Allowed.parse(["127.0.0.1"])
    away = make_embedder(world.account, endpoint_url="http://127.0.0.1:9999")
    set_embedders(actor_of(world.alice), space, [(away, 1.0)])
    (only,) = ask(alice, space)
    assert only["status"]["code"].startswith("EMBEDDER_")
    assert only["status"]["message"].startswith("Embedding failed")


# ------------------------------------------------------------------ public spaces


def test_a_strangers_public_space_runs_no_models(
    world: Any, alice: Caller, mallory: Caller, anyone: Caller, space: Any, filled: list[str], llm: LanguageModel,
    reranker: Reranker, model_server: OpenAIServer,
) -> None:  # fmt: skip
    space.change(actor_of(world.alice), public_read=True)
    assert texts(ask(mallory, space))[0] == TEXTS[0]
    told = events(mallory.post("memories:retrieve", processed(space, llm_id=str(llm.pk), reranker_id=str(reranker.pk))))
    assert statuses(told) == ["PERMISSION_DENIED"]
    assert texts(told)[0] == TEXTS[0]
    assert model_server.requests == []
    assert refused(anyone.post("memories:retrieve", body(space)))[0] == 401
