"""One HTTP/1.1 request on one checked connection. No redirects, cookies, proxies, compression or second tries."""

from __future__ import annotations

import json as json_
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

import h11
from django.conf import settings

from spaces_project.kit import limits

from . import connection
from .addresses import Allowed
from .connection import Caps, Clock, Resolver, Wire
from .errors import BadStatus, Broken, Refused, TooLarge
from .targets import Target, parse

OWN_HEADERS = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "expect", "upgrade", "te"}
)
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.A)
HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?", re.A)
INFORMATIONAL_ANSWERS = 8
ERROR_BODY_BYTES = 4096


class Response:
    """A 2xx answer that is being received. ``headers`` has lower-case names; a repeated one is joined by a comma."""

    def __init__(self, host: str, status: int, headers: Mapping[str, str], pieces: Iterator[bytes]) -> None:
        self.host, self.status, self.headers = host, status, headers
        self._pieces = pieces

    def iter_bytes(self) -> Iterator[bytes]:
        """The body in pieces as they arrive. Raises Broken, TimedOut, TooLarge, Stopped."""
        return self._pieces

    def iter_lines(self) -> Iterator[str]:
        """The lines as they arrive, without their ends; bytes that are not UTF-8 become U+FFFD."""
        parts: list[bytes] = []  # of the line that has not ended, joined once: pieces may be single bytes
        size = 0
        for piece in self._pieces:
            *ends, begin = piece.split(b"\n")
            for end in ends:
                self._check_line(size + len(end))
                yield _line(b"".join((*parts, end)))
                parts, size = [], 0
            parts.append(begin)
            size += len(begin)
            self._check_line(size)
        if size:
            yield _line(b"".join(parts))

    def _check_line(self, size: int) -> None:
        if size > limits.EGRESS_LINE_BYTES:
            raise TooLarge(f"{self.host} sent a line that is too long.")

    def iter_events(self) -> Iterator[str]:
        """The data of each server-sent event, its lines joined (names, ids and comments are passed over)."""
        data: list[str] = []
        for line in self.iter_lines():
            if not line and data:
                yield "\n".join(data)
                data = []
            elif line.startswith("data:"):
                data.append(line[5:].removeprefix(" "))
        if data:  # some servers leave out the last empty line
            yield "\n".join(data)

    def read(self) -> bytes:
        """The whole body."""
        return b"".join(self._pieces)


def _line(raw: bytes) -> str:
    return raw.removesuffix(b"\r").decode("utf-8", "replace")


@dataclass(frozen=True)
class Reply:
    """A whole 2xx answer; ``headers`` as in Response."""

    host: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; Broken when it is none, is nested too deeply, or holds NaN or Infinity."""
        try:
            return json_.loads(self.body, parse_constant=_not_a_number)
        except (ValueError, RecursionError):
            pass
        raise Broken(f"{self.host} answered with something that is not JSON.")


def _not_a_number(name: str) -> NoReturn:
    raise ValueError(name)


@contextmanager
def stream(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    json: object = None,
    content: bytes | None = None,
    caps: Caps | None = None,
    stop: Callable[[], bool] = connection.never,
    allowed: Allowed | None = None,
    resolver: Resolver = connection.resolve,
) -> Iterator[Response]:
    """Call ``url`` and give the answer while it arrives; leaving the block closes the connection at once.

    The body is ``json`` (any JSON value), or ``content`` as it is. ``stop`` is asked four times a second and ends the
    call with Stopped. ``allowed`` (default: the setting) and ``resolver`` are for tests. Raises the errors of
    `kit.egress.errors`; BadStatus for anything but 2xx.
    """
    target = parse(url)
    body = _body(json, content)
    request = _request(method, target, headers or {}, body, is_json=content is None and body is not None)
    clock = Clock(target.authority, caps or Caps(), stop)
    addresses = connection.checked(target, settings.EGRESS_ALLOW if allowed is None else allowed, resolver)
    with closing(connection.connect(target, addresses, clock)) as wire:
        exchange = _Exchange(target.authority, wire, clock.caps)
        exchange.send(request, body or b"")
        yield exchange.response()


def request(method: str, url: str, **options: Any) -> Reply:
    """As `stream`, but receives the whole answer first."""
    with stream(method, url, **options) as response:
        return Reply(response.host, response.status, response.headers, response.read())


def post(url: str, **options: Any) -> Reply:
    """`request` with POST."""
    return request("POST", url, **options)


def _body(json: object, content: bytes | None) -> bytes | None:
    if content is not None or json is None:
        return content
    return json_.dumps(json, separators=(",", ":"), allow_nan=False).encode()


def _request(
    method: str, target: Target, headers: Mapping[str, str], body: bytes | None, *, is_json: bool
) -> h11.Request:
    sent = {"accept": "*/*", "user-agent": "Spaces"}
    if is_json:
        sent["content-type"] = "application/json"
    sent |= dict(_checked_headers(headers))
    sent |= {"host": target.authority, "connection": "close", "accept-encoding": "identity"}
    if body is not None or method in {"POST", "PUT", "PATCH"}:
        sent["content-length"] = str(len(body or b""))
    return h11.Request(method=method, target=target.path, headers=list(sent.items()))


def _checked_headers(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The caller's headers; Refused, in words that do not repeat them, when one cannot be sent."""
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name) or (value and not HEADER_VALUE.fullmatch(value)):
            raise Refused("A key or header holds characters that cannot be sent, such as spaces around it.")
        if name.lower() in OWN_HEADERS:
            raise Refused(f"The header {name.lower()} is set by Spaces alone.")
        yield name.lower(), value


class _Exchange:
    """The HTTP of one request and its answer."""

    def __init__(self, host: str, wire: Wire, caps: Caps) -> None:
        self._host, self._wire, self._caps = host, wire, caps
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=limits.EGRESS_HEADER_BYTES)

    def send(self, request: h11.Request, body: bytes) -> None:
        """Send all; a server that stops reading has perhaps answered already, which `response` then sees."""
        for event in (request, h11.Data(data=body), h11.EndOfMessage()):
            data = self._http.send(event)
            if data and not self._wire.write(data):
                return

    def response(self) -> Response:
        """The head of the answer, with the body to come; BadStatus, TooLarge or Broken when it is not one to read."""
        head = self._head()
        headers: dict[str, str] = {}
        for name, value in head.headers:
            key, text = name.decode("latin-1"), value.decode("latin-1")
            headers[key] = f"{headers[key]}, {text}" if key in headers else text
        if not 200 <= head.status_code < 300:
            raise self._bad_status(head.status_code, headers)
        if headers.get("content-encoding", "identity") != "identity":
            raise Broken(f"{self._host} answered compressed, which was not asked for.")
        if int(headers.get("content-length", "0")) > self._caps.body_bytes:
            raise self._too_large()
        return Response(self._host, head.status_code, headers, self._pieces(self._caps.body_bytes))

    def _head(self) -> h11.Response:
        for _ in range(INFORMATIONAL_ANSWERS):
            event = self._next()
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse):
                break
        raise Broken(f"{self._host} does not answer in HTTP.")

    def _bad_status(self, status: int, headers: Mapping[str, str]) -> BadStatus:
        body = b""
        try:
            for piece in self._pieces(ERROR_BODY_BYTES):
                body += piece
        except (TooLarge, Broken):
            pass  # the status says enough
        after = headers.get("retry-after", "")
        seconds = int(after) if re.fullmatch("[0-9]{1,6}", after) else None
        return BadStatus(self._host, status, body[:ERROR_BODY_BYTES], seconds)

    def _pieces(self, at_most: int) -> Iterator[bytes]:
        received = 0
        while isinstance(event := self._next(connection.BODY_READ_BYTES), h11.Data):
            received += len(event.data)
            if received > at_most:
                raise self._too_large()
            yield bytes(event.data)
        if not isinstance(event, h11.EndOfMessage):
            raise Broken(f"{self._host} broke off in the middle of the answer.")

    def _too_large(self) -> TooLarge:
        return TooLarge(f"{self._host} answered with more than {self._caps.body_bytes:,} bytes.")

    def _next(self, at_most: int = connection.READ_BYTES) -> Any:
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                self._http.receive_data(self._wire.read(at_most))
        except h11.RemoteProtocolError:
            event = None
        if event is None:
            raise Broken(f"{self._host} broke off, or does not answer in HTTP.")
        return event
