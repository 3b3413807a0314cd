"""Signed cursors over ``(created_at, id)`` for the dialects: one that was changed, or made for another account, is
told from one of ours."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

from spaces_project.kit.cursors import InvalidCursor, Position, decode_cursor, encode_cursor

SALT = "spaces.cursor"
SIGNATURE_CHARS = 16


def sign_cursor(account_id: UUID, position: Position) -> str:
    """The opaque text that continues after the row at ``position`` in a list of this account."""
    moment, pk = position
    return encode_cursor([moment, pk, _signature(account_id, moment.isoformat(), str(pk))])


def read_cursor(account_id: UUID, text: str) -> Position:
    """The position in ``text``; raises InvalidCursor for whatever ``sign_cursor`` did not make for this account."""
    try:
        moment, pk, signature = decode_cursor(text)
        if not constant_time_compare(signature, _signature(account_id, moment, pk)):
            raise InvalidCursor(text)
        return datetime.fromisoformat(moment), UUID(pk)
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidCursor(text) from error


def _signature(account_id: UUID, moment: str, pk: str) -> str:
    body = f"{account_id.hex} {moment} {pk}"
    return salted_hmac(SALT, body, algorithm="sha256").hexdigest()[:SIGNATURE_CHARS]


def as_number(text: str | None) -> int | None:
    """The whole number in ``text`` (``1e9`` is one), or None for nonsense."""
    try:
        return int(float(text)) if text is not None and len(text) < 40 else None
    except (ValueError, OverflowError):
        return None
