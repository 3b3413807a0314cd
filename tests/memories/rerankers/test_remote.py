"""Rerankers on other servers: what is sent, and what is made of answers good and bad."""

from __future__ import annotations

from typing import Any

import pytest

from memories.rerankers import Endpoint, Reranker, RerankingFailed, remote
from spaces_project.kit.egress import Allowed
from tests.memories.provider_server import SECRET, ProviderServer

KEY = "sk-very-secret"
PATHS = {"TEI": "/rerank-tei", "COHERE": "/v2/rerank", "JINA": "/v1/rerank", "VOYAGE": "/voyage/rerank"}
BASE = {"model": "small", "query": "red fox", "documents": ["a red fox"]}
WIRE = {
    "TEI": {"query": "red fox", "texts": ["a red fox"], "truncate": True},
    "COHERE": BASE,
    "JINA": {**BASE, "return_documents": False},
    "VOYAGE": {**BASE, "truncation": True},
    "VLLM": BASE,
    "LLAMA_CPP": BASE,
}


def reranker(server: ProviderServer, provider: str = "COHERE", **options: Any) -> Reranker:
    endpoint = Endpoint(server.url(PATHS.get(provider, "/rerank")), KEY, **{"timeout": 10, **options})
    return remote(provider, endpoint, "small")


@pytest.mark.parametrize("provider", WIRE)
def test_every_provider_gives_scores_in_the_texts_order(server: ProviderServer, provider: str) -> None:
    made = reranker(server, provider)
    assert made.rank("red fox", ["a dog", "a red fox", "the fox"]) == [0, 2, 1]
    assert made.rank("red fox", ["a red fox"]) == [2]
    assert server.requests[1] == WIRE[provider]
    assert server.headers[1]["authorization"] == f"Bearer {KEY}"


def test_no_texts_call_nobody(server: ProviderServer) -> None:
    assert reranker(server).rank("red fox", []) == []
    assert server.requests == []


def test_texts_go_in_batches(server: ProviderServer) -> None:
    texts = [f"red {number}" for number in range(40)]
    assert reranker(server, "TEI").rank("red 39", texts) == [1.0] * 39 + [2.0]
    assert [len(each["texts"]) for each in server.requests] == [32, 8]


def test_long_blank_and_broken_texts_are_made_sendable(server: ProviderServer) -> None:
    reranker(server).rank("q" * 20_000, ["", "half \ud83d", "x" * 50_000])
    (body,) = server.requests
    assert (len(body["query"]), body["documents"][:2], len(body["documents"][2])) == (10_000, [".", "half ?"], 32_000)


def test_parameters_that_a_model_does_not_know_are_left_out(server: ProviderServer) -> None:
    server.script = [lambda body: (422, {"detail": "return_documents is not permitted"})]
    assert reranker(server, "JINA").rank("red fox", ["a red fox"]) == [2]
    assert server.requests[1] == BASE


def results(*rows: Any) -> Any:
    return lambda body: {"results": list(rows)}


def row(index: Any, score: Any) -> dict[str, Any]:
    return {"index": index, "relevance_score": score}


BAD_ANSWERS: dict[str, Any] = {
    "only the best": results(row(0, 1)),
    "one twice": results(row(0, 1), row(0, 2)),
    "one twice beside all": results(row(0, 1), row(1, 1), row(1, 2)),
    "an index beyond": results(row(0, 1), row(2, 1)),
    "an odd index": results(row(0, 1), row([], 1)),
    "an index that is true": results(row(0, 1), row(True, 1)),
    "no score": results(row(0, 1), {"index": 1}),
    "a score in words": results(row(0, 1), row(1, "high")),
    "an endless score": b'{"results": [{"index": 0, "relevance_score": 1}, {"index": 1, "relevance_score": 1e999}]}',
    "an integer beyond all": results(row(0, 1), row(1, 10**400)),
    "no results": lambda body: {"error": SECRET},
    "a bare list": lambda body: [row(0, 1), row(1, 1)],
    "numbers": results(1, 2),
}


@pytest.mark.parametrize("name", BAD_ANSWERS)
def test_an_answer_that_cannot_be_right_is_a_clear_failure(server: ProviderServer, name: str) -> None:
    server.script = [BAD_ANSWERS[name]]
    with pytest.raises(RerankingFailed) as failure:
        reranker(server).rank("red fox", ["a", "b"])
    assert failure.value.code == "RERANKING_FAILED"
    assert failure.value.message.startswith("The reranker answered ")
    assert SECRET not in failure.value.message


@pytest.mark.parametrize(
    ("status", "code", "is_temporary"),
    [
        (401, "RERANKING_FAILED", False),
        (302, "RERANKING_FAILED", False),
        (429, "RATE_LIMITED", True),
        (500, "RERANKING_FAILED", True),
    ],
)
def test_what_a_status_means(server: ProviderServer, status: int, code: str, is_temporary: bool) -> None:
    server.script = [status] * 5
    with pytest.raises(RerankingFailed) as failure:
        reranker(server).rank("red fox", ["a"])
    assert (failure.value.code, failure.value.is_temporary) == (code, is_temporary)
    assert not {SECRET, KEY} & set(failure.value.message.split())


def test_what_fails_for_the_moment_is_tried_again(server: ProviderServer) -> None:
    server.script = [500, 429]
    assert reranker(server).rank("red fox", ["a red fox"]) == [2]


def test_private_addresses_and_unknown_kinds_are_refused(server: ProviderServer, settings) -> None:
    settings.EGRESS_ALLOW = Allowed()
    with pytest.raises(RerankingFailed, match="may not be called"):
        reranker(server).rank("red fox", ["a"])
    with pytest.raises(RerankingFailed, match="of a kind"):
        remote("DASHSCOPE", Endpoint("https://x.example/rerank"), "m")
