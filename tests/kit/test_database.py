"""Connections of requests: a statement that takes too long ends."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection

from spaces_project.api.errors import Unavailable, domain_error
from spaces_project.database.base import DatabaseWrapper


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("pool", [None, {"min_size": 0, "max_size": 1}])
def test_a_statement_of_a_request_ends_in_time(pool: dict[str, Any] | None) -> None:
    options = {**connection.settings_dict["OPTIONS"], "pool": pool} if pool else connection.settings_dict["OPTIONS"]
    settings = {**connection.settings_dict, "OPTIONS": options, "STATEMENT_SECONDS": 1}
    other = DatabaseWrapper(settings, "default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("1s",)
            cursor.execute("SET statement_timeout = 10")
            with pytest.raises(OperationalError) as caught:
                cursor.execute("SELECT pg_sleep(5)")
        assert isinstance(domain_error(caught.value), Unavailable)
    finally:
        other.close()
        other.close_pool()
