"""Connections of requests: a statement that takes too long ends."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from spaces_project.api.errors import Unavailable, domain_error
from spaces_project.database.base import DatabaseWrapper
from spaces_project.kit.statements import TookTooLong, bounded


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("pool", [None, {"min_size": 0, "max_size": 1}])
def test_a_statement_of_a_request_ends_in_time(pool: dict[str, Any] | None) -> None:
    options = {**connection.settings_dict["OPTIONS"], "pool": pool} if pool else connection.settings_dict["OPTIONS"]
    settings = {**connection.settings_dict, "OPTIONS": options, "STATEMENT_SECONDS": 1}
    other = DatabaseWrapper(settings, "default")
    try:
        with other.cursor() as cursor:
            assert _timeout(other) == "1s"
            cursor.execute("SET statement_timeout = 10")
            with pytest.raises(OperationalError) as caught:
                cursor.execute("SELECT pg_sleep(5)")
        assert isinstance(domain_error(caught.value), Unavailable)
        other.limit_statements(2)
        assert _timeout(other) == "2s"
        other.close()
        assert _timeout(other) == "2s", "also on the next connection"
        other.limit_statements(None)
        assert _timeout(other) == "1s"
    finally:
        other.close()
        other.close_pool()


@pytest.mark.django_db(transaction=True)
def test_what_a_request_leaves_behind_does_not_reach_the_next() -> None:
    """A connection that went back in the middle of a transaction is as new for who takes it from the pool."""
    options = {**connection.settings_dict["OPTIONS"], "pool": {"min_size": 1, "max_size": 1}}
    database = DatabaseWrapper({**connection.settings_dict, "OPTIONS": options}, "default")
    try:
        database.set_autocommit(False)
        with database.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE left_behind ()")
        first = database.connection.info.backend_pid
        database.close()
        with database.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid(), to_regclass('left_behind')")
            assert cursor.fetchone() == (first, None), "the only connection of the pool"
        assert database.get_autocommit()
        assert database.connection.autocommit
    finally:
        database.close()
        database.close_pool()


def _timeout(database: Any) -> str:
    with database.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_what_a_job_searches_is_bounded_as_a_request_is(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATEMENT_SECONDS = 1
    monkeypatch.setitem(connection.settings_dict, "STATEMENT_SECONDS", 0)  # as in a job
    with pytest.raises(TookTooLong):
        _sleep()
    assert _timeout(connection) == "0"


def _sleep() -> None:
    with bounded(), transaction.atomic(), connection.cursor() as cursor:
        assert _timeout(connection) == "1s"
        cursor.execute("SET LOCAL statement_timeout = 10")
        cursor.execute("SELECT pg_sleep(5)")
