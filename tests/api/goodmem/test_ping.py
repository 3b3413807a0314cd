"""/v1/ping:once and /v1/ping:stream"""

from __future__ import annotations

import json
from typing import Any

import pytest

from memories.models import Embedder, LanguageModel, Reranker
from spaces.actors import Actor
from spaces.models.api_keys import Scope
from tests.factories import make_embedder

from .caller import Caller, blamed, caller, refused, told

MISSING = "00000000-0000-7000-8000-000000000000"
NOWHERE = {"endpoint_url": "https://127.0.0.1", "model_identifier": "m", "name": "N"}


@pytest.fixture
def hashing(world: Any) -> str:
    Embedder.default_of(world.account)
    return str(Embedder.objects.of(world.account).get(builtin="hashing").pk)


def test_a_model_that_answers(alice: Caller, hashing: str) -> None:
    result = told(alice.post("ping:once", {"targetId": hashing, "targetTypeHint": "EMBEDDER", "payload": "hé"}))
    assert (result["ok"], result["httpStatus"], result["errorMessage"]) == (True, 200, None)
    assert (result["seq"], result["bytesSent"], result["bytesReceived"]) == (1, 3, 4096)
    assert result["endpoint"] == {
        "targetType": "EMBEDDER",
        "targetId": hashing,
        "resolvedEndpoint": "http://localhost/builtin/hashing",
        "provider": "TEI",
        "modelIdentifier": "lexical-hashing",
    }
    assert result["timing"]["clientReceiveTimeUnixNanos"] >= result["timing"]["clientSendTimeUnixNanos"]


def test_models_that_cannot_be_reached_say_so(world: Any, alice: Caller) -> None:
    by = Actor.system(world.account)
    rows = [
        make_embedder(world.account, endpoint_url=NOWHERE["endpoint_url"]),
        Reranker.create(by, world.account, provider_type="TEI", api_path="/rerank", **NOWHERE),
        LanguageModel.create(by, world.account, **NOWHERE),
    ]
    for row in rows:
        result = told(alice.post("ping:once", {"targetId": str(row.pk), "timeoutMs": "1000"}))
        assert result["ok"] is False
        assert result["httpStatus"] >= 500
        assert result["errorMessage"]


@pytest.mark.parametrize("accept", ["application/x-ndjson", "text/event-stream"])
def test_a_stream_of_results_ends_with_a_summary(alice: Caller, hashing: str, accept: str) -> None:
    answer = alice.post("ping:stream", {"targetId": hashing, "count": 3, "intervalMs": 1}, accept=accept)
    assert answer["Content-Type"] == f"{accept}; charset=utf-8"
    text = b"".join(answer.streaming_content).decode()
    assert text.endswith("\n")
    lines = [line.removeprefix("data: ") for line in text.splitlines() if "{" in line]
    events = [json.loads(line) for line in lines]
    assert [next(iter(each)) for each in events][:4] == ["result", "result", "result", "summary"]
    assert [each["result"]["seq"] for each in events[:3]] == [1, 2, 3]
    summary = events[3]["summary"]
    assert (summary["requests"], summary["ok"], summary["errors"], summary["timeouts"]) == (3, 3, 0, 0)
    assert summary["rttMinMs"] <= summary["rttP50Ms"] <= summary["rttMaxMs"]


def test_what_cannot_be_is_refused(world: Any, alice: Caller, mallory: Caller, anyone: Caller, hashing: str) -> None:
    for body, field in [
        ({}, "targetId"),
        ({"targetId": "x"}, "targetId"),
        ({"targetId": hashing, "payload": "a", "payloadSizeBytes": 1}, "payload"),
        ({"targetId": hashing, "payloadSizeBytes": 10**6}, "payloadSizeBytes"),
        ({"targetId": hashing, "timeoutMs": -1}, "timeoutMs"),
        ({"targetId": hashing, "targetTypeHint": "DECISION_MODEL"}, "targetTypeHint"),
    ]:
        assert blamed(alice.post("ping:once", body)) == [field]
    assert blamed(alice.post("ping:stream", {"targetId": hashing, "count": 21})) == ["count"]
    one = {"targetId": hashing}
    assert refused(alice.post("ping:once", {**one, "targetTypeHint": "LLM"})) == (404, "Target not found")
    assert refused(alice.post("ping:once", {"targetId": MISSING})) == refused(mallory.post("ping:once", one))
    assert refused(mallory.post("ping:stream", one))[0] == 404
    assert refused(caller(world.alice, (Scope.READ,)).post("ping:once", one))[0] == 403
    assert refused(anyone.post("ping:once", one))[0] == 401
