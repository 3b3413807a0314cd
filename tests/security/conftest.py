"""One stage for all modules: built once inside a transaction, every call on it is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

# The database refuses audit entries where it is told to; made once, as a change of a table makes all plans anew.
REFUSAL = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'no entry' USING ERRCODE = 'P0001'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON spaces_auditentry FOR EACH ROW
WHEN (current_setting('tests.entries', true) = 'refused') EXECUTE FUNCTION refuse();
"""


@pytest.fixture(scope="package")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    from django.db import connection, transaction

    from tests.security.stage import build

    with django_db_blocker.unblock(), transaction.atomic():
        built = build()
        with connection.cursor() as cursor:
            cursor.execute(REFUSAL)
        yield built
        transaction.set_rollback(True)
