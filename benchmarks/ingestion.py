"""Texts through the API and a worker until their chunks can be found; their vectors come from a server beside them.

A program cannot hand vectors in, only texts: so each text is the number of its vector, and the embedder a server that
looks it up. What is measured is all else: requests, files, jobs, chunking, asking for the vectors, storing.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.server import Server, running, worker

MEMORIES, CHUNKS, AT_ONCE, LINE = 100, 1_000, 10, 40
WAIT = 600.0
CHUNKING = {
    "recursive": {
        "chunkSize": LINE,
        "chunkOverlap": 0,
        "separators": ["\n"],
        "keepStrategy": "KEEP_END",
        "separatorIsRegex": False,
        "lengthMeasurement": "CHARACTER_COUNT",
    }
}


def rows_a_second(account: Any, owner: Any, vectors: Any) -> float:
    """Chunks a second, from the first request until the last memory is complete; ``vectors`` as float32 (n, d)."""
    with given(vectors) as url, _allowed("127.0.0.1"):
        space, token = _space(account, owner, url, vectors.shape[1])
        with running() as server, worker():
            began = time.perf_counter()
            for start in range(0, MEMORIES, AT_ONCE):
                _create(server, token, space, range(start, start + AT_ONCE))
            _complete(space)
            took = time.perf_counter() - began
    return MEMORIES * CHUNKS / took


def _space(account: Any, owner: Any, url: str, dimension: int) -> tuple[Any, str]:
    from memories.models import Embedder, set_embedders
    from spaces.actors import Actor
    from spaces.models import ApiKey, Space

    by = Actor(account=account, user=owner)
    named: dict[str, Any] = {"provider_type": "OPENAI", "model_identifier": "given", "dimensionality": dimension}
    embedder = Embedder.create(by, account, name="Looked up", endpoint_url=url, owner=owner, **named)
    space = Space.create(by, account, owner=owner, name="Ingested")
    set_embedders(by, space, [(embedder, 1.0)])
    _, token = ApiKey.issue(by, owner, "Ingestion", ["read", "write"])
    return space, token


def _create(server: Server, token: str, space: Any, numbers: range) -> None:
    base = {"spaceId": str(space.pk), "contentType": "text/plain", "chunkingConfig": CHUNKING}
    requests = [base | {"originalContent": _text(number)} for number in numbers]
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    client.request("POST", "/v1/memories:batchCreate", json.dumps({"requests": requests}), headers)
    answer = client.getresponse()
    said = answer.read()
    assert answer.status == 200, said[:500]
    client.close()


def _text(memory: int) -> str:
    """A line for each chunk, which ends in the number of its vector."""
    lines = (f"line {memory * CHUNKS + order}" for order in range(CHUNKS))
    return "".join(line.rjust(LINE - 1, ".") + "\n" for line in lines)


def _complete(space: Any) -> None:
    from memories.models import Chunk, Memory

    rows, end = Memory.objects.of(space.account_id).filter(space=space), time.monotonic() + WAIT
    while rows.filter(state="completed").count() < MEMORIES:
        assert time.monotonic() < end, rows.exclude(failure="").values_list("failure", flat=True)[:1]
        time.sleep(0.05)
    assert Chunk.objects.of(space.account_id).filter(container_id=space.pk).count() == MEMORIES * CHUNKS


@contextlib.contextmanager
def _allowed(address: str) -> Iterator[None]:
    """The worker may call a server of ours at this address inside."""
    name = "SPACES_EGRESS_ALLOW"
    before = os.environ.get(name)
    os.environ[name] = address
    try:
        yield
    finally:
        os.environ.pop(name)
        os.environ.update({name: before} if before is not None else {})


@contextlib.contextmanager
def given(vectors: Any) -> Iterator[str]:
    """An embedder in a process of its own that knows these vectors by number; its URL."""
    import numpy as np

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vectors.npy"
        np.save(path, vectors)
        command = [sys.executable, str(Path(__file__).with_name("given_server.py")), str(path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.terminate()
            process.wait(timeout=30)
