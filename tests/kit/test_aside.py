"""A statement that runs on another connection while the thread does something else."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DEFAULT_DB_ALIAS, DataError, connections, transaction

from spaces_project.database.base import DatabaseWrapper
from spaces_project.kit import prepared
from spaces_project.kit.prepared import aside
from tests.pooled import pooled

PID = "SELECT pg_backend_pid()"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(name="pooled")
def _pooled() -> Iterator[DatabaseWrapper]:
    with pooled(2) as database:
        yield database


def _pid() -> int:
    return int(prepared.run(PID)[0][0])


def test_it_runs_while_the_own_connection_is_busy(pooled: DatabaseWrapper) -> None:
    prepared.run("SELECT pg_advisory_lock(7)")
    with aside("SELECT pg_backend_pid(), pg_advisory_lock_shared(7)") as rows:
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND pid <> pg_backend_pid()"
        while not prepared.run(waiting)[0][0]:
            pass
        prepared.run("SELECT pg_advisory_unlock(7)")
        ((pid, _),) = rows()
    assert pid != _pid()


def test_in_a_transaction_it_sees_what_that_wrote(pooled: DatabaseWrapper) -> None:
    with transaction.atomic():
        prepared.run("CREATE TEMPORARY TABLE written ON COMMIT DROP AS SELECT 1 AS number")
        with aside("SELECT number, pg_backend_pid() FROM written") as rows:
            assert rows() == [(1, _pid())]


def test_where_no_connection_is_free_it_runs_on_the_own(pooled: DatabaseWrapper) -> None:
    with pooled.spare() as taken, pooled.spare() as none:
        assert taken is not None
        assert none is None
        with aside(PID) as rows:
            assert rows() == [(_pid(),)]


def test_what_nobody_waits_for_is_left(pooled: DatabaseWrapper) -> None:
    with pytest.raises(ZeroDivisionError), aside("SELECT pg_sleep(60)"):
        raise ZeroDivisionError
    with pooled.pool.connection(timeout=10) as other:
        assert other.execute(PID).fetchone()[0] != _pid(), "the pool made another"


def test_what_fails_is_an_error_of_django(pooled: DatabaseWrapper) -> None:
    with aside("SELECT 1 / %s::int", [0]) as rows, pytest.raises(DataError):
        rows()
    with aside("SELECT 1 / %s::int", [1]) as rows:
        assert rows() == [(1,)]


def test_a_table_that_changed_is_read_as_it_is_now(pooled: DatabaseWrapper) -> None:
    prepared.run("CREATE TABLE changing AS SELECT 1 AS one")
    try:
        with aside("SELECT * FROM changing") as rows:
            assert rows() == [(1,)]
        prepared.run("ALTER TABLE changing ADD two int DEFAULT 2")
        with aside("SELECT * FROM changing") as rows:
            assert rows() == [(1, 2)]
    finally:
        prepared.run("DROP TABLE changing")


def test_threads_at_once_each_get_their_own_rows(pooled: DatabaseWrapper) -> None:
    def ask(number: int) -> bool:
        connections[DEFAULT_DB_ALIAS] = own = DatabaseWrapper(pooled.settings_dict, DEFAULT_DB_ALIAS)
        try:
            with aside("SELECT %s::int", [number]) as rows:
                mine = prepared.run("SELECT %s::int", [-number])
                return rows() == [(number,)] and mine == [(-number,)]
        finally:
            own.close()

    with ThreadPoolExecutor(2) as threads:
        assert all(threads.map(ask, range(1, 200)))
