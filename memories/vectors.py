"""A vector on its way into a search, in PostgreSQL's binary form: as text it would take ten times as long."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from spaces_project.kit.prepared import Packed

if TYPE_CHECKING:
    import numpy as np


class HalfVector(Packed):
    """A vector to compare others with; as pgvector has it: its dimension, two bytes of nothing, its numbers."""

    @classmethod
    def of(cls, vector: np.ndarray) -> HalfVector:
        return cls(struct.pack(">hh", len(vector), 0) + vector.astype(">f2").tobytes())

    @property
    def text(self) -> str:
        import numpy as np

        return literal(np.frombuffer(self[4:], ">f2"))


def literal(vector: np.ndarray) -> str:
    """A vector as pgvector reads it."""
    return "[" + ",".join(f"{value:.6g}" for value in vector.tolist()) + "]"
