"""One connection to one checked address, with a deadline before every wait."""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import certifi

from spaces_project.kit import limits

from .addresses import Address, Allowed, canonical, is_never, is_public
from .errors import Broken, Refused, Stopped, TimedOut, Unreachable
from .targets import Target, parse

Resolver = Callable[[str, int], Sequence[str]]
READ_BYTES = 16 * 1024  # so that a head that is too long is seen before it is there
BODY_READ_BYTES = 64 * 1024
TRIED_ADDRESSES = 4
POLL_SECONDS = 0.25


@dataclass(frozen=True)
class Caps:
    """How long (seconds) and how much (bytes) a caller takes; ``idle_seconds`` is the wait for the next byte."""

    connect_seconds: float = limits.EGRESS_CONNECT_SECONDS
    idle_seconds: float = limits.EGRESS_IDLE_SECONDS
    total_seconds: float = limits.EGRESS_TOTAL_SECONDS
    body_bytes: int = limits.EGRESS_BODY_BYTES


def never() -> bool:
    """The ``stop`` of a caller who never stops."""
    return False


class Clock:
    """The time left of one call, which began when the clock was made."""

    def __init__(self, host: str, caps: Caps, stop: Callable[[], bool] = never) -> None:
        self.host, self.caps, self._stop = host, caps, stop
        self._end = time.monotonic() + caps.total_seconds

    def connecting(self) -> float:
        """Seconds for one step of connecting; raises TimedOut or Stopped when none are left."""
        return self.wait(time.monotonic() + self.caps.connect_seconds, self.caps.connect_seconds)

    def idle_end(self) -> float:
        """When a wait that begins now has been too long."""
        return time.monotonic() + self.caps.idle_seconds

    def wait(self, until: float, at_most: float = POLL_SECONDS) -> float:
        """Seconds (never 0) to wait before looking again; raises TimedOut or Stopped when there are none."""
        if self._stop():
            raise Stopped("The call was stopped.")
        now = time.monotonic()
        if now >= self._end:
            raise TimedOut(f"{self.host} took more than {self.caps.total_seconds:g} seconds.")
        if now >= until:
            raise TimedOut(f"{self.host} was silent for {self.caps.idle_seconds:g} seconds.")
        return max(min(at_most, until - now, self._end - now), 0.001)


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system's resolver tells them; Unreachable if there are none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable(f"The name {host} is not known.") from None
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def checked(target: Target, allowed: Allowed, resolver: Resolver = resolve) -> list[Address]:
    """The addresses of ``target`` that may be called, looked up once; Refused when there are none.

    Plain http is for what the operator allows, never for the public internet: calls carry keys and people's messages.
    """
    texts = [target.host] if target.is_literal else resolver(target.host, target.port)
    found = [address for text in texts if (address := _address(text)) is not None]
    open_ = [each for each in found if allowed.covers(target.host, each) or (is_public(each) and not is_never(each))]
    if not open_:
        raise Refused(f"{target.host} is at a private or reserved address, which SPACES_EGRESS_ALLOW does not open.")
    if target.scheme == "http":
        open_ = [each for each in open_ if allowed.covers(target.host, each)]
    if not open_:
        raise Refused(f"{target.host} must be called with https. Only SPACES_EGRESS_ALLOW opens plain http.")
    return open_


def needs_opening(url: str, allowed: Allowed) -> bool:
    """Whether, as far as its text tells, only SPACES_EGRESS_ALLOW opens ``url``: plain http, a listed name or one
    without a dot, or an address that is not of the public internet. No name is looked up. Refused for no URL."""
    target = parse(url)
    if target.scheme == "http" or target.host in allowed.hosts:
        return True
    return not is_public(canonical(target.host)) if target.is_literal else "." not in target.host


def _address(text: str) -> Address | None:
    try:
        return canonical(text)
    except ValueError:  # a zone (fe80::1%eth0)
        return None


@cache
def tls() -> ssl.SSLContext:
    """Trust of the system (SSL_CERT_FILE and SSL_CERT_DIR count); certifi's where the system has none."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not paths.cafile and not (paths.capath and any(os.scandir(paths.capath))):
        context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


class Wire:
    """The bytes of one connection. Every wait is cut by the clock, so a slow drip cannot outlast the call."""

    def __init__(self, sock: socket.socket, clock: Clock) -> None:
        self._socket, self._clock = sock, clock

    def read(self, at_most: int = READ_BYTES) -> bytes:
        """The next bytes; empty at the end."""
        until = self._clock.idle_end()
        while True:
            self._socket.settimeout(self._clock.wait(until))
            try:
                return self._socket.recv(at_most)
            except TimeoutError:
                continue
            except OSError:
                raise Broken(f"{self._clock.host} broke off the connection.") from None

    def write(self, data: bytes) -> bool:
        """Send all of ``data``; False when the other side takes no more (it may have answered already)."""
        rest, until = memoryview(data), self._clock.idle_end()
        while rest:
            self._socket.settimeout(self._clock.wait(until))
            try:
                rest = rest[self._socket.send(rest) :]
                until = self._clock.idle_end()
            except TimeoutError:
                continue
            except OSError:
                return False
        return True

    def close(self) -> None:
        """Close at once, also in the middle of an answer."""
        self._socket.close()


def connect(target: Target, addresses: Sequence[Address], clock: Clock) -> Wire:
    """Connect to the first of the checked addresses that answers; TLS is for the name, not for the address."""
    failure: Unreachable | TimedOut = Unreachable(f"{clock.host} does not answer.")
    for address in addresses[:TRIED_ADDRESSES]:
        try:
            sock = _connected(address, target.port, clock)
        except TimeoutError:
            failure = TimedOut(f"{clock.host} does not answer.")
        except OSError:
            continue
        else:
            return Wire(_encrypted(sock, target, clock) if target.scheme == "https" else sock, clock)
    raise failure


def _connected(address: Address, port: int, clock: Clock) -> socket.socket:
    timeout = clock.connecting()
    sock = socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout)
        sock.connect((str(address), port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        sock.close()
        raise
    return sock


def _encrypted(sock: socket.socket, target: Target, clock: Clock) -> socket.socket:
    try:
        sock.settimeout(clock.connecting())
        return tls().wrap_socket(sock, server_hostname=target.host)
    except ssl.SSLCertVerificationError as error:
        problem = Unreachable(f"The certificate of {clock.host} is not trusted: {error.verify_message}.")
    except TimeoutError:
        problem = Unreachable(f"{clock.host} does not complete the TLS handshake.")
    except OSError:
        problem = Unreachable(f"{clock.host} does not speak TLS.")
    finally:
        sock.close()  # after success there is nothing left in it to close
    raise problem
