"""Servers of embedders and rerankers for tests, on a free port of this machine.

Answers each kind of request by its path, with vectors and scores that tell which text they belong to, unless
``script`` holds something else for the next requests: a status (with Retry-After: 0), or a function of the body that
gives another JSON, or the bytes of an answer.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler
from typing import Any

import numpy as np

from tests.serving import QuietServer, serving

DIMENSION = 8
SECRET = "sk-leaked-in-the-body"
Step = int | bytes | Callable[[dict[str, Any]], Any]


def vector(text: str, dimension: int = DIMENSION) -> list[float]:
    """What the server makes of a text: not of length 1, and rounded as JSON numbers are."""
    random = np.random.default_rng(zlib.crc32(text.encode()))
    return [round(float(x), 6) for x in 3 * random.standard_normal(dimension)]


def score(query: str, text: str) -> float:
    return float(len(set(query.split()) & set(text.split())))


class ProviderServer(QuietServer):
    """``requests`` holds every body, ``headers`` the headers (lower case), ``paths`` the paths."""

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.script: list[Step] = []
        self.native = DIMENSION

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


def provider_server() -> AbstractContextManager[ProviderServer]:
    """The server, while the block runs."""
    return serving(ProviderServer())


class _Handler(BaseHTTPRequestHandler):
    server: ProviderServer

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.requests.append(body)
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        self.server.paths.append(self.path)
        step = self.server.script.pop(0) if self.server.script else lambda body: usual(self.path, body, self.server)
        if isinstance(step, int):
            return self._send(step, json.dumps({"error": {"message": SECRET}}).encode())
        if isinstance(step, bytes):
            return self._send(200, step)
        answer = step(body)
        if isinstance(answer, tuple):
            return self._send(answer[0], json.dumps(answer[1]).encode())
        return self._send(200, json.dumps(answer).encode())

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        if status in (429, 500, 503):
            self.send_header("retry-after", "0")
        if 300 <= status < 400:
            self.send_header("location", "http://169.254.169.254/")
        self.end_headers()
        self.wfile.write(body)


def usual(path: str, body: dict[str, Any], server: ProviderServer) -> Any:
    """What a server that behaves answers."""
    if "query" in body:
        return rerank(path, body)
    texts = body.get("input") or body.get("inputs") or body.get("texts")
    size = body.get("dimensions") or body.get("output_dimension") or server.native
    found = [vector(text, size) for text in texts]
    if path == "/embed":
        return found
    if path == "/v2/embed":
        return {"id": "x", "embeddings": {"float": found}, "texts": texts}
    encode = base64_of if body.get("encoding_format") == "base64" else list
    rows = [{"object": "embedding", "index": i, "embedding": encode(each)} for i, each in enumerate(found)]
    return {"object": "list", "data": rows[::-1], "model": body["model"], "usage": {"prompt_tokens": 1}}


def base64_of(numbers: list[float]) -> str:
    return base64.b64encode(np.array(numbers, "<f4").tobytes()).decode()


def rerank(path: str, body: dict[str, Any]) -> Any:
    texts = body.get("texts") or body.get("documents")
    name = "score" if path == "/rerank-tei" else "relevance_score"
    rows = [{"index": i, name: score(body["query"], text)} for i, text in enumerate(texts)]
    rows.sort(key=lambda row: -row[name])
    if path == "/rerank-tei":
        return rows
    return {"data" if path == "/voyage/rerank" else "results": rows, "model": body["model"]}
