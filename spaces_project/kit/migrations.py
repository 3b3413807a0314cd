"""Many fields, constraints and indexes added as one step of a migration."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.db import migrations
from django.db.migrations.operations.base import Operation

from spaces_project.kit.tenancy import DatabaseKey

_ADDITIONS = (migrations.AddConstraint, migrations.AddField, migrations.AddIndex)


class Together(Operation):
    """Operations whose models are made anew once for all, and not once for each.

    After each operation Django makes the classes of the changed model and of all related ones anew; as every table
    of ours is related to the account, eighty additions made all models eighty times.
    """

    reduces_to_sql = True

    def __init__(self, operations: list[Operation]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: Any) -> None:
        made = state.__dict__.pop("apps", None)  # nothing to make anew meanwhile
        for operation in self.operations:
            operation.state_forwards(app_label, state)
        if made is not None:
            state.apps  # noqa: B018  a cached property: now they are made

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        backwards = self.operations[::-1]
        for operation in sorted(backwards, key=_is_no_key):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"{len(self.operations)} additions"


def _is_no_key(operation: Operation) -> bool:
    """Foreign keys go first: they hang on what is unique."""
    return not isinstance(getattr(operation, "constraint", None), DatabaseKey)


def together(operations: list[Operation]) -> list[Operation]:
    """The same operations; fields, constraints and indexes that are added one after the other are one step."""
    return list(_steps(operations))


def _steps(operations: list[Operation]) -> Iterator[Operation]:
    for additions, run in groupby(operations, lambda each: isinstance(each, _ADDITIONS)):
        found = list(run)
        if additions:
            yield Together(found)
        else:
            yield from found
