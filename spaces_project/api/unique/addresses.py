"""Signed addresses: whoever has one may put or get one file, for a time, without a key of his own.

The whole secret is in ``key``, as in the vendor's addresses: its clients rewrite the rest. It names one use of one row,
and the key and user it was made for, who must still be there and may still do so. Nothing of it is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

from django.core import signing
from django.utils import timezone

from spaces.actors import Actor
from spaces.errors import InvalidInput, NotAllowed, NotAuthenticated
from spaces_project.api.auth import returning_actor
from spaces_project.kit import limits

SALT = "spaces.file-address"
KEY_CHARS = 1_024
NOT_VALID, OVER = "This address is not valid.", "The time of this address is over."


class Use(StrEnum):
    """What an address is for."""

    PUT = "put"
    GET = "get"
    VERSION = "version"


BASE = "/public/chat-gen2/ingestion"
PATHS = {Use.PUT: f"{BASE}/upload", Use.GET: f"{BASE}/read", Use.VERSION: f"{BASE}/read"}


@dataclass(frozen=True)
class Opened:
    """What an address names, and on whose behalf."""

    use: Use
    pk: UUID
    actor: Actor


def address(request: Any, by: Actor, use: Use, pk: UUID) -> str:
    """The absolute address of this use of this row, on the host that was called, for UPLOAD_SECONDS."""
    assert by.api_key is not None, "operations are called with keys"
    assert by.user is not None, "keys have users"
    end = int(timezone.now().timestamp()) + limits.UPLOAD_SECONDS
    key = signing.dumps([use, pk.hex, by.api_key.pk.hex, by.user.pk.hex, end], salt=SALT)
    url: str = request.build_absolute_uri(f"{PATHS[use]}?{urlencode({'key': key})}")
    return url


def opened(key: str, uses: tuple[Use, ...], origin: dict[str, Any]) -> Opened:
    """What this key is for, one of ``uses``. NotAllowed when it is not one of ours, or for something else, its time is
    over, or who it was made for may not call any more."""
    use, pk, key_pk, user_pk = check(key, uses)
    try:
        return Opened(use, pk, returning_actor(key_pk, user_pk, origin))
    except NotAuthenticated as error:
        raise NotAllowed(OVER) from error


def check(key: str, uses: tuple[Use, ...]) -> tuple[Use, UUID, UUID, UUID]:
    """What the key itself says, without asking the database: its use, and the ids of the row, the API key and the user.
    NotAllowed when it is not one of ours, or for something else, or its time is over."""
    use, pk, key_pk, user_pk, end = _claims(key)
    if use not in uses:
        raise NotAllowed(NOT_VALID)
    if end <= timezone.now().timestamp():
        raise NotAllowed(OVER)
    return use, pk, key_pk, user_pk


def named_in(url: str) -> UUID:
    """The upload that a ``readUrl`` of ours names. InvalidInput for any other address, or one whose time is over."""
    try:
        (key,) = parse_qs(urlsplit(url).query)["key"]
        use, pk, _, _, end = _claims(key)
    except (ValueError, KeyError, NotAllowed) as error:
        raise _no_read_url("Must be the readUrl that content/upsert answered.") from error
    if use != Use.GET:
        raise _no_read_url("Must be the readUrl that content/upsert answered.")
    if end <= timezone.now().timestamp():
        raise _no_read_url("The time of this address is over: announce the file again.")
    return pk


def _no_read_url(sentence: str) -> InvalidInput:
    return InvalidInput(f"fileUrl: {sentence}", field="fileUrl")


def _claims(key: str) -> tuple[Use, UUID, UUID, UUID, int]:
    try:
        if len(key) > KEY_CHARS:
            raise signing.BadSignature
        use, pk, key_pk, user_pk, end = signing.loads(key, salt=SALT)
        return Use(use), UUID(pk), UUID(key_pk), UUID(user_pk), int(end)
    except (signing.BadSignature, ValueError, TypeError, AttributeError) as error:
        raise NotAllowed(NOT_VALID) from error
