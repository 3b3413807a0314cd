"""What came of asking for an answer, and how it is told: as one JSON object, or as a line of JSON per event.

Only event names that the vendor's clients have types for are sent, and no line is blank: an empty ``token`` is the
sign of life. Events are ASCII: the vendor's client breaks characters of several bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.http import StreamingHttpResponse

from chats.models import Message
from chats.models.messages import State
from chats.watching import Snapshot
from spaces.errors import NotFound, SpacesError
from spaces_project.api.errors import domain_error, note
from spaces_project.kit.ids import Prefix, encode

from .errors import AnswerFailed, envelope

JSONL = "application/jsonl"
LENGTH = "length"


@dataclass
class Outcome:
    """A finished answer. ``message`` is its id, empty when nothing is stored."""

    text: str
    reason: str = "stop"
    message: str = ""
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    thoughts: str = ""

    def result(self) -> dict[str, Any]:
        """The answer as one object."""
        known = {"id": self.message} if self.message else {}
        usage = {"token": self.input_tokens + self.output_tokens}
        return {**known, "text": self.text, "usage": usage, "end": {"reason": self.reason}}

    def events(self) -> Iterator[bytes]:
        """The events behind the last token."""
        yield event("message", {"type": "bot", "text": self.text})
        yield event("completeEnd", {})
        tokens = {"inputTokensUsed": self.input_tokens, "outputTokensUsed": self.output_tokens}
        yield event("usage", {"model": self.model, **tokens})
        yield event("result", self.result())


def event(type: str, data: Any) -> bytes:
    """One line."""
    return json.dumps({"type": type, "data": data}, separators=(",", ":")).encode() + b"\n"


def outcome_of(answer: Message, last: Snapshot) -> Outcome:
    """What the final snapshot of a stored answer says. Raises AnswerFailed, or NotFound when it was deleted."""
    if last.is_gone:
        raise NotFound("Message not found")
    if last.has_failed:
        raise AnswerFailed(last.error)
    asked = Message.objects.of(answer.account_id).filter(pk=answer.answers_id or answer.pk)
    debug: dict[str, Any] = asked.values_list("debug_info", flat=True).first() or {}
    calls = debug.get("llm_invocations") or []
    return Outcome(
        text=last.text,
        reason="abort" if last.state == State.STOPPED else reason(debug),
        message=encode(Prefix.MESSAGE, answer.pk),
        model=next((call["modelName"] for call in calls), debug.get("responder", "")),
        input_tokens=sum(call["tokenUsage"]["promptTokens"] for call in calls),
        output_tokens=sum(call["tokenUsage"]["completionTokens"] for call in calls),
        thoughts=debug.get("reasoning", ""),
    )


def reason(debug: dict[str, Any]) -> str:
    """Why an answer ended, from what its responder noted."""
    return LENGTH if debug.get("finishReason") == LENGTH else "stop"


@dataclass
class Growing:
    """A text that grows, and how much of it was told."""

    told: str = ""

    def more(self, text: str) -> str:
        """What is new in it. Nothing while an answer that was begun anew says something else."""
        if not text.startswith(self.told):
            return ""
        new, self.told = text[len(self.told) :], text
        return new


@dataclass
class Events:
    """The body of a streamed answer: ``lines``, and what is let go of at the end or when the client leaves.

    A failure is the last event, as the status has been sent.
    """

    lines: Iterable[bytes]
    request_id: str
    held: list[Any] = field(default_factory=list)

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield event("completeBegin", {})
            yield from self.lines
        except Exception as error:
            meant = domain_error(error)
            note(meant, error, self.request_id)
            yield event("error", told(meant))
        finally:
            self.close()

    def close(self) -> None:
        for each in self.held:
            each.close()


def told(error: SpacesError) -> dict[str, str]:
    """An error as an event says it."""
    _, code, message = envelope(error)
    return {"message": message, "code": code}


def streamed(lines: Iterable[bytes]) -> StreamingHttpResponse:
    """``lines`` as they come."""
    response = StreamingHttpResponse(lines, content_type=JSONL)
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # a proxy before us passes each line on at once
    return response
