"""The table's lines for the Unique dialect."""

from __future__ import annotations

from .route import Route

UNIQUE: tuple[Route, ...] = ()
