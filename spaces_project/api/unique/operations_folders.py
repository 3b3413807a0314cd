"""The operations on folders."""

from __future__ import annotations

from .operation import Operation

FOLDERS: tuple[Operation, ...] = ()
