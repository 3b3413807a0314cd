"""What no client library sends: bodies without a length, with two, too long, cut off. Over a raw socket."""

from __future__ import annotations

import gzip
import json
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import pytest

from spaces_project.kit import limits

pytestmark = pytest.mark.thorough


@pytest.fixture
def token(live: str) -> str:
    from tests.factories import make_account, make_key, make_user

    return make_key(make_user(make_account("raw"), "raw"))[1]


def talk(live: str, request: bytes, *, close: bool = False) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to these bytes."""
    where = urlsplit(live)
    with socket.create_connection((str(where.hostname), int(where.port or 0)), timeout=20) as connection:
        connection.sendall(request)
        if close:
            connection.shutdown(socket.SHUT_WR)
        file = connection.makefile("rb")
        status = int(file.readline().split()[1])
        headers = {}
        while line := file.readline().strip():
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        return status, headers, file.read(int(headers.get("content-length", 0)))


def post(token: str, path: str, headers: str, body: bytes) -> bytes:
    head = f"POST /api/v1/{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n{headers}\r\n"
    return head.encode() + b"\r\n" + body


def chunked(body: bytes, size: int = 7) -> bytes:
    parts = [body[i : i + size] for i in range(0, len(body), size)]
    return b"".join(f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in parts) + b"0\r\n\r\n"


CHUNKED = "Content-Type: application/json\r\nTransfer-Encoding: chunked"


def plain(length: int) -> str:
    return f"Content-Type: application/json\r\nContent-Length: {length}"


@pytest.mark.slow
def test_a_chunked_body_is_read_like_one_with_a_length(live: str, token: str) -> None:
    from spaces.models import Space

    body = json.dumps({"name": "Größe", "meta": {"a": [1, 2, 3]}}).encode()
    for request in (
        post(token, "space/create", CHUNKED, chunked(body)),
        post(token, "space/create", plain(len(body)), body),
    ):
        assert talk(live, request)[0] == 200
    first, second = Space.objects.listed()
    assert (first.name, first.meta) == (second.name, second.meta) == ("Größe", {"a": [1, 2, 3]})


@pytest.mark.slow
@pytest.mark.parametrize(
    "body", [b"{", b'{"name":1}', b'{"contactId":"x"}', b"\xff", b'{"name":"' + b"n" * 300 + b'"}']
)
def test_errors_are_the_same_bytes(live: str, token: str, body: bytes) -> None:
    one = talk(live, post(token, "space/create", CHUNKED, chunked(body)))
    other = talk(live, post(token, "space/create", plain(len(body)), body))
    assert (one[0], one[2]) == (other[0], other[2])
    assert 400 <= one[0] < 500


def test_a_length_and_chunks_together_are_refused(live: str, token: str) -> None:
    headers = "Content-Length: 2\r\n" + CHUNKED
    assert talk(live, post(token, "space/create", headers, chunked(b"{}")))[0] == 400


def test_fifty_megabytes_are_refused_before_they_are_sent(live: str, token: str) -> None:
    start = time.monotonic()
    status, headers, body = talk(live, post(token, "space/create", plain(50 * 1024 * 1024), b""))
    assert (status, json.loads(body)["code"]) == (413, "CONTENT_TOO_LARGE")
    assert headers["content-type"] == "application/json"
    assert time.monotonic() - start < 10


@pytest.mark.thorough
def test_endless_chunks_are_refused_at_the_limit(live: str, token: str) -> None:
    block = b"x" * (1024 * 1024)
    body = b"".join(b"100000\r\n" + block + b"\r\n" for _ in range(limits.JSON_BODY_BYTES // len(block) + 1))
    status, _, answer = talk(live, post(token, "space/create", CHUNKED, body))
    assert (status, json.loads(answer)["code"]) == (413, "CONTENT_TOO_LARGE")


@pytest.mark.parametrize("body", [b"zz\r\n{}\r\n0\r\n\r\n", b"-2\r\n{}\r\n0\r\n\r\n", b"2\r\n{}", b""])
def test_chunks_that_are_none_are_a_bad_request(live: str, token: str, body: bytes) -> None:
    from spaces.models import Space

    assert talk(live, post(token, "space/create", CHUNKED, body), close=True)[0] == 400
    assert not Space.objects.listed().exists()


def test_a_charset_that_is_none_is_refused(live: str, token: str) -> None:
    for charset in ("rot13", "base64", "nothing"):
        headers = f"Content-Type: application/json; charset={charset}\r\nContent-Length: 2"
        assert talk(live, post(token, "space/create?x=%C3%A9", headers, b"{}"))[0] == 415


def test_a_body_that_ends_early_makes_nothing(live: str, token: str) -> None:
    from spaces.models import Space

    assert talk(live, post(token, "space/create", plain(50), b'{"name": "x"'), close=True)[0] == 400
    assert not Space.objects.listed().exists()


@pytest.mark.parametrize(
    "line",
    [
        "GET /api/v1/%00 HTTP/1.1",
        "GET /api/v1/..%2f..%2fx HTTP/1.1",
        "GET /api/v1/space/list?%00=%FF HTTP/1.1",
        "TRACE /api/v1/space/list HTTP/1.1",
        "GET http://localhost/api/v1/nothing HTTP/1.1",
    ],
)
def test_odd_requests_are_the_callers_fault(live: str, token: str, line: str) -> None:
    request = f"{line}\r\nHost: localhost\r\nx-api-key: {token}\r\n\r\n".encode()
    status, headers, body = talk(live, request)
    assert 400 <= status < 500
    assert headers["content-type"] == "application/json"
    assert set(json.loads(body)) == {"message", "code"}


def test_an_export_over_the_wire_is_whole(live: str, token: str) -> None:
    import urllib.request

    for number in range(3):
        assert (
            talk(live, post(token, "space/create", plain(len(body := f'{{"name":"é{number}"}}'.encode())), body))[0]
            == 200
        )
    request: Any = urllib.request.Request(
        f"{live}/api/v1/space/export", headers={"x-api-key": token, "Accept": "text/csv"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.headers["Content-Type"] == "text/csv"
        assert answer.read().decode().count("\n") > 3


def test_a_query_string_comes_through_up_to_its_limit(live: str, token: str) -> None:
    def got(path: str) -> tuple[int, Any]:
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
        status, _, body = talk(live, head.encode())
        return status, json.loads(body)

    most = limits.QUERY_STRING_BYTES
    for path, name, told in (("/v1/spaces", "nameFilter", "error"), ("/api/v1/space/list", "cursor", "message")):
        fits = f"{name}=" + "a" * (most - len(name) - 1)
        assert got(f"{path}?{fits}")[0] == (200 if name == "nameFilter" else 400)
        status, body = got(f"{path}?{fits}a")
        assert (status, body[told]) == (400, f"The query string is longer than {most:,} bytes.")


def test_a_packed_body_is_told_so(live: str, token: str) -> None:
    packed = gzip.compress(b'{"name": "Packed"}')
    for path in ("space/create", "contact/create"):
        status, _, body = talk(live, post(token, path, f"{plain(len(packed))}\r\nContent-Encoding: gzip", packed))
        assert (status, b"without Content-Encoding" in body) == (415, True)
    whole = b'{"name": "Plain"}'
    status, _, _ = talk(live, post(token, "space/create", f"{plain(len(whole))}\r\nContent-Encoding: identity", whole))
    assert status == 200
