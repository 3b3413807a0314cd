"""How long statements may take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from psycopg.errors import QueryCanceled


class TookTooLong(Exception):
    """A statement was ended; nothing is wrong but that it takes so long."""


@contextmanager
def bounded() -> Iterator[None]:
    """Statements of this thread end after STATEMENT_SECONDS here, as those of requests do: for what a job does because
    somebody asked for it. Raises TookTooLong. A setting of 0 bounds nothing."""
    database: Any = connections[DEFAULT_DB_ALIAS]
    database.limit_statements(settings.STATEMENT_SECONDS)
    try:
        yield
    except DatabaseError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TookTooLong from error
        raise
    finally:
        database.limit_statements(None)
