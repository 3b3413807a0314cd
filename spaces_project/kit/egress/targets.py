"""Reading a URL strictly, once: what is checked is what is called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from spaces_project.kit import limits

from .addresses import HOST_NAME, canonical, is_numeric
from .errors import Refused

PRINTABLE = re.compile(r"[\x21-\x7e]+", re.A)
DEFAULT_PORTS = {"http": 80, "https": 443}

# Below 1024 only the web's own ports. Above, not the well-known doors of things that would act on a stray request.
CLOSED_PORTS = frozenset({2375, 2376, 2379, 3306, 5432, 5984, 6379, 9200, 10250, 11211, 27017})


@dataclass(frozen=True)
class Target:
    """Where a call goes: ``host`` is lower case, without brackets or final dot; ``path`` includes the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The value of the Host header, such as ``llm.example:8443``; also how sentences name the server."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def is_literal(self) -> bool:
        """Whether the host is an address, not a name."""
        return ":" in self.host or is_numeric(self.host)


def parse(url: str) -> Target:
    """Read an absolute http or https URL; Refused with a sentence that does not repeat it when it is anything else."""
    parts = _split(url)
    host = _host(parts)
    port = _port(parts)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path)


def _split(url: str) -> SplitResult:
    if len(url) > limits.EGRESS_URL_CHARS:
        raise Refused("The address is too long.")
    if not PRINTABLE.fullmatch(url) or "\\" in url:
        raise Refused("The address holds spaces or special characters. Write a name in another script as xn--…")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Refused("The address is not a URL.") from None
    if parts.scheme not in DEFAULT_PORTS:
        raise Refused("The address must begin with https:// or http://.")
    if "@" in parts.netloc:
        raise Refused("The address must not hold a user name or password.")
    return parts


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").removesuffix(".")
    if "[" in parts.netloc or is_numeric(host):
        return _literal(host)
    if not HOST_NAME.fullmatch(host):
        raise Refused("The address has no proper host name.")
    return host


def _literal(host: str) -> str:
    try:
        return str(canonical(host))
    except ValueError:
        raise Refused("Write a numeric address as four decimal numbers, or as IPv6 in brackets.") from None


def _port(parts: SplitResult) -> int:
    try:
        port = DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
    except ValueError:
        raise Refused("The port is not a number from 1 to 65535.") from None
    if port in CLOSED_PORTS or (port < 1024 and port not in DEFAULT_PORTS.values()):
        raise Refused(f"Port {port} is not one that Spaces calls.")
    return port
