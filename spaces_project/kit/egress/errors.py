"""What can go wrong on the way out.

``str(error)`` is a sentence for a user. It may name the server and never holds a header, a key, a body, a path.
"""

from __future__ import annotations

TEMPORARY_STATUSES = frozenset({408, 425, 429})


class EgressError(Exception):
    """Base of everything the door raises; ``is_temporary`` says whether the same call may work later."""

    is_temporary = False


class Refused(EgressError):
    """The door did not open: the address, the port, the scheme or a header is not allowed. Nothing was sent."""


class Unreachable(EgressError):
    """No connection: unknown name, nothing listens, or a certificate that is not trusted."""

    is_temporary = True


class TimedOut(EgressError):
    """Connecting, waiting for the next byte, or the whole call took too long."""

    is_temporary = True


class TooLarge(EgressError):
    """The answer, or one line of it, is larger than the caller takes."""


class Broken(EgressError):
    """The answer broke off, or is not what was asked for (not HTTP, compressed, not JSON)."""

    is_temporary = True


class Stopped(EgressError):
    """The caller's ``stop`` said so."""


class BadStatus(EgressError):
    """The server answered, and not with 2xx.

    ``status`` is the number, ``body`` the first 4 KiB of the answer (for code to look at, never for a user: servers
    repeat what they were sent), ``retry_after`` the header's seconds if it was a number.
    """

    def __init__(self, host: str, status: int, body: bytes = b"", retry_after: int | None = None) -> None:
        super().__init__(f"{host} {_meaning(status)}")
        self.status = status
        self.body = body
        self.retry_after = retry_after
        self.is_temporary = status >= 500 or status in TEMPORARY_STATUSES


def _meaning(status: int) -> str:
    if 300 <= status < 400:
        return f"answered with a redirect ({status}), which is never followed. Use the final address."
    if status >= 500:
        return f"failed to answer ({status})."
    known = {
        401: "refused the credentials (401).",
        403: "refused the credentials (403).",
        404: "does not know this address (404).",
        429: "takes no more requests at the moment (429).",
    }
    return known.get(status, f"refused the request ({status}).")
