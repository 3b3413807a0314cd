"""The table's lines for the pages of chats."""

from __future__ import annotations

from typing import Any

from .route import Route, page
from .stage import Stage

CHAT = {"pk": "chat"}
MESSAGE, ANSWER = {**CHAT, "message_pk": "message"}, {**CHAT, "message_pk": "answer"}
SAY, UP = {"text": "Anything else?"}, {"value": "up"}


def _settings(stage: Stage) -> dict[str, Any]:
    return {"stamp": stage.ours.chat.updated_at.isoformat(), "name": "changed", "meta": "{}"}


def _assistant() -> dict[str, str]:
    kinds = ("prompts", "rules", "modules", "mcp", "agents")
    counts = (("TOTAL_FORMS", "1"), ("INITIAL_FORMS", "0"))
    forms = {f"{kind}-{name}": count for kind in kinds for name, count in counts}
    choices = {"concurrency": "4", "chat_upload": "DISABLED", "ui_type": "UNIQUE_AI", "modules-0-weight": "10000"}
    return {"stamp": "new", "title": "changed", "prompts-0-order": "0", "mcp-0-is_enabled": "on", **choices, **forms}


CHAT_PAGES: tuple[Route, ...] = (
    page("space_assistant", path={"pk": "space"}),
    page("space_assistant", "POST", {"pk": "space"}, data=_assistant(), writes=("assistant",)),
    page(
        "space_assistant",
        "POST",
        {"pk": "space"},
        body={"agents-0-agent": "other_space"},
        data=_assistant(),
        writes=("assistant",),
    ),
    page("chat_create", query={"space": "space.wire"}, outsider=200),
    page("chat_create", "POST", body={"space": "space", "contact": "contact.wire"}, outsider=422, writes=("chat",)),
    page("chat_create", "POST", body={"space": "space"}, data=SAY, outsider=422, writes=("chat", "message", "message")),
    *(
        page(name, path=CHAT)
        for name in (
            *("chat_detail", "chat_contact", "chat_assessments", "chat_history", "chat_api", "chat_raw"),
            *("chat_raw_json", "chat_latest", "chat_stream", "chat_settings", "chat_delete_confirm"),
        )
    ),
    page("chat_source", path={"pk": "uploads", "memory_pk": "chat_file"}),
    page("chat_source", path={**CHAT, "memory_pk": "file"}),
    page("chat_message_text", path=MESSAGE),
    page("chat_message_json", path=ANSWER),
    page("chat_send", "POST", CHAT, data=SAY, writes=("message", "message")),
    page("chat_again", "POST", CHAT, writes=("message",)),
    page("chat_stop", "POST", ANSWER),
    page("chat_vote", "POST", ANSWER, data=UP, writes=("rating",)),
    page("chat_unvote", "POST", ANSWER, writes=("rating",)),
    page("chat_vote_all", "POST", CHAT, data=UP, writes=("rating",)),
    page("chat_unvote_all", "POST", CHAT),
    page("chat_settings", "POST", CHAT, body={"contact": "contact.wire"}, data=_settings, writes=("chat",)),
    page("chat_move", "POST", CHAT, body={"space": "other_space"}, writes=("chat",)),
    page("chat_delete", "POST", CHAT, writes=("chat",)),
)
