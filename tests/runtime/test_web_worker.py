"""Connections that are kept alive: requests in a row, in one piece, after a pause; more connections than threads; and
how two processes share them."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from tests.live import LiveServer

ASKED = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
THREADS = 16  # of tests/live.py


def connect(live: str) -> socket.socket:
    where = urlsplit(live)
    return socket.create_connection((str(where.hostname), int(where.port or 0)), timeout=20)


def answers(connection: socket.socket, count: int) -> list[bytes]:
    """The bodies of so many answers of the probe."""
    read = b""
    while read.count(b'{"status": "ok"}') < count:
        block = connection.recv(65536)
        assert block, read
        read += block
    return [part[:15] for part in read.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.parametrize("pause", [0.0, 0.05])
def test_a_connection_answers_one_request_after_the_other(live: str, pause: float) -> None:
    with connect(live) as connection:
        for _ in range(5):
            connection.sendall(ASKED)
            assert len(answers(connection, 1)) == 1
            time.sleep(pause)


def test_requests_that_come_in_one_piece_are_all_answered(live: str) -> None:
    with connect(live) as connection:
        connection.sendall(3 * ASKED)
        assert answers(connection, 3) == 3 * [b"200 OK\r\nServer:"]


def test_idle_connections_hold_no_thread(live: str) -> None:
    with ExitStack() as stack:
        idle = [stack.enter_context(connect(live)) for _ in range(3 * THREADS)]
        for connection in idle:
            connection.sendall(ASKED)
            answers(connection, 1)
        for connection in idle:  # each of them is still served
            connection.sendall(ASKED)
            assert answers(connection, 1)


def test_a_busy_connection_leaves_its_thread_to_others(db: None, tmp_path: Path) -> None:
    """One that asks again as soon as it is answered, where there is but one thread."""
    server, ended = LiveServer(tmp_path / "server.log", threads=1), threading.Event()

    def ask_on() -> None:
        with connect(live) as connection:
            while not ended.is_set():
                connection.sendall(ASKED)
                answers(connection, 1)

    try:
        live = server.start()
        busy = threading.Thread(target=ask_on)
        busy.start()
        time.sleep(0.5)
        with connect(live) as other:
            other.settimeout(5)
            other.sendall(ASKED)
            assert answers(other, 1)
        ended.set()
        busy.join()
    finally:
        ended.set()
        server.stop()


@pytest.fixture
def two_processes(db: None, tmp_path: Path) -> Iterator[tuple[str, psutil.Process]]:
    """A server of its own, and its parent process."""
    server = LiveServer(tmp_path / "server.log", workers=2)
    try:
        live = server.start()
        assert server.process
        yield live, psutil.Process(server.process.pid)
    finally:
        server.stop()


def shares(parent: psutil.Process) -> dict[int, int]:
    """How many connections each process of the server has open."""
    found = {}
    for child in parent.children():
        with suppress(psutil.NoSuchProcess):
            found[child.pid] = sum(one.status == psutil.CONN_ESTABLISHED for one in child.net_connections("tcp"))
    return found


def ask_and_stay(live: str, stack: ExitStack, count: int) -> None:
    for _ in range(count):
        connection = stack.enter_context(connect(live))
        connection.sendall(ASKED)
        answers(connection, 1)


def wait_until_both_accept(live: str, parent: psutil.Process) -> None:
    end, seen = time.monotonic() + 30, set[int]()
    while len(seen & shares(parent).keys()) < 2:
        assert time.monotonic() < end, "one of them accepts nothing"
        with ExitStack() as stack:
            ask_and_stay(live, stack, 2)
            seen |= {pid for pid, count in shares(parent).items() if count}
        time.sleep(0.05)


def test_processes_share_connections_evenly(two_processes: tuple[str, psutil.Process]) -> None:
    """Also when one of them is new and has none."""
    live, parent = two_processes
    wait_until_both_accept(live, parent)
    with ExitStack() as stack:
        ask_and_stay(live, stack, 20)
        assert min(shares(parent).values()) >= 9
    first = psutil.Process(min(shares(parent)))
    first.kill()
    psutil.wait_procs([first], timeout=10)
    wait_until_both_accept(live, parent)
    with ExitStack() as stack:
        ask_and_stay(live, stack, 20)
        assert min(shares(parent).values()) >= 9
