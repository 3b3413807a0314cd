"""A real gunicorn of the product and a client that costs little, as both share the machine."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
LENGTH = re.compile(rb"content-length: (\d+)", re.I)
BUFFER = 1 << 20


class Server:
    """Addresses of one running gunicorn; ``pid`` is its first worker's."""

    def __init__(self, port: int, master: int) -> None:
        self.port, self.master = port, master

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port))

    def request(self, path: str, token: str, accept: str = "*/*", keep: bool = True) -> bytes:
        lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}", f"Accept: {accept}"]
        return ("\r\n".join([*lines, *([] if keep else ["Connection: close"])]) + "\r\n\r\n").encode()

    def post(self, path: str, token: str, body: bytes, accept: str = "*/*") -> bytes:
        """The bytes of a POST of JSON."""
        lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}", f"Accept: {accept}"]
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + body

    def page(self, path: str, cookie: str) -> bytes:
        """The bytes of a GET by a browser that is signed in."""
        return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()

    def download(self, path: str, token: str, accept: str) -> int:
        """Read a whole streamed answer; returns its bytes. Raises AssertionError unless it is 200 and complete."""
        total, buffer, head, tail = 0, bytearray(BUFFER), b"", b""
        with self.connect() as client:
            client.sendall(self.request(path, token, accept, keep=False))
            while size := client.recv_into(buffer):
                head = head or bytes(buffer[:64])
                tail = (tail + bytes(buffer[max(0, size - 8) : size]))[-8:]
                total += size
        assert head.startswith(b"HTTP/1.1 200"), head
        assert tail.endswith(b"0\r\n\r\n"), "the answer broke off"
        return total

    def seconds(self, path: str, token: str, times: int) -> float:
        """The seconds that ``times`` requests over one connection take, one after the other."""
        return self.seconds_of(self.request(path, token), times)

    def seconds_of(self, request: bytes, times: int) -> float:
        """As ``seconds``, of a request that is spelled already."""
        with self.connect() as client:
            self._one(client, request)
            began = time.perf_counter()
            for _ in range(times):
                self._one(client, request)
            return time.perf_counter() - began

    def rate(self, path: str, token: str, clients: int, duration: float) -> float:
        """Requests per second of several clients at once."""
        return self.rate_of(self.request(path, token), clients, duration)

    def rate_of(self, request: bytes, clients: int, duration: float) -> float:
        """As ``rate``, of a request that is spelled already."""
        end, done = time.perf_counter() + duration, [0] * clients

        def work(number: int) -> None:
            with self.connect() as client:
                while time.perf_counter() < end:
                    self._one(client, request)
                    done[number] += 1

        threads = [threading.Thread(target=work, args=[number]) for number in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(done) / duration

    def _one(self, client: socket.socket, request: bytes) -> bytes:
        client.sendall(request)
        data = client.recv(BUFFER)
        while b"\r\n\r\n" not in data:
            data += client.recv(BUFFER)
        assert data.startswith(b"HTTP/1.1 200"), data[:500]
        found = LENGTH.search(data)
        assert found, data[:500]
        whole = data.index(b"\r\n\r\n") + 4 + int(found[1])
        parts, size = [data], len(data)
        while size < whole:
            parts.append(client.recv(BUFFER))
            size += len(parts[-1])
        return b"".join(parts)

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.master}/task/{self.master}/children").read_text()
        return [int(pid) for pid in children.split()]


@contextlib.contextmanager
def running(workers: int = 2) -> Iterator[Server]:
    """gunicorn as the product configures it, on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        environment = os.environ | {"SUPERVISOR_FD": str(listener.fileno()), "SUPERVISOR_PID": str(os.getpid())}
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "spaces_project/gunicorn_conf.py", "spaces_project.wsgi"],
            cwd=PROJECT,
            env=environment | {"SPACES_WEB_WORKERS": str(workers)},
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )
        server = Server(listener.getsockname()[1], process.pid)
    try:
        _wait(server, process)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


@contextlib.contextmanager
def worker() -> Iterator[None]:
    """The job worker, as the product starts it."""
    command = [sys.executable, "manage.py", "worker"]
    process = subprocess.Popen(command, cwd=PROJECT, start_new_session=True, stdout=subprocess.DEVNULL)
    try:
        time.sleep(3)  # it listens by then; the first answers would show if not
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:  # it builds an index, which takes its time
            process.kill()
            process.wait()


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError), server.connect() as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            if client.recv(64).startswith(b"HTTP/1.1 200"):
                return
        time.sleep(0.1)
    raise RuntimeError("gunicorn did not answer")


def memory(pid: int, field: str) -> float:
    """``VmRSS`` (now) or ``VmHWM`` (the most since ``forget_peak``) of a process, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().split("\n"):
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(field)


def forget_peak(pid: int) -> None:
    """Start VmHWM anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
