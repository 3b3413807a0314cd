"""Constraints that are added together are there, and go together."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

CONSTRAINTS = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid::regclass::text ~ '^chats_'"
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename ~ '^chats_'"


def found() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(f"{CONSTRAINTS} UNION {INDEXES}")
        return set(cursor.fetchall())


@pytest.mark.slow
@pytest.mark.django_db
def test_constraints_and_indexes_go_and_come_back_together() -> None:
    before = found()
    assert {"chats_chat_tenant_id", "chats_chat_space_key"} <= {name for name, _ in before}
    call_command("migrate", "chats", "zero", verbosity=0)
    assert found() == set()
    call_command("migrate", "chats", verbosity=0)
    assert found() == before
