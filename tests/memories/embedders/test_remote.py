"""Embedders on other servers: what is sent, and what is made of answers good and bad."""

from __future__ import annotations

import base64
import time
from typing import Any

import numpy as np
import pytest

import memories.embedders
from memories.embedders import Embedder, EmbeddingFailed, Endpoint, Purpose, remote, shapes
from memories.embedders.calls import CallFailed
from spaces_project.kit import limits
from spaces_project.kit.egress import Allowed
from tests.memories.provider_server import DIMENSION, SECRET, ProviderServer, base64_of, vector

KEY = "sk-very-secret"
PATHS = {"TEI": "/embed", "COHERE": "/v2/embed"}
PROVIDERS = ("OPENAI", "VLLM", "LLAMA_CPP", "TEI", "COHERE", "VOYAGE", "JINA", "DASHSCOPE", "GEMINI")


def embedder(server: ProviderServer, provider: str = "OPENAI", *, model: str = "small", **options: Any) -> Embedder:
    path = options.pop("path", PATHS.get(provider, "/v1/embeddings"))
    dimension, max_tokens = options.pop("dimension", DIMENSION), options.pop("max_tokens", None)
    endpoint = Endpoint(server.url(path), KEY, **{"timeout": 10, **options})
    return remote(provider, endpoint, model, dimension, max_tokens)


def unit(text: str, dimension: int = DIMENSION) -> np.ndarray:
    numbers = np.array(vector(text, dimension))
    return numbers / np.linalg.norm(numbers)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_provider_gives_unit_vectors_in_the_texts_order(server: ProviderServer, provider: str) -> None:
    texts = [f"text {number}" for number in range(5)]
    found = embedder(server, provider).embed(texts)
    assert found.dtype == np.float32
    assert np.abs(found - np.array([unit(text) for text in texts])).max() < 1e-5
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert server.headers[0]["content-type"] == "application/json"


WIRE = {
    "OPENAI": ({"model": "small", "input": ["a"], "encoding_format": "base64"}, {}),
    "VLLM": ({"model": "small", "input": ["a"], "encoding_format": "float"}, {}),
    "TEI": ({"inputs": ["a"], "truncate": True}, {}),
    "COHERE": (
        {"model": "small", "texts": ["a"], "embedding_types": ["float"], "truncate": "END"},
        {"input_type": ("search_document", "search_query")},
    ),
    "VOYAGE": ({"model": "small", "input": ["a"], "truncation": True}, {"input_type": ("document", "query")}),
    "JINA": ({"model": "small", "input": ["a"], "truncate": True}, {"task": ("retrieval.passage", "retrieval.query")}),
}


@pytest.mark.parametrize("provider", WIRE)
def test_what_is_asked_for_documents_and_for_queries(server: ProviderServer, provider: str) -> None:
    made = embedder(server, provider)
    made.embed(["a"])
    made.embed(["a"], Purpose.QUERY)
    body, differing = WIRE[provider]
    assert server.requests == [{**body, **{name: both[n] for name, both in differing.items()}} for n in (0, 1)]
    assert server.paths == [PATHS.get(provider, "/v1/embeddings")] * 2


def test_a_key_goes_where_it_is_asked_for_or_nowhere(server: ProviderServer) -> None:
    embedder(server, header="X-Api-Key", prefix="").embed(["a"])
    assert server.headers[0]["x-api-key"] == KEY
    remote("TEI", Endpoint(server.url("/embed"), timeout=5), "m", DIMENSION).embed(["a"])
    assert not {"authorization", "x-api-key"} & set(server.headers[1])
    assert KEY not in repr(Endpoint("https://x.example", KEY))


@pytest.mark.parametrize(("provider", "sizes"), [("TEI", [32, 32, 6]), ("DASHSCOPE", [10] * 7), ("OPENAI", [70])])
def test_texts_go_in_batches(server: ProviderServer, provider: str, sizes: list[int]) -> None:
    texts = [f"t{number}" for number in range(70)]
    found = embedder(server, provider).embed(texts)
    assert [len(each.get("input") or each["inputs"]) for each in server.requests] == sizes
    assert np.abs(found[66] - unit("t66")).max() < 1e-5


def test_long_texts_and_long_vectors_make_smaller_batches(server: ProviderServer) -> None:
    embedder(server).embed(["x" * 60_000, "y" * 60_000, "z"])
    assert [len(each["input"]) for each in server.requests] == [1, 2]
    server.requests.clear()
    server.native = 4_096
    embedder(server, dimension=4_096).embed([f"t{number}" for number in range(60)])
    assert [len(each["input"]) for each in server.requests] == [48, 12]


def test_no_texts_call_nobody(server: ProviderServer) -> None:
    assert embedder(server).embed([]).shape == (0, DIMENSION)
    assert server.requests == []


def test_blank_texts_and_halves_of_characters_are_made_sendable(server: ProviderServer) -> None:
    assert embedder(server).embed(["", " \n", "half \ud83d"]).shape == (3, DIMENSION)
    assert server.requests[0]["input"] == [".", ".", "half ?"]


# ---------------------------------------------------------------- shapes of answers


def test_a_list_of_llama_cpp_is_read(server: ProviderServer) -> None:
    server.script = [lambda body: [{"index": 1, "embedding": [[0, 2]]}, {"index": 0, "embedding": [[3, 4]]}]]
    found = embedder(server, "LLAMA_CPP", path="/embeddings", dimension=2).embed(["a", "b"])
    assert np.allclose(found, [[0.6, 0.8], [0, 1]])


def test_tei_is_called_as_openai_at_such_an_address(server: ProviderServer) -> None:
    embedder(server, "TEI", path="/v1/embeddings").embed(["a"])
    assert server.requests[0]["input"] == ["a"]


def test_rows_without_an_index_are_taken_as_they_come(server: ProviderServer) -> None:
    server.script = [lambda body: {"data": [{"embedding": [1, 0]}, {"embedding": [0, 1]}]}]
    assert embedder(server, dimension=2).embed(["a", "b"]).tolist() == [[1, 0], [0, 1]]


def test_shorter_vectors_are_asked_for_once_it_is_seen_that_they_must(server: ProviderServer) -> None:
    server.native = 16
    made = embedder(server, "VOYAGE")
    for _ in range(2):
        assert np.abs(made.embed(["a"])[0] - unit("a")).max() < 1e-5
    assert [each.get("output_dimension") for each in server.requests] == [None, 8, 8]
    server.requests.clear()
    embedder(server, model="text-embedding-3-large").embed(["a"])
    assert [each.get("dimensions") for each in server.requests] == [8]


def refusing(*names: str) -> Any:
    def step(body: dict[str, Any]) -> Any:
        return 400, {"error": {"message": f"Unrecognized request arguments: {', '.join(names)}"}}

    return step


def test_parameters_that_a_model_does_not_know_are_left_out(server: ProviderServer) -> None:
    server.script = [refusing("task", "truncate")]
    embedder(server, "JINA").embed(["a"])
    assert server.requests[1] == {"model": "small", "input": ["a"]}
    server.script = [refusing("model"), 200]
    with pytest.raises(EmbeddingFailed, match=r"refused the request \(400\)"):
        embedder(server, "JINA").embed(["a"])


def test_a_batch_that_is_too_large_goes_in_halves(server: ProviderServer) -> None:
    def at_most_two(body: dict[str, Any]) -> Any:
        return 413, {"error": f"batch size {len(body['inputs'])} > maximum allowed batch size 2"}

    server.script = [at_most_two, at_most_two]
    texts = ["a", "b", "c", "d", "e"]
    found = embedder(server, "TEI").embed(texts)
    assert [len(each["inputs"]) for each in server.requests] == [5, 2, 1, 1, 3]
    assert np.abs(found - np.array([unit(text) for text in texts])).max() < 1e-5


def test_a_text_that_is_too_long_is_cut(server: ProviderServer) -> None:
    server.script = [lambda body: (400, {"error": {"message": "This model's maximum context length is 10 tokens"}})]
    embedder(server, max_tokens=10).embed(["x" * 100])
    assert [len(each["input"][0]) for each in server.requests] == [80, 10]
    server.script = [lambda body: (400, {"error": {"message": "maximum context length is 10 tokens"}})]
    with pytest.raises(EmbeddingFailed, match="refused the request"):
        embedder(server).embed(["x" * 100])


def data(*vectors: Any) -> Any:
    return lambda body: {"data": [{"index": place, "embedding": each} for place, each in enumerate(vectors)]}


BAD_ANSWERS: dict[str, tuple[Any, str]] = {
    "another dimension": (data([1, 2, 3]), "vectors of 3 numbers, not 8"),
    "a row too few": (lambda body: {"data": []}, "0 vectors for 1 texts"),
    "a row too many": (data([1] * 8, [1] * 8), "2 vectors for 1 texts"),
    "NaN": (b'{"data": [{"index": 0, "embedding": [NaN, 1, 1, 1, 1, 1, 1, 1]}]}', "not understood"),
    "Infinity": (b'{"data": [{"index": 0, "embedding": [-Infinity, 1, 1, 1, 1, 1, 1, 1]}]}', "not understood"),
    "a number beyond all": (b'{"data": [{"index": 0, "embedding": [1e999, 1, 1, 1, 1, 1, 1, 1]}]}', "not finite"),
    "numbers whose length overflows": (data([1e308] * 8), "zero or not finite"),
    "an integer beyond all": (data([10**400] + [1] * 7), "not understood"),
    "zeros": (data([0] * 8), "zero"),
    "NaN in base64": (data("AADAfw==" * 1), "not finite"),
    "half a number in base64": (data("AADA"), "not understood"),
    "no base64": (data("n0t b64!"), "not understood"),
    "null": (data(None), "not understood"),
    "texts for numbers": (data(["1"] * 8), "not understood"),
    "booleans": (data([True] * 8), "not understood"),
    "lists for numbers": (data([[1] * 8] * 2), "not understood"),
    "an empty vector": (data([]), "zero|0 numbers"),
    "the same index twice": (
        lambda body: {"data": [{"index": 0, "embedding": [1] * 8}, {"index": 0, "embedding": [2] * 8}]},
        "missing or named twice",
    ),
    "an index from 1": (lambda body: {"data": [{"index": 1, "embedding": [1] * 8}]}, "missing or named twice"),
    "an odd index": (lambda body: {"data": [{"index": [], "embedding": [1] * 8}]}, "missing or named twice"),
    "an error with 200": (lambda body: {"error": {"message": SECRET}}, "not understood"),
    "a bare list": (lambda body: [[1] * 8], "not understood"),
    "a list of numbers": (lambda body: {"data": [1, 2]}, "not understood"),
    "null for all": (b"null", "not understood"),
    "HTML": (b"<html>" + SECRET.encode(), "not understood"),
    "deep nesting": (b"[" * 100_000, "not understood"),
    "nothing": (b"", "not understood"),
}


@pytest.mark.parametrize("name", BAD_ANSWERS)
def test_an_answer_that_cannot_be_right_is_a_clear_failure(server: ProviderServer, name: str) -> None:
    answer, words = BAD_ANSWERS[name]
    server.script = [answer] * 3
    with pytest.raises(EmbeddingFailed, match=words) as failure:
        embedder(server, timeout=0.6).embed(["a"])
    assert failure.value.code == "EMBEDDER_FAILED"
    assert_tells_nothing(failure.value)


def assert_tells_nothing(failure: EmbeddingFailed) -> None:
    assert str(failure) == failure.message
    assert failure.message.startswith("The embedder ")
    assert SECRET not in failure.message
    assert KEY not in failure.message
    assert failure.__cause__ is None  # what is logged with it would be the server's words


@pytest.mark.parametrize("provider", ["TEI", "COHERE"])
def test_bad_answers_of_the_other_shapes(server: ProviderServer, provider: str) -> None:
    for answer in ({"embeddings": [[1] * 8]}, {"embeddings": {"int8": [[1] * 8]}}, {"error": SECRET}, [[1] * 7], "x"):
        server.script = [lambda body, answer=answer: answer]
        with pytest.raises(EmbeddingFailed):
            embedder(server, provider).embed(["a"])


# ------------------------------------------------------------- servers that fail

STATUSES = {
    400: ("EMBEDDER_FAILED", False, "refused the request"),
    401: ("EMBEDDER_FAILED", False, "refused the key"),
    403: ("EMBEDDER_FAILED", False, "refused the key"),
    404: ("EMBEDDER_FAILED", False, "does not know this model"),
    307: ("EMBEDDER_FAILED", False, "leads elsewhere"),
    429: ("RATE_LIMITED", True, "too busy"),
    500: ("EMBEDDER_UNAVAILABLE", True, r"failed to answer \(500\)"),
    503: ("EMBEDDER_UNAVAILABLE", True, r"failed to answer \(503\)"),
}


@pytest.mark.parametrize("status", STATUSES)
def test_what_a_status_means(server: ProviderServer, status: int) -> None:
    code, is_temporary, words = STATUSES[status]
    server.script = [status] * 5
    with pytest.raises(EmbeddingFailed, match=words) as failure:
        embedder(server).embed(["a"])
    assert (failure.value.code, failure.value.is_temporary) == (code, is_temporary)
    assert_tells_nothing(failure.value)
    assert len(server.requests) == (1 + limits.EMBEDDER_RETRIES if is_temporary else 1)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_fails_for_the_moment_is_tried_again(server: ProviderServer, status: int) -> None:
    server.script = [status, status]
    assert embedder(server).embed(["a"]).shape == (1, DIMENSION)
    assert len(server.requests) == 3


def test_a_later_batch_that_fails_fails_the_whole(server: ProviderServer) -> None:
    server.script = [lambda body: [vector(text) for text in body["inputs"]], 401]
    with pytest.raises(EmbeddingFailed):
        embedder(server, "TEI").embed(["t"] * 40)


def test_a_long_wait_is_left_to_the_caller(server: ProviderServer) -> None:
    from tests.kit.egress_server import serving, whole

    busy = whole(b"{}", b"HTTP/1.1 429 Too Many Requests", b"Retry-After: 3600")
    with serving(busy) as slow, pytest.raises(EmbeddingFailed) as failure:
        remote("TEI", Endpoint(f"http://127.0.0.1:{slow.port}/embed", timeout=10), "m", 8).embed(["a"])
    assert (failure.value.code, failure.value.retry_after) == ("RATE_LIMITED", 3600)
    assert len(slow.requests) == 1


def test_an_account_without_money_is_not_asked_again(server: ProviderServer) -> None:
    server.script = [lambda body: (429, {"error": {"code": "insufficient_quota"}})]
    with pytest.raises(EmbeddingFailed, match="nothing left to spend") as failure:
        embedder(server).embed(["a"])
    assert not failure.value.is_temporary
    assert len(server.requests) == 1


def test_silence_ends_when_the_time_is_over(server: ProviderServer) -> None:
    server.script = [lambda body: time.sleep(1) or {}]
    began = time.monotonic()
    with pytest.raises(EmbeddingFailed, match="too long to answer") as failure:
        embedder(server, timeout=0.3).embed(["a"])
    assert time.monotonic() - began < 0.9
    assert (failure.value.code, failure.value.is_temporary) == ("EMBEDDER_TIMEOUT", True)


def test_nobody_there(server: ProviderServer) -> None:
    with pytest.raises(EmbeddingFailed, match="not reachable") as failure:
        remote("TEI", Endpoint("http://127.0.0.1:1025/embed", KEY, timeout=0.4), "m", 8).embed(["a"])
    assert (failure.value.code, failure.value.is_temporary) == ("EMBEDDER_UNAVAILABLE", True)


def test_a_flood_is_cut(server: ProviderServer) -> None:
    from tests.kit.egress_server import serving

    def flood(connection: Any) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        for _ in range(60):
            connection.sendall(b" " * 1024 * 1024)

    with serving(flood) as wide, pytest.raises(EmbeddingFailed, match="more than can be taken") as failure:
        remote("TEI", Endpoint(f"http://127.0.0.1:{wide.port}/embed", timeout=10), "m", 8).embed(["a"])
    assert (failure.value.code, failure.value.is_temporary) == ("EMBEDDER_FAILED", False)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/embed", "http://169.254.169.254/", "file:///etc/passwd", ""])
def test_private_addresses_are_not_called_unless_allowed(settings, url: str) -> None:
    settings.EGRESS_ALLOW = Allowed()
    with pytest.raises(EmbeddingFailed, match="may not be called") as failure:
        remote("TEI", Endpoint(url, KEY), "m", 8).embed(["a"])
    assert (failure.value.code, failure.value.is_temporary) == ("EMBEDDER_FAILED", False)


@pytest.mark.parametrize(
    ("provider", "url", "words"),
    [
        ("DASHSCOPE", "https://dashscope.aliyuncs.com/api/v1/services/embeddings/text-embedding/x", "ends in /embedd"),
        ("GEMINI", "https://generativelanguage.googleapis.com/v1beta/models/e:embedContent", "ends in /embedd"),
        ("OLLAMA", "https://x.example/api/embed", "of a kind"),
    ],
)
def test_what_cannot_be_spoken_is_refused_at_once(provider: str, url: str, words: str) -> None:
    with pytest.raises(EmbeddingFailed, match=words) as failure:
        remote(provider, Endpoint(url, KEY), "m", 8)
    assert failure.value.code == "EMBEDDER_FAILED"


def test_one_package_makes_many() -> None:
    """A module named like the function would take its place once it is loaded."""
    endpoint = Endpoint("https://x.example/embed")
    assert [memories.embedders.remote("TEI", endpoint, "m", 8).name for _ in range(2)] == ["m", "m"]


@pytest.mark.parametrize("size", [1e-30, 1e-12, 1.0, 1e12, 1e30])
def test_base64_of_any_size_becomes_vectors_of_length_one(size: float) -> None:
    rows = np.array([[3, 4], [0, 1]], np.float32) * np.float32(size)
    found = shapes.matrix([base64_of(row.tolist()) for row in rows], 2, 2)
    assert found.dtype == np.float32
    assert np.allclose(found, [[0.6, 0.8], [0, 1]], atol=1e-6)


@pytest.mark.parametrize(
    "vectors",
    [
        [base64_of([1, 2]), base64_of([1])],
        [base64.b64encode(bytes(range(6))).decode()] * 2,  # twelve bytes together, but no numbers alone
        [base64_of([1, 2]), [1.0, 2.0, 3.0]],
        [base64_of([1, 2])[:-1] + "!", base64_of([1, 2])],
        [base64_of([float("nan"), 2])],
        [base64_of([0, 0]), base64_of([1, 2])],
        [""],
    ],
)
def test_base64_that_is_no_vectors_is_refused(vectors: list[Any]) -> None:
    with pytest.raises(CallFailed):
        shapes.matrix(vectors, len(vectors), 2)
