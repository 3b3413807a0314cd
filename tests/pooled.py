"""A pool of connections, which tests do without: one connection knows what a test wrote."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections

from spaces_project.database.base import DatabaseWrapper


@contextmanager
def pooled(size: int = 2) -> Iterator[DatabaseWrapper]:
    """This thread's own connection comes from a pool of ``size``, which see only what is committed."""
    own = connections[DEFAULT_DB_ALIAS]
    options = {**own.settings_dict["OPTIONS"], "pool": {"min_size": size, "max_size": size, "timeout": 10}}
    database = DatabaseWrapper({**own.settings_dict, "OPTIONS": options}, DEFAULT_DB_ALIAS)
    connections[DEFAULT_DB_ALIAS] = database
    try:
        database.pool.open(wait=True)
        yield database
    finally:
        database.close()
        database.close_pool()
        connections[DEFAULT_DB_ALIAS] = own
