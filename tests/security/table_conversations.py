"""The table's lines for ChatBotKit's conversations, messages and ratings."""

from __future__ import annotations

from .route import Route

CONVERSATIONS: tuple[Route, ...] = ()
