"""Which addresses may be called: public ones, and those that the operator allows by SPACES_EGRESS_ALLOW.

Python's ``is_global`` alone is wrong here: in 3.11 it is true for the loopback inside 64:ff9b::/96, 2002::/16 and
::/96, for fec0::/10 and for multicast. So the tables are our own (from the IANA registries of special-purpose
addresses), and IPv6 is closed except for 2000::/3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


IPV4_SPECIAL = _networks(
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
    *("192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24"),
    *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
)
IPV6_OPEN = IPv6Network("2000::/3")
IPV6_SPECIAL = _networks("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")

# No setting opens these: clouds give machines their credentials there (the last three are outside the usual ranges),
# and nothing that listens on "any" or to many is a server one means to call.
NEVER = _networks(
    *("0.0.0.0/32", "169.254.169.254/32", "169.254.170.2/32", "100.100.100.200/32", "168.63.129.16/32"),
    *("192.0.0.192/32", "224.0.0.0/4", "255.255.255.255/32", "::/128", "fd00:ec2::254/128", "ff00::/8"),
)
LAST_32_BITS_ARE_IPV4 = _networks("::/96", "64:ff9b::/96")

HOST_NAME = r"(?=[^:]{1,253}(?:\Z|:))(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*"
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.A)


def canonical(text: str) -> Address:
    """The address that ``text`` spells; an IPv4 address inside ::ffff:0:0/96 is that IPv4 address.

    Raises ValueError for anything else: a zone, leading zeros, fewer than four parts, other digits than 0 to 9.
    """
    if not text.isascii() or "%" in text:
        raise ValueError(text)
    address = ip_address(text)
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def is_numeric(host: str) -> bool:
    """Whether a resolver would read ``host`` as an IPv4 address in some spelling (the WHATWG URL rule: by its end)."""
    return NUMBER.fullmatch(host.rpartition(".")[2]) is not None


def is_public(address: Address) -> bool:
    """Whether ``address`` (a canonical one) is an ordinary one of the public internet."""
    if isinstance(address, IPv4Address):
        return not _within(address, IPV4_SPECIAL)
    return address in IPV6_OPEN and not _within(address, IPV6_SPECIAL)


def is_never(address: Address) -> bool:
    """Whether no setting may open ``address``, also when another form carries it inside."""
    return any(_within(each, NEVER) for each in (address, *_inside(address)))


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _inside(address: Address) -> Iterator[IPv4Address]:
    if not isinstance(address, IPv6Address):
        return
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield address.teredo[1]
    if _within(address, LAST_32_BITS_ARE_IPV4):
        yield IPv4Address(int(address) & 0xFFFFFFFF)


@dataclass(frozen=True)
class Allowed:
    """What the operator opens beyond the public internet: host names, and networks (an address is one of size 1)."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> Allowed:
        """Read the entries of SPACES_EGRESS_ALLOW; ValueError with a sentence for one that is neither."""
        hosts, networks = set(), []
        for entry in filter(None, (each.strip().lower() for each in entries)):
            try:
                networks.append(ip_network(entry.strip("[]")))
            except ValueError:
                hosts.add(_host_name(entry))
        return cls(frozenset(hosts), tuple(networks))

    def covers(self, host: str, address: Address) -> bool:
        """Whether ``address``, found under the name ``host``, is opened by an entry."""
        return not is_never(address) and (host in self.hosts or _within(address, self.networks))


def _host_name(entry: str) -> str:
    if not re.fullmatch(HOST_NAME, entry, re.A) or is_numeric(entry):
        raise ValueError(
            f"{entry!r} is neither a host name, nor an address, nor a network such as 10.0.0.0/8 "
            "(no scheme, port, path or wildcard; a network has no bits set behind its length)"
        )
    return entry
