"""Reading what an OpenAI-compatible server streams (``object: chat.completion.chunk``), as tolerant as clients are.

Seen in the field and taken: no ``[DONE]``, no usage, ``choices: []``, ``content`` null or a list of parts, reasoning as
``reasoning_content`` or ``reasoning``, a whole ``chat.completion`` instead of a stream, an ``error`` inside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .failures import BROKE_OFF, NOT_UNDERSTOOD, ModelFailure

DONE = "[DONE]"


@dataclass(frozen=True)
class Text:
    """More of the answer."""

    text: str


@dataclass(frozen=True)
class Thought:
    """More of what the model thinks aloud."""

    text: str


@dataclass(frozen=True)
class ToolCall:
    """A part of a call of a tool: its place, its name (in the first part) and more of its arguments."""

    index: int
    name: str
    arguments: str


@dataclass(frozen=True)
class Tokens:
    """What the call took."""

    prompt: int
    completion: int


@dataclass(frozen=True)
class End:
    """The last event; ``reason`` is the server's: stop, length, content_filter, tool_calls or empty."""

    reason: str


Event = Text | Thought | ToolCall | Tokens | End


def events_of(stream: Iterator[str]) -> Iterator[Event]:
    """The events in the data of server-sent events; the last one is End.

    Raises ModelFailure when the stream is not one of completions, holds an error, or ends too early.
    """
    reason, is_done, anything = "", False, False
    for data in stream:
        if data.strip() == DONE:
            is_done = True
            break
        chunk = parsed(data)
        anything = anything or bool(_choice(chunk))
        yield from _of_chunk(chunk)
        reason = _reason(chunk) or reason
    if not (reason or is_done):
        raise ModelFailure(BROKE_OFF if anything else NOT_UNDERSTOOD)
    yield End(reason)


def parsed(data: str | bytes) -> dict[str, Any]:
    """One JSON object of the stream, or the whole answer; ModelFailure when it is none or tells of an error."""
    try:
        chunk = json.loads(data)
    except (ValueError, RecursionError):
        chunk = None
    if not isinstance(chunk, dict):
        raise ModelFailure(NOT_UNDERSTOOD)
    if chunk.get("error"):
        raise ModelFailure("The language model reported an error instead of an answer.")
    return chunk


def whole(chunk: dict[str, Any]) -> Iterator[Event]:
    """The events of an answer that came in one piece (``object: chat.completion``)."""
    if not _choice(chunk):
        raise ModelFailure(NOT_UNDERSTOOD)
    yield from _of_chunk(chunk)
    yield End(_reason(chunk))


def _choice(chunk: dict[str, Any]) -> dict[str, Any]:
    choices = chunk.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else {}


def _reason(chunk: dict[str, Any]) -> str:
    reason = _choice(chunk).get("finish_reason")
    return reason if isinstance(reason, str) else ""


def _of_chunk(chunk: dict[str, Any]) -> Iterator[Event]:
    choice = _choice(chunk)
    delta = choice.get("delta") or choice.get("message")
    if isinstance(delta, dict):
        if thought := _text(delta.get("reasoning_content") or delta.get("reasoning")):
            yield Thought(thought)
        if text := _text(delta.get("content")):
            yield Text(text)
        yield from _tool_calls(delta.get("tool_calls"))
    usage = chunk.get("usage")
    if isinstance(usage, dict):
        yield Tokens(_number(usage.get("prompt_tokens")), _number(usage.get("completion_tokens")))


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "".join(_text(part.get("text")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _tool_calls(calls: Any) -> Iterator[ToolCall]:
    for place, call in enumerate(calls if isinstance(calls, list) else ()):
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            index = call.get("index")
            number = index if isinstance(index, int) else place
            yield ToolCall(number, _text(function.get("name")), _text(function.get("arguments")))


def _number(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 2**31 else 0
