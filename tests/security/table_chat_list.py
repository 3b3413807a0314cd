"""The table's lines for the lists of chats, their bulk runs and their exports."""

from __future__ import annotations

from .route import EXPORT, Route, page

CHOSEN = {"ids": "chat"}
ONE = {"expected": "1"}
CHAT_LISTS: tuple[Route, ...] = (
    page("chat_list", query={"id": "chat", "space": "space.wire", "contact": "contact.wire"}, outsider=200),
    page("chat_list", query={"q": "chat.wire", "user": "alice.username"}, outsider=200),
    page("chat_list", query={"q": "message.wire"}, outsider=200),
    page("chat_columns", "POST", data={"col": ["space"]}, outsider=302),
    page("chat_bulk_export", "POST", body=CHOSEN, outsider=302),
    page("chat_bulk_confirm", "POST", path={"name": "=delete"}, body=CHOSEN, outsider=200),
    page("chat_bulk_confirm", "POST", path={"name": "=move"}, body=CHOSEN, outsider=200),
    page("chat_bulk_run", "POST", {"name": "=delete"}, body=CHOSEN, data=ONE, outsider=409, writes=("chat",)),
    page(
        "chat_bulk_run",
        "POST",
        {"name": "=move"},
        body={**CHOSEN, "space": "other_space"},
        data=ONE,
        outsider=422,
        writes=("chat",),
    ),
    page("chat_bulk_result", outsider=302),
    page("space_chats", path={"pk": "space"}),
    page("contact_chats", path={"pk": "contact"}),
    page("contact_ratings", path={"pk": "contact"}),
    Route("chat_export", EXPORT, path={"format": "=jsonl"}, query={"id": "chat"}, outsider=200),
    Route("chat_export", EXPORT, path={"format": "=csv"}, query={"space": "space.wire"}, outsider=200),
    Route("message_export", EXPORT, path={"format": "=jsonl"}, query={"q": "message.wire"}, outsider=200),
    Route("message_export", EXPORT, path={"format": "=csv"}, query={"contact": "contact"}, outsider=200),
    Route("chat_messages_export", EXPORT, path={"pk": "chat", "format": "=csv"}),
)
