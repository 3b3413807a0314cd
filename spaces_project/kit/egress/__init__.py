"""The only door to the network for everything that Spaces calls on behalf of people (see docs/egress.md).

    with egress.stream("POST", url, headers={"Authorization": f"Bearer {key}"}, json=question) as response:
        for data in response.iter_events():
            ...
    reply = egress.post(url, content=signed_bytes, headers=signature)

Every name is resolved once and every address checked before the socket connects to it; there are no redirects, no
proxies of the environment, no cookies and no compression; time and size are capped, also while an answer streams.
"""

from .addresses import Allowed
from .client import Reply, Response, post, request, stream
from .connection import Caps, Resolver, needs_opening
from .errors import BadStatus, Broken, EgressError, Refused, Stopped, TimedOut, TooLarge, Unreachable
from .targets import normal, origin

__all__ = [
    "Allowed",
    "BadStatus",
    "Broken",
    "Caps",
    "EgressError",
    "Refused",
    "Reply",
    "Resolver",
    "Response",
    "Stopped",
    "TimedOut",
    "TooLarge",
    "Unreachable",
    "needs_opening",
    "normal",
    "origin",
    "post",
    "request",
    "stream",
]
