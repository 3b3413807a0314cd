"""Every operation of GoodMem that the OpenAPI document tells of, by the room that answers it."""

from __future__ import annotations

from spaces_project.api.operations import TableSchema

from .operation import Operation
from .operations_memories import MEMORIES
from .operations_models import MODELS
from .operations_people import PEOPLE
from .operations_spaces import SPACES

ALL: tuple[Operation, ...] = (*SPACES, *MEMORIES, *MODELS, *PEOPLE)
BY_NAME = {operation.name: operation for operation in ALL}


class OperationSchema(TableSchema):
    """Reads ALL."""

    table = BY_NAME
    ways_in = ("apiKey",)

    def is_excluded(self) -> bool:
        """What is not implemented is not told of."""
        return bool(self.view.action == "refuse")  # type: ignore[attr-defined]

    def get_auth(self) -> list[dict[str, list[str]]]:
        return [] if self.operation.is_open else super().get_auth()
