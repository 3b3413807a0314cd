"""An OpenAI-compatible server for tests, on a free port of this machine. What it does is the name of the model asked.

echo              says the question back, word by word
cite              answers with marks, in pieces: "Covered <sup>2</sup> … <sup>1</sup> …"
slow / slow:9     a word every 0.2 s, 5 (or 9) of them
silent            accepts, and says nothing for a long time; silent-middle does so after one word
dies              a word, and the connection is gone
garbage / binary  JSON of something else / no JSON
big / big:N       10 MB (or N) of text
reasons, tools, empty, filtered, nothing-but-done, no-end, plain (no stream), halves (of a character)
status:401, …     that status; status:429:2 twice, with Retry-After, and then like echo
picky             400 for stream_options, and for max_tokens as newer models of OpenAI
broken-event      an error inside the stream
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.serving import QuietServer, serving

PIECE = {"object": "chat.completion.chunk", "id": "chatcmpl-1", "created": 1}
SECRET_BODY = "sk-leaked-in-the-body"


def text(words: str) -> dict[str, Any]:
    return delta({"content": words})


def delta(fields: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
    return {**PIECE, "choices": [{"index": 0, "delta": fields, "finish_reason": reason}]}


def usage(prompt: int, completion: int) -> dict[str, Any]:
    tokens = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return {**PIECE, "choices": [], "usage": tokens}


class OpenAIServer(QuietServer):
    """``requests`` holds every body with its headers (lower case) under ``"headers"``; ``open`` counts the streams."""

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.requests: list[dict[str, Any]] = []
        self.asked: Counter[str] = Counter()
        self.open = self.most_open = self.closed_early = 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


def openai_server() -> AbstractContextManager[OpenAIServer]:
    """The server, while the block runs."""
    return serving(OpenAIServer())


class _Handler(BaseHTTPRequestHandler):
    server: OpenAIServer

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        kind, _, argument = body["model"].partition(":")
        with self.server.lock:
            self.server.requests.append({**body, "headers": {k.lower(): v for k, v in self.headers.items()}})
            self.server.asked[body["model"]] += 1
            self.server.open += 1
            self.server.most_open = max(self.server.most_open, self.server.open)
        try:
            if self.path != "/v1/chat/completions":
                self._status(404, 0)
            else:
                self._answer(kind, argument, body)
        except OSError:
            self.server.closed_early += 1
        finally:
            with self.server.lock:
                self.server.open -= 1

    def _answer(self, kind: str, argument: str, body: dict[str, Any]) -> None:
        if kind == "status":
            status, _, times = argument.partition(":")
            if not times or self.server.asked[body["model"]] <= int(times):
                return self._status(int(status), 0 if times else 1)
            kind = "echo"
        if kind == "picky" and "stream_options" in body:
            return self._status(400, None, "Unrecognized request argument supplied: stream_options")
        if kind == "picky" and "max_tokens" in body:
            return self._status(400, None, "Unsupported parameter: use 'max_completion_tokens' instead")
        if kind == "plain":
            return self._plain(question_of(body))
        self._begin("text/event-stream")
        return self._stream(KINDS.get(kind, echo)(question_of(body), argument))

    def _stream(self, events: Iterator[Any]) -> None:
        for event in events:
            if isinstance(event, float):
                time.sleep(event)
            else:
                data = event if isinstance(event, str) else f"data: {json.dumps(event)}\n\n"
                self.wfile.write(data.encode("utf-8", "surrogatepass"))
                self.wfile.flush()

    def _begin(self, kind: str, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.close_connection = True

    def _status(self, status: int, retry_after: int | None, words: str = SECRET_BODY) -> None:
        headers = {} if retry_after is None else {"retry_after": str(retry_after)}
        self._begin("application/json", status, **headers, **({"location": "/v2"} if 300 <= status < 400 else {}))
        self.wfile.write(json.dumps({"error": {"message": words}}).encode())

    def _plain(self, words: str) -> None:
        self._begin("application/json")
        message = {"role": "assistant", "content": f"You said: {words}"}
        answer = {"object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
        self.wfile.write(json.dumps({**answer, "usage": {"prompt_tokens": 3, "completion_tokens": 4}}).encode())


def question_of(body: dict[str, Any]) -> str:
    return str(next((each["content"] for each in reversed(body["messages"]) if each["role"] == "user"), ""))


# ------------------------------------------------- what is streamed: chunks, raw texts, and pauses in seconds


def ended(*parts: Any, reason: str = "stop", tokens: tuple[int, int] = (7, 5)) -> Iterator[Any]:
    yield from parts
    yield delta({}, reason)
    yield usage(*tokens)
    yield "data: [DONE]\n\n"


def echo(question: str, _: str) -> Iterator[Any]:
    words = f"You said: {question}".split(" ")
    return ended(": a comment\r\n\r\n", delta({"role": "assistant", "content": None}), *(text(f"{w} ") for w in words))


def cite(_: str, __: str) -> Iterator[Any]:
    parts = ["Covered ", "<su", "p>2</", "sup> for a year", " <sup>1, 2</sup>, a < b", " <sup>9</sup>", "[source3]."]
    return ended(*map(text, parts))


def slow(_: str, count: str) -> Iterator[Any]:
    words = [part for number in range(int(count or 5)) for part in (0.2, text(f"word{number} "))]
    return ended(*words[1:])


def silent(_: str, __: str) -> Iterator[Any]:
    yield 30.0


def silent_middle(_: str, __: str) -> Iterator[Any]:
    yield from (text("Well "), 0.01, text("then"), 30.0)


def dies(_: str, __: str) -> Iterator[Any]:
    yield text("Half an ans")


def garbage(_: str, __: str) -> Iterator[Any]:
    yield from ({"hello": "world"}, {"choices": "none"})


def binary(_: str, __: str) -> Iterator[Any]:
    yield "data: \ud800\x00}{\n\n"


def big(_: str, size: str) -> Iterator[Any]:
    piece = text("x" * 50_000)
    return ended(*(piece for _ in range(int(size or 10_000_000) // 50_000)))


def reasons(_: str, __: str) -> Iterator[Any]:
    return ended(delta({"reasoning_content": "Let me "}), delta({"reasoning": "think."}), text("42"))


def tools(_: str, __: str) -> Iterator[Any]:
    first = {"index": 0, "id": "c1", "function": {"name": "look_up", "arguments": '{"q":'}}
    second = {"index": 0, "function": {"arguments": '"a"}'}}
    return ended(text("Looking."), delta({"tool_calls": [first]}), delta({"tool_calls": [second]}), reason="tool_calls")


def halves(_: str, __: str) -> Iterator[Any]:
    return ended(text("\ud83d"), text("\ude00 nul:\x00 lone:\ud83d end"))


KINDS: dict[str, Any] = {
    "cite": cite,
    "slow": slow,
    "silent": silent,
    "silent-middle": silent_middle,
    "dies": dies,
    "garbage": garbage,
    "binary": binary,
    "big": big,
    "reasons": reasons,
    "tools": tools,
    "halves": halves,
    "empty": lambda *_: ended(text("  ")),
    "filtered": lambda *_: ended(reason="content_filter"),
    "nothing-but-done": lambda *_: iter(["data: [DONE]\n\n"]),
    "no-end": lambda *_: iter([text("All of "), delta({"content": "it."}, "stop")]),
    "broken-event": lambda *_: iter([text("So"), {"error": {"message": SECRET_BODY}}]),
}
