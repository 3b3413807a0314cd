"""A real server on loopback that answers each connection as its test says, byte for byte."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = Callable[[socket.socket], None]


class Server:
    """``requests`` holds what each connection sent (head and body), ``url`` is its address by number."""

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None, *, host: str, reads: bool) -> None:
        self.requests: list[bytes] = []
        self.names: list[str | None] = []
        self._answer, self._tls, self._reads = answer, tls, reads
        self._listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        if tls:
            tls.sni_callback = lambda _sock, name, _context: self.names.append(name)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/chat?token=secret-in-query"

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                with suppress(OSError):
                    self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        if self._tls:
            connection = self._tls.wrap_socket(connection, server_side=True)
        with connection:
            if self._reads:
                self.requests.append(read_request(connection))
            self._answer(connection)

    def stop(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for each in (self._listener, *self._open):
            each.close()


def read_request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received and (piece := connection.recv(65536)):
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length and (piece := connection.recv(65536)):
        body += piece
    return head + b"\r\n\r\n" + body


def bytes_of(raw: bytes) -> Answer:
    return lambda connection: connection.sendall(raw)


def whole(body: bytes, head: bytes = b"HTTP/1.1 200 OK", *headers: bytes) -> Answer:
    return bytes_of(b"\r\n".join([head, b"Content-Length: %d" % len(body), *headers, b"", body]))


@contextmanager
def serving(
    answer: Answer, tls: ssl.SSLContext | None = None, *, host: str = "127.0.0.1", reads: bool = True
) -> Iterator[Server]:
    """A server while the block runs; it reads each request first unless ``reads`` is false."""
    server = Server(answer, tls, host=host, reads=reads)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(10)
