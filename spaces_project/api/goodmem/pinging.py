"""Calling a model to see whether it answers, and how fast."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from memories import embedders, rerankers
from memories.completion import client, failures
from memories.completion.events import Text
from memories.completion.failures import ModelFailure
from memories.embedders import EmbeddingFailed, Purpose, calls
from memories.models import Embedder, LanguageModel, Reranker
from memories.models.remote import RemoteModel
from memories.rerankers import RerankingFailed
from spaces.actors import Actor
from spaces.errors import NotFound
from spaces.permissions import can
from spaces_project.kit import egress
from spaces_project.kit.sealed import CannotUnseal

from .records import Record

KINDS: dict[str, type[Any]] = {"EMBEDDER": Embedder, "RERANKER": Reranker, "LLM": LanguageModel}
DEFAULT_PAYLOAD = "ping"
DEFAULT_SECONDS, DEFAULT_COUNT, DEFAULT_PAUSE = 5.0, 4, 1.0
# Whether an address may not be called or nobody is there: with both told, pings would draw a map of the network.
NO_CONTACT = (egress.Refused, egress.Unreachable)
NOT_CALLED = (
    *(words for kind, words, _ in calls.FAILURES if kind in NO_CONTACT),
    *(words for kind, words in failures.BY_KIND if kind in NO_CONTACT),
)
HTTP_STATUSES = {"EMBEDDER_TIMEOUT": 504, "EMBEDDER_UNAVAILABLE": 503, "RATE_LIMITED": 429}


@dataclass(frozen=True)
class Target:
    """What is called, with what, and for how long at most."""

    kind: str
    row: RemoteModel
    payload: str
    seconds: float
    is_for_administrator: bool = False

    @property
    def endpoint(self) -> Record:
        row: Any = self.row
        named = {"provider": row.provider_type, "modelIdentifier": row.model_identifier}
        return {"targetType": self.kind, "targetId": str(row.pk), "resolvedEndpoint": row.url, **named}


def target_of(actor: Actor, given: dict[str, Any]) -> Target:
    """What a request wants to be called; NotFound for what is not of this account."""
    hint = given.get("targetTypeHint", "TARGET_TYPE_UNSPECIFIED")
    kinds = {hint: KINDS[hint]} if hint in KINDS else KINDS
    kind, row = _found(actor, given["targetId"], kinds)
    payload = given.get("payload") or "x" * given.get("payloadSizeBytes", 0) or DEFAULT_PAYLOAD
    seconds = given["timeoutMs"] / 1000 or DEFAULT_SECONDS
    return Target(kind, row, payload, seconds, is_for_administrator=can(actor, "account.administer"))


def _found(actor: Actor, pk: UUID, kinds: dict[str, type[Any]]) -> tuple[str, RemoteModel]:
    for name, kind in kinds.items():
        row = kind.objects.of(actor.account).filter(pk=pk).first()
        if row is not None and getattr(row, "is_active", True):
            return name, row
    raise NotFound("Target not found")


def probe(target: Target, number: int = 1) -> Record:
    """One call, and how it went. Never raises: what fails is told in the record."""
    call: Callable[[Target], int] = {"EMBEDDER": _embed, "RERANKER": _rank, "LLM": _ask}[target.kind]
    sent, began = time.time_ns(), time.perf_counter()
    received, status, message = 0, 200, None
    try:
        received = call(target)
    except (EmbeddingFailed, RerankingFailed) as error:
        status, message = HTTP_STATUSES.get(error.code, 502), error.message
    except (ModelFailure, CannotUnseal) as error:
        status, message = 502, str(error)
    if message and not target.is_for_administrator and message.endswith(NOT_CALLED):
        status, message = 503, "The model is not reachable."
    milliseconds, ended = (time.perf_counter() - began) * 1000, time.time_ns()
    return {
        "endpoint": target.endpoint,
        "seq": number,
        "bytesSent": len(target.payload.encode()),
        "bytesReceived": received,
        "ok": message is None,
        "httpStatus": status,
        "errorMessage": message,
        "rttMs": round(milliseconds, 3),
        "timing": {
            "clientSendTimeUnixNanos": sent,
            "serverReceivedTimeUnixNanos": sent,
            "serverSendTimeUnixNanos": ended,
            "clientReceiveTimeUnixNanos": ended,
        },
    }


def _embed(target: Target) -> int:
    row: Any = target.row
    program = row.program()
    if not row.builtin:
        endpoint = replace(row.endpoint(), timeout=target.seconds)
        size, most = row.dimensionality, row.max_sequence_length
        program = embedders.remote(row.provider_type, endpoint, row.model_identifier, size, most)
    return int(program.embed([target.payload], Purpose.QUERY).nbytes)


def _rank(target: Target) -> int:
    row: Any = target.row
    endpoint = replace(row.endpoint(), timeout=target.seconds)
    program = rerankers.remote(row.provider_type, endpoint, row.model_identifier)
    return 8 * len(program.rank(target.payload, [target.payload]))


def _ask(target: Target) -> int:
    row: Any = target.row
    row.timeout_seconds = max(1, round(target.seconds))  # of this object alone: it is not saved
    messages = [{"role": "user", "content": target.payload}]
    said = client.complete(row, messages, options=client.Options(max_tokens=16), retries=0)
    return sum(len(event.text.encode()) for event in said if isinstance(event, Text))


def probes(target: Target, count: int, pause: float) -> Iterator[Record]:
    """``count`` results, ``pause`` seconds apart, and the summary."""
    results: list[Record] = []
    began = time.perf_counter()
    for number in range(1, count + 1):
        if results:
            time.sleep(pause)
        results.append(probe(target, number))
        yield {"result": results[-1]}
    yield {"summary": _summary(target, results, time.perf_counter() - began)}


def _summary(target: Target, results: list[Record], seconds: float) -> Record:
    times = sorted(each["rttMs"] for each in results)
    good = sum(each["ok"] for each in results)
    late = sum(each["httpStatus"] == 504 for each in results)
    return {
        "endpoint": target.endpoint,
        "requests": len(results),
        "responses": len(results) - late,
        "ok": good,
        "timeouts": late,
        "errors": len(results) - good - late,
        "rttMinMs": times[0],
        "rttAvgMs": round(sum(times) / len(times), 3),
        **{f"rttP{share}Ms": times[(len(times) - 1) * share // 100] for share in (50, 90, 99)},
        "rttMaxMs": times[-1],
        "requestsPerSecond": round(len(results) / max(seconds, 0.001), 3),
        "bytesPerSecond": round(sum(each["bytesReceived"] for each in results) / max(seconds, 0.001), 3),
        "appliedLimits": {"maxInFlight": "1"},
    }
