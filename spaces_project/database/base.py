"""A pool whose connections are looked at before each request, instead of asking the server each time, and whose
statements end in time.

A server that ended has closed its side of the connection, which shows without a round trip: there is something to
read. What a network lost in silence shows only when the server is asked, once in ASKED_SECONDS.
"""

from __future__ import annotations

import contextlib
import select
import time
from collections.abc import Iterator
from typing import Any

import psycopg
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from psycopg_pool import ConnectionPool, PoolTimeout

ASKED_SECONDS = 30
SPARE_SECONDS = 0.001


def check(connection: Any) -> None:
    """Raises psycopg's OperationalError for a connection that is of no use any more."""
    now = time.monotonic()
    if now - getattr(connection, "asked_at", 0) > ASKED_SECONDS or _has_news(connection.fileno()):
        ConnectionPool.check_connection(connection)
        connection.asked_at = now


def _has_news(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, but for the check."""

    _connection_pools: dict[str, Any]

    statement_seconds: int | None = None  # of this thread, while it says so; else of all: STATEMENT_SECONDS

    def limit_statements(self, seconds: int | None) -> None:
        """Let each statement of this thread end after so many seconds; None: as all others do."""
        self.statement_seconds = seconds
        if self.connection is not None:
            self._limit(self.connection)

    def _limit(self, connection: Any) -> None:
        own, seconds = self.statement_seconds, self.settings_dict.get("STATEMENT_SECONDS") or 0
        connection.execute(f"SET statement_timeout = {int(seconds if own is None else own) * 1000}")

    def init_connection_state(self) -> None:
        super().init_connection_state()
        if self.statement_seconds is not None:
            self._limit(self.connection)

    def _close(self) -> None:
        """A connection goes back to the pool as it came."""
        if self.connection is not None and self.statement_seconds is not None:
            with contextlib.suppress(psycopg.Error):
                self.connection.rollback()
                self.connection.execute("SET statement_timeout = 0")
                self._configure_connection(self.connection)
        super()._close()  # type: ignore[misc]

    def _configure_connection(self, connection: Any) -> Any:
        """As Django's. What is prepared is planned once, as kit/prepared.py promises: left to itself PostgreSQL goes on
        to plan a long one each time. And a statement ends after STATEMENT_SECONDS, if that is set: no request may keep
        the database busy for longer, whatever rule or filter it brings."""
        super()._configure_connection(connection)  # type: ignore[misc]
        connection.execute("SET plan_cache_mode = force_generic_plan")
        if seconds := self.settings_dict.get("STATEMENT_SECONDS"):
            connection.execute(f"SET statement_timeout = {int(seconds) * 1000}")
        return True

    def connect(self) -> None:
        """As Django's, but a connection of the open pool is ready as it is. Every request takes one, and Django's way
        goes through settings, parameters, modes and events that are the same each time."""
        pool = self._open_pool()
        if pool is None or "isolation_level" in self.settings_dict["OPTIONS"]:
            super().connect()
            return
        self.in_atomic_block = self.needs_rollback = self.closed_in_transaction = self.errors_occurred = False
        self.savepoint_ids, self.atomic_blocks, self.run_on_commit = [], [], []
        self.health_check_enabled, self.health_check_done, self.close_at = False, True, 0.0
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        self.connection = pool.getconn()
        self.set_autocommit(True)
        if self.statement_seconds is not None:
            self._limit(self.connection)

    @contextlib.contextmanager
    def spare(self) -> Iterator[Any]:
        """Another connection of the pool, for this thread to use beside its own; None if none is free at once, or if it
        would not be as good: in a transaction, whose changes no other sees, or where statements have a limit of their
        own. The own is taken before: who has a spare one never waits for another."""
        self.ensure_connection()
        pool, taken = self._open_pool(), None
        if pool and not self.in_atomic_block and self.statement_seconds is None and pool.get_stats()["pool_available"]:
            with contextlib.suppress(PoolTimeout):  # somebody was quicker
                taken = pool.getconn(timeout=SPARE_SECONDS)
        try:
            yield taken
        finally:
            if taken is not None:
                pool.putconn(taken)

    def _open_pool(self) -> Any:
        pool = self._connection_pools.get(self.alias) if self.settings_dict["OPTIONS"].get("pool") else None
        return None if pool is None or pool.closed else pool

    def _set_autocommit(self, autocommit: bool) -> None:
        """Those of the pool commit by themselves already."""
        if self.connection.autocommit != autocommit:
            super()._set_autocommit(autocommit)  # type: ignore[misc]

    @property
    def pool(self) -> Any:
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not options:
            return None
        if self.alias not in self._connection_pools:
            given = {**self.get_connection_params(), "autocommit": True}
            made = ConnectionPool(
                kwargs=given, open=False, configure=self._configure_connection, check=check, **options
            )
            self._connection_pools.setdefault(self.alias, made)
        return self._connection_pools[self.alias]
