"""The table's lines for the pages of language models."""

from __future__ import annotations

from .route import Route

LANGUAGE_MODEL_PAGES: tuple[Route, ...] = ()
