"""Reading a URL strictly, once: what is checked is what is called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from spaces_project.kit import limits

from .addresses import HOST_NAME, canonical, is_numeric
from .errors import Refused

PRINTABLE = re.compile(r"[\x21-\x7e]+", re.A)
PLACE = re.compile(
    rf"(?:\[(?P<literal>[0-9a-f:.]*:[0-9a-f:.]*)\]|(?P<name>{HOST_NAME}\.?))(?::(?P<port>[0-9]{{1,5}}))?", re.A
)
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
    if "@" in parts.netloc:
        raise Refused("The address must not hold a user name or password.")
    place = PLACE.fullmatch(parts.netloc.lower())
    if not place:
        raise Refused("The address has no proper host name or port.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, _host(place["literal"], place["name"]), _port(place["port"], parts.scheme), path)


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL that may be called as far as its text tells; else Refused."""
    target = parse(url)
    return target.scheme, target.host, target.port


def normal(url: str) -> str:
    """The same URL with its server spelled in the one way: lower case, without its scheme's own port. Refused."""
    target, netloc = parse(url), _split(url).netloc
    return f"{target.scheme}://{target.authority}{url.partition('://')[2][len(netloc) :]}"


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
    return parts


def _host(literal: str | None, name: str | None) -> str:
    host = literal or (name or "").removesuffix(".")
    if not literal and not is_numeric(host):
        return host
    try:
        return str(canonical(host))
    except ValueError:
        raise Refused("Write a numeric address as four decimal numbers, or as IPv6 in brackets.") from None


def _port(text: str | None, scheme: str) -> int:
    port = int(text) if text else DEFAULT_PORTS[scheme]
    if not 0 < port < 65536:
        raise Refused("The port is not a number from 1 to 65535.")
    if port in CLOSED_PORTS or (port < 1024 and port not in DEFAULT_PORTS.values()):
        raise Refused(f"Port {port} is not one that Spaces calls.")
    return port
