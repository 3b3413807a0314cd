"""The table's lines for saved views and for the columns of lists."""

from __future__ import annotations

from .route import page

VIEW = {"pk": "view"}
NEW = {"list": "spaces", "query": "q=war", "cols": "owner", "name": "Another view"}
SAVED_VIEWS = (
    page("contact_columns", "POST", data={"col": ["email"]}, outsider=302),
    page("view_create", query={"list": "=chats"}, outsider=200),
    page("view_create", "POST", data=NEW, outsider=302, writes=("savedview",)),
    page("view_settings", path=VIEW),
    page("view_settings", "POST", VIEW, data={"name": "Renamed"}, writes=("savedview",)),
    page("view_update", "POST", VIEW, data={"query": "q=other", "cols": "none"}, writes=("savedview",)),
    page("view_delete_confirm", path=VIEW),
    page("view_delete", "POST", VIEW, writes=("savedview",)),
)
