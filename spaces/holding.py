"""Spaces that stay until a transaction ends.

Who deletes a space locks its row, and then what is in it. Whoever locks something in a space and then writes a row that
names the space (a delivery to a webhook, a new file of a chat) needs the space's row last, and each would wait for the
other. So he asks for the space first.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection

from spaces_project.kit.prepared import run

from .models import Space

HOLD = "SELECT FROM spaces_space WHERE account_id = %s AND id = %s FOR KEY SHARE"
HOLD_OF = """
SELECT FROM spaces_space WHERE account_id = %s AND id = (SELECT space_id FROM {table} WHERE account_id = %s AND id = %s)
FOR KEY SHARE
"""


def hold(space: Space) -> None:
    """Nobody deletes this space until the transaction ends; one that is being deleted is waited for."""
    _run(HOLD, space.account_id, space.pk)


def hold_space_of(model: Any, account: UUID, pk: UUID) -> None:
    """The same of the space in which this memory or chat is now."""
    _run(HOLD_OF.format(table=model._meta.db_table), account, account, pk)


def _run(sql: str, *values: Any) -> None:
    assert connection.in_atomic_block, "nothing is held outside of a transaction"
    run(sql, values)
