"""How passwords are hashed, and whose address a sign-in is counted against."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.http import HttpRequest


class Argon2(Argon2PasswordHasher):
    """Argon2id with 19 MiB and two passes: about 20 ms, and eight sign-ins at once stay under 160 MiB."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


def client_address(request: HttpRequest) -> str:
    """The peer's address. Proxies pass it on through gunicorn's forwarded_allow_ips, never by a header we trust."""
    return str(request.META.get("REMOTE_ADDR", ""))


def tried_name(request: HttpRequest, credentials: dict[str, str] | None = None) -> str:
    """The user name that a sign-in is counted against: in one case, as user names ignore it."""
    typed = (credentials or {}).get("username") or request.POST.get("username", "")
    return typed.lower().replace("\x00", "")[:255]
