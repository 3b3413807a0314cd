"""Calling a provider over HTTP: one JSON request, tried again while there is time; used by embedders and rerankers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from spaces_project.kit import egress, limits
from spaces_project.kit.egress import BadStatus, Caps, EgressError, Refused, TimedOut, TooLarge, Unreachable

PAUSES = (0.5, 2.0)  # seconds before the second and the third try, when the server names none
ADAPTATIONS = 4
NO_QUOTA = "insufficient_quota"  # OpenAI's 429 that no waiting helps


class Kind(Enum):
    """What went wrong, in the words of the callers' status codes."""

    FAILED = "failed"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    RATE_LIMITED = "rate limited"


class CallFailed(Exception):
    """No usable answer. ``str(error)`` is the rest of a sentence that begins with who failed ("The embedder …").

    ``because`` is the refusal, for code to look at.
    """

    def __init__(
        self,
        words: str,
        kind: Kind = Kind.FAILED,
        *,
        is_temporary: bool = False,
        retry_after: float | None = None,
        because: BadStatus | None = None,
    ) -> None:
        super().__init__(words)
        self.kind, self.is_temporary, self.retry_after, self.because = kind, is_temporary, retry_after, because


@dataclass(frozen=True)
class Endpoint:
    """What is called, and how.

    ``url`` is whole, path included. ``key`` is sent as ``prefix`` + key in ``header``; no header without a key.
    ``timeout`` (seconds) is for one batch of texts, all tries together.
    """

    url: str
    key: str = field(default="", repr=False)
    header: str = "Authorization"
    prefix: str = "Bearer "
    timeout: float = limits.EMBEDDER_SECONDS

    @property
    def headers(self) -> dict[str, str]:
        sent = {"accept": "application/json"}
        return sent | ({self.header.lower(): f"{self.prefix}{self.key}"} if self.key else {})


@dataclass(frozen=True)
class Adaptable:
    """A body of a request, and which of its parts a server may not know and can be left out."""

    body: dict[str, Any]
    optional: frozenset[str] = frozenset()

    def without(self, error: BadStatus) -> Adaptable | None:
        """The same without what a 400 or 422 complains about; None when it complains about nothing optional."""
        unknown = {name for name in self.optional & set(self.body) if says(error, name)}
        if error.status not in (400, 422) or not unknown:
            return None
        return replace(self, body={name: value for name, value in self.body.items() if name not in unknown})


def ask(endpoint: Endpoint, request: Adaptable) -> Any:
    """POST the request and return the JSON of the answer. Raises CallFailed."""
    until = time.monotonic() + endpoint.timeout
    pauses = iter(PAUSES[: limits.EMBEDDER_RETRIES])
    while True:
        try:
            return _adapting(endpoint, request, until)
        except CallFailed as failure:
            pause = next(pauses, None)
            if pause is None or not failure.is_temporary:
                raise
            wait = pause if failure.retry_after is None else failure.retry_after
            if wait > limits.EMBEDDER_RETRY_SECONDS or time.monotonic() + wait >= until:
                raise
        time.sleep(wait)


def _adapting(endpoint: Endpoint, request: Adaptable, until: float) -> Any:
    for _ in range(ADAPTATIONS):
        try:
            return _once(endpoint, request.body, until)
        except CallFailed as failure:
            less = request.without(failure.because) if failure.because else None
            if less is None:
                raise
            request = less
    raise CallFailed("refused every form of the request.")


def _once(endpoint: Endpoint, body: dict[str, Any], until: float) -> Any:
    left = max(until - time.monotonic(), 0.1)
    caps = replace(Caps(), idle_seconds=left, total_seconds=left)
    try:
        return egress.post(endpoint.url, headers=endpoint.headers, json=body, caps=caps).json()
    except BadStatus as error:
        raise _refusal(error) from None
    except EgressError as error:
        raise _failure(error) from None


FAILURES: tuple[tuple[type[EgressError], str, Kind], ...] = (
    (Refused, "has an address that may not be called. An administrator has to change it or allow it.", Kind.FAILED),
    (Unreachable, "is not reachable.", Kind.UNAVAILABLE),
    (TimedOut, "took too long to answer.", Kind.TIMEOUT),
    (TooLarge, "answered more than can be taken.", Kind.FAILED),
)
NOT_UNDERSTOOD = "answered something that is not understood."


def _failure(error: EgressError) -> CallFailed:
    words, kind = next(
        ((words, kind) for type_, words, kind in FAILURES if isinstance(error, type_)), (NOT_UNDERSTOOD, Kind.FAILED)
    )
    return CallFailed(words, kind, is_temporary=error.is_temporary)


REFUSALS: dict[int, str] = {
    400: "refused the request (400).",
    401: "refused the key. An administrator has to enter a new one.",
    402: "has nothing left to spend for this account.",
    403: "refused the key. An administrator has to enter a new one.",
    404: "does not know this model or this address.",
    413: "was given more text than it takes.",
    422: "refused the request (422).",
}


def _refusal(error: BadStatus) -> CallFailed:
    def failed(words: str, kind: Kind = Kind.FAILED, *, is_temporary: bool = False) -> CallFailed:
        return CallFailed(words, kind, is_temporary=is_temporary, retry_after=error.retry_after, because=error)

    if error.status == 429 and says(error, NO_QUOTA):
        return failed(REFUSALS[402])
    if error.status == 429:
        return failed("is too busy at the moment.", Kind.RATE_LIMITED, is_temporary=True)
    if error.status >= 500 or error.is_temporary:
        return failed(f"failed to answer ({error.status}).", Kind.UNAVAILABLE, is_temporary=True)
    if 300 <= error.status < 400:
        return failed("has an address that leads elsewhere. An administrator has to enter the final one.")
    return failed(REFUSALS.get(error.status, f"refused the request ({error.status})."))


def says(error: BadStatus, *words: str) -> bool:
    """Whether the body of a refusal holds one of these words; it is looked at, and never shown."""
    body = error.body.decode("utf-8", "replace").lower()
    return any(word in body for word in words)


def batches(texts: list[str], most: int, most_chars: int) -> list[list[str]]:
    """The texts in their order, in groups of at most so many texts and characters (a longer one is alone)."""
    found: list[list[str]] = []
    chars, room = 0, 0
    for text in texts:
        chars += len(text)
        if room == 0 or chars > most_chars:
            batch: list[str] = []
            found.append(batch)
            chars, room = len(text), most
        batch.append(text)
        room -= 1
    return found


def halving(texts: list[str], work: Callable[[list[str]], list[Any]]) -> list[Any]:
    """``work`` on all texts at once, or on halves where the server says that they are too many together."""
    try:
        return work(texts)
    except CallFailed as failure:
        if len(texts) == 1 or failure.because is None or not _too_many(failure.because):
            raise
    middle = len(texts) // 2
    return halving(texts[:middle], work) + halving(texts[middle:], work)


def _too_many(error: BadStatus) -> bool:
    return error.status == 413 or (error.status in (400, 422) and says(error, "batch"))
