"""``nextToken``: opaque base64url text that goes on after a row of one list, and of no other.

It is signed together with the account, the user, the list, its sort and its filters: a token that was changed, or comes
from another user's list or from other filters, is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

from spaces.actors import Actor
from spaces_project.kit.cursors import InvalidCursor, Keyset, Position, decode_cursor, encode_cursor

from .errors import InvalidFields
from .query import Query

SALT = "spaces.goodmem.token"
SIGNATURE_CHARS = 22


@dataclass(frozen=True)
class Listing:
    """One list as somebody asks for it: his name for it, its order and its filters (plain JSON)."""

    name: str
    keyset: Keyset
    filters: Mapping[str, Any]
    actor: Actor | None = None

    def page(self, rows: Any, query: Query, default: int, most: int) -> tuple[list[Any], str | None]:
        """The rows of the page that ``maxResults`` and ``nextToken`` ask for, and the token of the next one.

        ``rows`` is a queryset. InvalidFields for a token that is not of this list.
        """
        size = query.number("maxResults", default, 1, most)
        after = self.keyset.after(rows, self.position(query.text("nextToken")))
        sorted_rows = self.keyset.order(after).annotate(sort_value=self.keyset.ref)
        found = list(sorted_rows[: size + 1])
        token = self.token((found[size - 1].sort_value, found[size - 1].pk)) if len(found) > size else None
        return found[:size], token

    def token(self, position: Position) -> str:
        """The text that continues after the row at ``position``."""
        value, pk = position
        plain = value.isoformat() if isinstance(value, datetime) else value
        return encode_cursor([plain, pk, self._signature(plain, str(pk))])

    def position(self, token: str | None) -> Position | None:
        """Where to go on; None at the beginning. InvalidFields for what ``token`` did not make for this list."""
        if token is None:
            return None
        try:
            value, pk, signature = decode_cursor(token)
            if not constant_time_compare(str(signature), self._signature(value, pk)):
                raise InvalidCursor(token)
            return self._value(value), UUID(pk)
        except (ValueError, TypeError, AttributeError) as error:
            raise InvalidFields([("nextToken", "Invalid pagination token")]) from error

    def _value(self, value: Any) -> Any:
        is_time = isinstance(self.keyset.column, str) and self.keyset.column.endswith("_at")
        return datetime.fromisoformat(value) if is_time else value

    def _signature(self, value: Any, pk: str) -> str:
        whose = (
            [str(self.actor.account and self.actor.account.pk), str(self.actor.user and self.actor.user.pk)]
            if self.actor
            else []
        )
        order = [str(self.keyset.column), self.keyset.descending]
        body = json.dumps([self.name, whose, order, dict(self.filters), value, pk], sort_keys=True, default=str)
        return salted_hmac(SALT, body, algorithm="sha256").hexdigest()[:SIGNATURE_CHARS]
