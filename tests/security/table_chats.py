"""The table's lines for the pages of chats."""

from __future__ import annotations

from .route import Route

CHAT_PAGES: tuple[Route, ...] = ()
