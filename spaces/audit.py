"""The audit: one append-only entry for every changed object, in the transaction of the change.

A model says in ``AUDIT_VALUES`` of which fields the values may be kept; of all others (texts, personal data)
only the name is. Verbs on models call ``record``; ``assign`` finds out what a change changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, models
from django.utils import timezone

from spaces_project.kit.ids import new_id
from spaces_project.kit.prepared import Insertion, bare, insert_rows, insertion

from .actors import Actor

if TYPE_CHECKING:
    from .models import AuditEntry

Changes = dict[str, list[Any] | None]


def record(by: Actor, operation: str, obj: models.Model, changes: Mapping[str, Any] | None = None) -> None:
    """Write one entry about ``obj``. Must run inside the transaction of the change."""
    record_many(by, operation, [(obj, changes or {})])


def record_many(by: Actor, operation: str, changed: Iterable[tuple[models.Model, Mapping[str, Any]]]) -> None:
    """One entry per object, in one statement."""
    assert connection.in_atomic_block, "an audit entry belongs in the transaction of its change"
    insert_rows([_entry(by, operation, obj, changes) for obj, changes in changed])


def entries(by: Actor, operation: str, changed: Iterable[tuple[models.Model, Mapping[str, Any]]]) -> Insertion:
    """As ``record_many``, for who writes the entries within the statement of the change itself."""
    return insertion([_entry(by, operation, obj, changes) for obj, changes in changed])


def _entry(by: Actor, operation: str, obj: models.Model, changes: Mapping[str, Any]) -> AuditEntry:
    from .models import AuditEntry

    values = {
        "id": new_id(),
        "created_at": timezone.now(),
        "account_id": _account_id(operation, obj),
        "actor_id": by.user.pk if by.user else None,
        "actor_name": by.label[:255],
        "api_key_id": by.api_key.pk if by.api_key else None,
        "address": by.address,
        "request_id": by.request_id,
        "operation": operation,
        "object_type": obj._meta.model_name,
        "object_id": obj.pk,
        "object_name": str(obj)[:255] if getattr(obj, "AUDIT_NAME", True) else "",
        "changes": changes,
    }
    return bare(AuditEntry, values, adding=True)


def _account_id(operation: str, obj: models.Model) -> UUID | None:
    """Whose audit it is. That an account was deleted is the installation's: the entry outlives the account."""
    if obj._meta.label == "spaces.Account":
        return None if operation == "account.delete" else obj.pk
    return getattr(obj, "account_id", None)


def assign(obj: models.Model, fields: Mapping[str, Any]) -> Changes:
    """Set ``fields`` on ``obj`` (not saved) and return what differs, as the audit keeps it."""
    changes: Changes = {}
    for name, value in fields.items():
        attname = obj._meta.get_field(name).attname  # type: ignore[union-attr]
        before = getattr(obj, attname)
        setattr(obj, name, value)
        after = getattr(obj, attname)
        if before != after:
            changes[name] = kept(obj, name, before, after)
    return changes


def kept(obj: models.Model | type[models.Model], name: str, before: Any, after: Any) -> list[Any] | None:
    """[before, after] for a field whose values the audit keeps, else None."""
    return [_plain(before), _plain(after)] if name in getattr(obj, "AUDIT_VALUES", ()) else None


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
