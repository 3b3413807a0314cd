"""Invented data that looks like a company's: the same for the same seed, loaded with COPY."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection, models, transaction

from chats.models import Assessment, Chat, Message, Rating, Reference
from spaces import audit
from spaces.actors import Actor
from spaces.errors import AlreadyExists
from spaces.models import Account, AuditEntry, Contact, Space, User
from spaces.models.users import Role

from .documents import add_documents
from .folders import add_folders
from .people import Demo
from .talk import Talk


@transaction.atomic
def load(account: Account, spaces: int, contacts: int, chats: int, memories: int, seed: int) -> None:
    """Insert the demo rows of `seed` and one audit entry that says so. Raises AlreadyExists when they are there."""
    if AuditEntry.objects.of(account).filter(operation="account.demo", changes__seed=[None, seed]).exists():
        raise AlreadyExists(f"Demo data of seed {seed} is in this account already; choose another --seed.")
    owners = account.users.active().exclude(role=Role.ANALYST).order_by("created_at")
    demo = Demo(account, list(owners.values_list("pk", flat=True)), seed)
    people = list(demo.contacts(contacts))
    copy_rows(Contact, people)
    places = list(demo.spaces(spaces, [row["id"] for row in people]))
    copy_rows(Space, places)
    if places:
        _load_chats(Talk(demo, places), chats)
        add_documents(Actor.system(account, "manage.py"), demo, places, memories)
    if memories:
        add_folders(Actor.system(account, "manage.py"), demo, memories // 2)
    counts = {"spaces": spaces, "contacts": contacts, "chats": chats, "memories": memories, "seed": seed}
    numbers = {name: [None, count] for name, count in counts.items()}
    audit.record(Actor.system(account, "manage.py"), "account.demo", account, numbers)
    tables = ", ".join(model._meta.db_table for model in (Space, Contact, User, Chat, Message, Rating))
    with connection.cursor() as cursor:  # or the planner would guess until autovacuum comes by
        cursor.execute(f"ANALYZE {tables}")


def _load_chats(talk: Talk, count: int) -> None:
    for rows in talk.batches(count):
        copy_rows(Chat, rows.chats)
        copy_rows(Message, rows.messages)
        copy_rows(Reference, rows.references)
        copy_rows(Assessment, rows.assessments)
        copy_rows(Rating, rows.ratings)


def copy_rows(model: type[models.Model], rows: Iterable[dict[str, Any]]) -> None:
    """COPY rows (column name -> value) into a model's table; columns not given get the field's default."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    defaults = {str(field.column): field.get_default() for field in fields}
    columns = list(defaults)
    into = f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(into) as copy:
        for row in rows:
            whole = defaults | row
            copy.write_row([_plain(whole[column]) for column in columns])


def _plain(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value
