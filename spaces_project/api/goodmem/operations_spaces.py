"""The operations of spaces."""

from __future__ import annotations

from .operation import Operation

SPACES: tuple[Operation, ...] = ()
