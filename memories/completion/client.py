"""One call of ``/chat/completions``: what is sent, what is tried again, and how it is stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from memories.models import LanguageModel
from spaces_project.kit import egress, limits
from spaces_project.kit.egress import BadStatus, Caps, EgressError
from spaces_project.kit.sealed import CannotUnseal

from .events import Event, events_of, parsed, whole
from .failures import REFUSED_KEY, ModelFailure, failure_of, says

PAUSES = (0.5, 2.0)  # seconds before the second and the third try, when the server names none
POLL_SECONDS = 0.25
ADAPTATIONS = 3
NEW_NAMES = {"max_tokens": "max_completion_tokens"}  # what newer models of OpenAI call it
DISPENSABLE = ("stream_options", "temperature")


@dataclass(frozen=True)
class Options:
    """What one call sets differently from the model's own settings; None leaves them."""

    temperature: float | None = None
    max_tokens: int | None = None


def complete(
    model: LanguageModel,
    messages: Sequence[Mapping[str, str]],
    *,
    options: Options | None = None,
    stop: Callable[[], bool] = lambda: False,
    retries: int = limits.MODEL_RETRIES,
) -> Iterator[Event]:
    """Ask ``model`` and yield what it says as it comes; the last event is End.

    ``messages`` are of the API: role and content. ``stop`` is asked four times a second, also while the model is
    silent; when it says so the iteration simply ends, without End. What fails for the moment before the first event is
    tried again ``retries`` times. Raises ModelFailure. Closing the iterator closes the connection.
    """
    call = _Call(model, _body(model, messages, options or Options()), stop)
    for pause in (*PAUSES[:retries], None):
        try:
            yield from call.events()
        except ModelFailure as failure:
            if call.has_begun or pause is None or not failure.may_retry:
                raise
            if _stopped_while_waiting(failure.retry_after or pause, stop):
                return
        except egress.Stopped:
            return
        else:
            return


def _body(model: LanguageModel, messages: Sequence[Mapping[str, str]], options: Options) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": model.model_identifier,
        "messages": list(messages),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    temperature = model.temperature if options.temperature is None else options.temperature
    most = options.max_tokens or model.max_tokens
    if model.max_tokens:
        most = min(model.max_tokens, most or model.max_tokens)
    set_ = {"temperature": temperature, "max_tokens": most}
    return body | {name: value for name, value in set_.items() if value is not None}


def _stopped_while_waiting(seconds: float, stop: Callable[[], bool]) -> bool:
    until = time.monotonic() + min(seconds, limits.MODEL_RETRY_SECONDS)
    while (left := until - time.monotonic()) > 0:
        if stop():
            return True
        time.sleep(min(left, POLL_SECONDS))
    return stop()


class _Call:
    """One request, made again with less where the server does not know a parameter."""

    def __init__(self, model: LanguageModel, body: dict[str, Any], stop: Callable[[], bool]) -> None:
        self.model, self.body, self.stop = model, body, stop
        self.has_begun = False
        self._until = time.monotonic() + model.timeout_seconds

    def events(self) -> Iterator[Event]:
        """What the server says. Raises ModelFailure, and Stopped when ``stop`` says so."""
        for _ in range(ADAPTATIONS):
            try:
                yield from self._once()
            except BadStatus as error:
                if not self._adapt(error):
                    raise failure_of(error, has_begun=self.has_begun) from None
            except egress.Stopped:
                raise
            except EgressError as error:
                raise failure_of(error, has_begun=self.has_begun) from None
            else:
                return
        raise ModelFailure("The language model refused to answer.")

    def _once(self) -> Iterator[Event]:
        left = max(self._until - time.monotonic(), 0.1)
        caps = replace(Caps(), idle_seconds=left, total_seconds=left, body_bytes=limits.MODEL_STREAM_BYTES)
        with egress.stream(
            "POST", self.model.url, headers=self._headers(), json=self.body, caps=caps, stop=self.stop
        ) as response:
            for event in _events(response):
                self.has_begun = True
                yield event

    def _headers(self) -> dict[str, str]:
        try:
            key = self.model.api_key.reveal()
        except CannotUnseal as error:
            raise ModelFailure(REFUSED_KEY, detail=str(error)) from None
        headers = {"accept": "text/event-stream, application/json"}
        return headers | ({self.model.key_header.lower(): f"{self.model.key_prefix}{key}"} if key else {})

    def _adapt(self, error: BadStatus) -> bool:
        """Rename or leave out the parameter that a 400 complains about; whether there was one."""
        if error.status not in (400, 422):
            return False
        for old, new in NEW_NAMES.items():
            if old in self.body and says(error, new):
                self.body[new] = self.body.pop(old)
                return True
        unknown = [name for name in DISPENSABLE if name in self.body and says(error, name)]
        for name in unknown:
            del self.body[name]
        return bool(unknown)


def _events(response: egress.Response) -> Iterator[Event]:
    if response.headers.get("content-type", "").startswith("application/json"):
        return whole(parsed(response.read()))
    return events_of(response.iter_events())
