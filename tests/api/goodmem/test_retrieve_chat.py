"""/v1/memories:retrieve with a post-processor: rerankers and language models, and what is told when they fail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from memories.models import LanguageModel, Reranker, set_embedders
from spaces.actors import Actor
from spaces_project.kit.egress import Allowed
from tests.factories import actor_of, make_embedder
from tests.memories.provider_server import ProviderServer, provider_server
from tests.openai_server import OpenAIServer, openai_server

from .caller import Caller, refused
from .library import MISSING, TEXTS, ask, body, events, kinds, processed, scores, statuses, texts


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


@pytest.mark.thorough
def test_a_post_processor_without_models_says_what_is_off(alice: Caller, library: Any, filled: list[str]) -> None:
    told = events(alice.post("memories:retrieve", processed(library)))
    assert [event["status"]["details"] for event in told[:2]] == [
        {"required_param": "reranker_id", "feature": "reranking"},
        {"required_param": "llm_id", "feature": "summarization"},
    ]
    assert statuses(told) == ["FEATURE_DISABLED", "FEATURE_DISABLED"]
    assert len(texts(told)) == 3


def test_a_reranker_puts_hits_in_its_order(alice: Caller, library: Any, filled: list[str], reranker: Reranker) -> None:
    config = {"reranker_id": str(reranker.pk)}
    told = events(alice.post("memories:retrieve", processed(library, **config)))
    begin = next(event for event in told if "resultSetBoundary" in event)["resultSetBoundary"]
    assert begin["stageName"] == "rerank"
    assert scores(told) == [2, 1, 0], "words of the question that are in the text: higher is better"
    assert texts(told) == list(TEXTS)
    told = events(alice.post("memories:retrieve", processed(library, **config, relevance_threshold=1)))
    assert scores(told) == [2, 1]
    told = events(alice.post("memories:retrieve", processed(library, **config, max_results=1)))
    assert scores(told) == [2]
    again = processed(library, **config, chronological_resort=True)
    again["message"] = "yellow bananas"
    assert texts(events(alice.post("memories:retrieve", again))) == list(TEXTS)


def test_hits_stay_when_reranking_fails(
    alice: Caller, library: Any, filled: list[str], reranker: Reranker, providers: ProviderServer
) -> None:
    told = events(alice.post("memories:retrieve", processed(library, reranker_id=MISSING, relevance_threshold=5)))
    assert statuses(told)[:2] == ["NOT_FOUND", "RERANKING_FAILED"]
    assert told[1]["status"]["details"] == {"reranker_id": MISSING}
    assert texts(told)[0] == TEXTS[0]
    providers.script.append(400)
    told = events(
        alice.post("memories:retrieve", processed(library, reranker_id=str(reranker.pk), relevance_threshold=5))
    )
    assert "RERANKING_FAILED" in statuses(told)
    assert (texts(told)[0], scores(told)[0] < 0) == (TEXTS[0], True)


def test_a_language_model_answers_behind_the_hits(
    alice: Caller, library: Any, filled: list[str], llm: LanguageModel, model_server: OpenAIServer
) -> None:
    config = {
        "llm_id": str(llm.pk), "prompt": "Q {{ userQuery }} D {{dataSection}} {{ other }}", "sys_prompt": "Be kind.",
        "llm_temp": "0.7", "gen_token_budget": 256, "max_results": 1,
    }  # fmt: skip
    told = events(alice.post("memories:retrieve", processed(library, **config)))
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
    events(alice.post("memories:retrieve", processed(library, llm_id=str(llm.pk)) | {"outputBudget": {"tokens": 9}}))
    assert model_server.requests[-1]["max_tokens"] == 9
    events(alice.post("memories:retrieve", processed(library, llm_id=str(llm.pk))))
    assert model_server.requests[-1]["max_tokens"] == 512


def test_hits_stay_when_the_language_model_fails(
    alice: Caller, library: Any, filled: list[str], llm: LanguageModel
) -> None:
    told = events(alice.post("memories:retrieve", processed(library, llm_id=MISSING)))
    assert kinds(told)[-2:] == ["resultSetBoundary", "status"]
    assert statuses(told) == ["FEATURE_DISABLED", "NOT_FOUND", "SUMMARIZATION_FAILED"]
    llm.change(Actor.system(llm.account), model_identifier="status:400")
    told = events(alice.post("memories:retrieve", processed(library, llm_id=str(llm.pk))))
    assert statuses(told) == ["FEATURE_DISABLED", "SUMMARIZATION_FAILED"]
    assert "leaked" not in json.dumps(told)
    assert texts(told)[0] == TEXTS[0]


def test_a_stream_that_waits_gives_signs_of_life(
    alice: Caller, library: Any, filled: list[str], llm: LanguageModel, monkeypatch: Any
) -> None:
    from spaces_project.api.goodmem import replies

    monkeypatch.setattr(replies, "ALIVE_SECONDS", 0.05)
    llm.change(Actor.system(llm.account), model_identifier="slow:2")
    answer = alice.post("memories:retrieve", processed(library, llm_id=str(llm.pk)))
    *_, before, last = b"".join(answer.streaming_content).split(b"\n")[:-1]
    assert (before, b"abstractReply" in last) == (b"", True)
    sse = alice.post("memories:retrieve", processed(library, llm_id=str(llm.pk)), accept="text/event-stream")
    assert b"\n\n: alive\n\n" in b"".join(sse.streaming_content)


def test_seats_are_given_back(alice: Caller, library: Any, filled: list[str], llm: LanguageModel) -> None:
    from chats.watching import hub

    taken = hub._taken
    for _ in range(2):
        events(alice.post("memories:retrieve", processed(library, llm_id=str(llm.pk))))
    left = alice.post("memories:retrieve", processed(library, llm_id=str(llm.pk)))
    assert next(iter(left.streaming_content)).startswith(b'{"status"')
    for close in left._resource_closers:  # as the server does; its signal would close the test's connection too
        close()
    assert hub._taken == taken


def test_an_unknown_post_processor_is_told(alice: Caller, library: Any, filled: list[str]) -> None:
    told = ask(alice, library, postProcessor={"name": "com.example.Other", "config": {"llm_id": "anything"}})
    assert statuses(told) == ["INVALID_ARGUMENT"]
    assert len(texts(told)) == 3


def test_an_embedder_that_is_away_is_all_that_is_told(
    world: Any, alice: Caller, library: Any, filled: list[str], settings: Any
) -> None:
    settings.EGRESS_ALLOW = Allowed.parse(["127.0.0.1"])
    away = make_embedder(world.account, endpoint_url="http://127.0.0.1:9999")
    set_embedders(actor_of(world.alice), library, [(away, 1.0)])
    (only,) = ask(alice, library)
    assert only["status"]["code"].startswith("EMBEDDER_")
    assert only["status"]["message"].startswith("Embedding failed")


# ------------------------------------------------------------------ public spaces


def test_a_strangers_public_space_runs_no_models(
    world: Any, alice: Caller, mallory: Caller, anyone: Caller, library: Any, filled: list[str], llm: LanguageModel,
    reranker: Reranker, model_server: OpenAIServer,
) -> None:  # fmt: skip
    library.change(actor_of(world.alice), public_read=True)
    assert texts(ask(mallory, library))[0] == TEXTS[0]
    told = events(
        mallory.post("memories:retrieve", processed(library, llm_id=str(llm.pk), reranker_id=str(reranker.pk)))
    )
    assert statuses(told) == ["PERMISSION_DENIED"]
    assert texts(told)[0] == TEXTS[0]
    assert model_server.requests == []
    assert refused(anyone.post("memories:retrieve", body(library)))[0] == 401
