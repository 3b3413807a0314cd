"""Calls through the door, on real sockets: what is sent, what is taken, and where it is cut."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Sequence

import pytest

from spaces_project.kit import egress, limits
from spaces_project.kit.egress import Allowed, Caps
from tests.kit.egress_server import Answer, bytes_of, serving, whole

LOCAL = Allowed.parse(["127.0.0.1"])
KEY = "sk-very-secret"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
HURRY = Caps(connect_seconds=2, idle_seconds=2, total_seconds=0.6)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def test_a_post_arrives_as_sent_and_its_answer_is_whole() -> None:
    with serving(whole(b'{"ok": true}', b"HTTP/1.1 201 Created", b"X-One: a", b"X-One: b")) as server:
        reply = egress.post(server.url, headers={"Authorization": f"Bearer {KEY}"}, json={"a": "ü"}, allowed=LOCAL)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    sent = dict(line.split(": ", 1) for line in lines)
    assert (reply.status, reply.json(), reply.headers["x-one"]) == (201, {"ok": True}, "a, b")
    assert (first, body) == ("POST /v1/chat?token=secret-in-query HTTP/1.1", b'{"a":"\\u00fc"}')
    assert sent == {
        "accept": "*/*",
        "user-agent": "Spaces",
        "content-type": "application/json",
        "authorization": f"Bearer {KEY}",
        "host": f"127.0.0.1:{server.port}",
        "connection": "close",
        "accept-encoding": "identity",
        "content-length": "14",
    }


def test_signed_bytes_are_sent_unchanged() -> None:
    with serving(whole(b"")) as server:
        egress.post(server.url, content=b'{"a" : 1}\n', headers={"Content-Type": "text/x"}, allowed=LOCAL)
    assert server.requests[0].endswith(b"\r\n\r\n" + b'{"a" : 1}\n')
    assert b"content-type: text/x\r\n" in server.requests[0]


def test_the_first_checked_address_is_called_whatever_the_resolver_says_later() -> None:
    answers = [["127.0.0.1"], ["127.0.0.9"]]
    asked: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return answers.pop(0)

    with serving(whole(b"hello")) as server:
        reply = egress.request("GET", f"http://models.example:{server.port}/", allowed=LOCAL, resolver=rebinding)
    assert (reply.body, asked) == (b"hello", ["models.example"])
    assert f"host: models.example:{server.port}\r\n".encode() in server.requests[0]


def test_private_addresses_are_refused_and_nothing_connects() -> None:
    with serving(whole(b"")) as server, pytest.raises(egress.Refused):
        egress.post(server.url, json={})
    assert server.requests == []


def test_localhost_is_refused_by_its_address() -> None:
    with pytest.raises(egress.Refused, match="localhost is at a private"):
        egress.request("GET", "https://localhost:8443/")


def test_redirects_are_not_followed() -> None:
    with serving(whole(b"treasure")) as inner:
        redirect = whole(b"", b"HTTP/1.1 307 Temporary Redirect", f"Location: {inner.url}".encode())
        with serving(redirect) as outer, pytest.raises(egress.BadStatus, match="redirect") as bad:
            egress.post(outer.url, json={}, allowed=LOCAL)
    assert (bad.value.status, len(outer.requests), inner.requests) == (307, 1, [])


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(whole(b"proxied")) as proxy, serving(whole(b"direct")) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert egress.request("GET", server.url, allowed=LOCAL).body == b"direct"
    assert proxy.requests == []


@pytest.mark.parametrize(
    ("status", "temporary", "words"),
    [
        (b"401 Unauthorized", False, "refused the credentials"),
        (b"404 Not Found", False, "does not know"),
        (b"429 Too Many Requests", True, "no more requests"),
        (b"503 Service Unavailable", True, "failed to answer"),
        (b"418 Teapot", False, r"refused the request \(418\)"),
    ],
)
def test_a_bad_status_says_what_to_do_and_keeps_the_answer_apart(status: bytes, temporary: bool, words: str) -> None:
    echo = f"you sent {KEY}".encode()
    answer = whole(echo, b"HTTP/1.1 " + status, b"Retry-After: 7")
    with serving(answer) as server, pytest.raises(egress.BadStatus, match=words) as bad:
        egress.post(server.url, headers={"Authorization": KEY}, json={}, allowed=LOCAL)
    assert (bad.value.body, bad.value.retry_after, bad.value.is_temporary) == (echo, 7, temporary)
    assert KEY not in str(bad.value)


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(100):
        connection.sendall(b"x")
        time.sleep(0.05)


def drip_of_headers(connection: socket.socket) -> None:
    for _ in range(100):
        connection.sendall(b"H")
        time.sleep(0.05)


@pytest.mark.parametrize("answer", [drip, drip_of_headers])
def test_a_slow_drip_is_cut_when_the_time_is_over(answer: Answer) -> None:
    with serving(answer) as server, pytest.raises(egress.TimedOut, match=r"more than 0\.6 seconds"):
        egress.request("GET", server.url, allowed=LOCAL, caps=HURRY)


def test_silence_is_cut_before_the_time_is_over() -> None:
    def silence(connection: socket.socket) -> None:
        connection.sendall(CHUNKED + chunk(b"one"))
        connection.recv(1)

    caps = Caps(idle_seconds=0.3, total_seconds=20)
    with serving(silence) as server, egress.stream("GET", server.url, allowed=LOCAL, caps=caps) as response:
        pieces = response.iter_bytes()
        assert next(pieces) == b"one"
        with pytest.raises(egress.TimedOut, match="silent"):
            next(pieces)


def test_a_caller_stops_while_nothing_comes() -> None:
    def silence(connection: socket.socket) -> None:
        connection.sendall(CHUNKED)
        connection.recv(1)

    asked: list[bool] = []

    def stop() -> bool:
        asked.append(True)
        return len(asked) > 5

    with serving(silence) as server, pytest.raises(egress.Stopped):
        egress.request("GET", server.url, allowed=LOCAL, stop=stop)


def test_leaving_the_block_closes_the_connection() -> None:
    closed: list[bytes] = []

    def until_closed(connection: socket.socket) -> None:
        connection.sendall(CHUNKED + chunk(b"data: 1\n\n"))
        closed.append(connection.recv(1))

    with serving(until_closed) as server:
        with egress.stream("GET", server.url, allowed=LOCAL) as response:
            assert next(response.iter_events()) == "1"
        for _ in range(100):
            if closed:
                break
            time.sleep(0.02)
    assert closed == [b""]


CAP = Caps(body_bytes=1000)


@pytest.mark.parametrize("size", [1000, 1001])
def test_the_size_of_an_answer_is_capped(size: int) -> None:
    for answer in (whole(b"x" * size), bytes_of(CHUNKED + chunk(b"x" * size) + chunk(b"")), until_closed_body(size)):
        with serving(answer) as server:
            if size <= 1000:
                assert len(egress.request("GET", server.url, allowed=LOCAL, caps=CAP).body) == size
            else:
                with pytest.raises(egress.TooLarge, match="1,000 bytes"):
                    egress.request("GET", server.url, allowed=LOCAL, caps=CAP)


def until_closed_body(size: int) -> Answer:
    return bytes_of(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * size)


def test_a_compressed_answer_is_not_unpacked() -> None:
    bomb = whole(gzip.compress(b"0" * 10_000_000), b"HTTP/1.1 200 OK", b"Content-Encoding: gzip")
    with serving(bomb) as server, pytest.raises(egress.Broken, match="compressed"):
        egress.request("GET", server.url, allowed=LOCAL)


BROKEN = {
    "not HTTP": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "nothing": b"",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-",
    "half a body": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfour",
    "half a chunk": CHUNKED + b"a\r\nfour",
    "no last chunk": CHUNKED + chunk(b"four"),
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "endless continues": b"HTTP/1.1 100 Continue\r\n\r\n" * 1000,
    "huge head": b"HTTP/1.1 200 OK\r\nX: " + b"x" * (limits.EGRESS_HEADER_BYTES + 32 * 1024) + b"\r\n\r\n",
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_answer_is_an_error_and_never_a_short_one(raw: bytes) -> None:
    with serving(bytes_of(raw)) as server, pytest.raises(egress.Broken) as broken:
        egress.post(server.url, json={"a": 1}, headers={"Authorization": KEY}, allowed=LOCAL)
    assert broken.value.is_temporary


def test_an_early_answer_to_a_large_request_is_heard() -> None:
    def at_once(connection: socket.socket) -> None:
        whole(b"no", b"HTTP/1.1 413 Content Too Large")(connection)

    with serving(at_once) as server, pytest.raises(egress.BadStatus, match="413"):
        egress.post(server.url, content=b"x" * 3_000_000, allowed=LOCAL)


def test_lines_and_events_are_told_as_they_come() -> None:
    raw = b": hi\r\ndata: one\r\n\r\nevent: x\ndata:two\ndata: 2\n\ndata: [DO" + "ü".encode() + b"NE]\n"
    split = CHUNKED + b"".join(chunk(raw[i : i + 3]) for i in range(0, len(raw), 3)) + chunk(b"")
    for read, told in (
        ("iter_events", ["one", "two\n2", "[DOüNE]"]),
        ("iter_lines", [": hi", "data: one", "", "event: x", "data:two", "data: 2", "", "data: [DOüNE]"]),
    ):
        with serving(bytes_of(split)) as server, egress.stream("GET", server.url, allowed=LOCAL) as response:
            assert list(getattr(response, read)()) == told


@pytest.mark.parametrize("end", [b"", b"\n", b"\nx"])
def test_a_line_that_is_too_long_is_cut(end: bytes) -> None:
    most = b"x" * limits.EGRESS_LINE_BYTES
    with serving(whole(most + end)) as server, egress.stream("GET", server.url, allowed=LOCAL) as response:
        assert next(response.iter_lines()) == most.decode()
    with (
        serving(whole(most + b"x" + end)) as server,
        egress.stream("GET", server.url, allowed=LOCAL) as response,
        pytest.raises(egress.TooLarge, match="line"),
    ):
        list(response.iter_lines())


@pytest.mark.slow
def test_a_server_that_does_not_read_is_left() -> None:
    def deaf(connection: socket.socket) -> None:
        time.sleep(1)

    with serving(deaf, reads=False) as server, pytest.raises(egress.TimedOut, match="more than"):
        egress.post(server.url, content=b"x" * 20_000_000, allowed=LOCAL, caps=HURRY)


def test_ipv6_is_called_by_its_address() -> None:
    with serving(whole(b"six"), host="::1") as server:
        reply = egress.request("GET", f"http://[::1]:{server.port}/", allowed=Allowed.parse(["::1"]))
    assert reply.body == b"six"
    assert f"host: [::1]:{server.port}\r\n".encode() in server.requests[0]


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    allowed = Allowed.parse(["127.0.0.0/8"])
    with serving(whole(b"second")) as server:
        url = f"http://models.example:{server.port}/"
        reply = egress.request("GET", url, allowed=allowed, resolver=lambda host, port: ["127.0.0.2", "127.0.0.1"])
    assert reply.body == b"second"


@pytest.mark.parametrize("body", [b"<html>", b"", b"NaN", b'{"a": Infinity}', b"[" * 100_000, b"\xff"])
def test_an_answer_that_is_not_json_is_an_error(body: bytes) -> None:
    with serving(whole(body)) as server, pytest.raises(egress.Broken, match="not JSON"):
        egress.request("GET", server.url, allowed=LOCAL).json()


@pytest.mark.parametrize("value", [f"Bearer {KEY}\n", f" {KEY}", f"{KEY}\x00", f"{KEY}ü", f"{KEY}\r\nX: y"])
def test_a_key_that_cannot_be_sent_is_refused_and_not_told(value: str) -> None:
    with serving(whole(b"")) as server, pytest.raises(egress.Refused) as refused:
        egress.post(server.url, headers={"Authorization": value}, json={}, allowed=LOCAL)
    assert (server.requests, refused.value.__context__) == ([], None)
    assert KEY not in str(refused.value)


@pytest.mark.parametrize(
    "name", ["Host", "content-length", "Transfer-Encoding", "Accept-Encoding", "Connection", "a b", ""]
)
def test_headers_of_the_connection_are_not_the_callers(name: str) -> None:
    with serving(whole(b"")) as server, pytest.raises(egress.Refused):
        egress.post(server.url, headers={name: "x"}, json={}, allowed=LOCAL)
    assert server.requests == []


def test_a_closed_port_and_an_unknown_name_are_told() -> None:
    with serving(whole(b"")) as server:
        pass
    with pytest.raises(egress.Unreachable, match="does not answer"):
        egress.post(server.url, json={}, allowed=LOCAL)
    with pytest.raises(egress.Unreachable, match=r"models\.invalid is not known"):
        egress.post("https://models.invalid/v1?token=secret-in-query", json={})


def test_no_sentence_repeats_the_query() -> None:
    with serving(whole(b"", b"HTTP/1.1 500 Oops")) as server:
        with pytest.raises(egress.EgressError) as bad:
            egress.post(server.url, json={}, allowed=LOCAL)
        with pytest.raises(egress.EgressError) as refused:
            egress.post(server.url, json={})
    assert "secret" not in f"{bad.value}{refused.value}"
