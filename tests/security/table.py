"""Every route of the project, one line each: a route that is not here fails the tenancy matrix and the audit walk.

``path``, ``query`` and ``body`` name the kind of object behind every id-valued input, spelled as stage.py's
``unknown`` says; ``data`` is the rest of the request. ``actor`` is who may, ``outsider`` what a member without
access to the object is told. ``writes`` is what the audit gets: kinds of objects, one entry each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spaces_project.api.chatbotkit.unimplemented import ROUTES
from spaces_project.api.goodmem.unimplemented import ROUTES as GOODMEM_ROUTES
from spaces_project.api.unique.unimplemented import ROUTES as UNIQUE_ROUTES

from .route import EXPORT, Route, admin, key, page
from .stage import Stage
from .table_answers import LANGUAGE_MODEL_PAGES
from .table_chat_list import CHAT_LISTS
from .table_chats import CHAT_PAGES
from .table_conversations import CONVERSATIONS
from .table_files import FILES
from .table_goodmem import GOODMEM
from .table_memories import MEMORIES
from .table_memory_api import CHATBOTKIT_MEMORIES, GOODMEM_MEMORIES
from .table_saved_views import SAVED_VIEWS
from .table_second_factors import SECOND_FACTORS
from .table_unique import UNIQUE
from .table_unique_files import UNIQUE_FILES
from .table_webhooks import WEBHOOK_PAGES

SPACE, CONTACT = {"space_id": "space.wire"}, {"contact_id": "contact.wire"}
ALIAS, CONTACT_ALIAS = {"space_id": "space.alias"}, {"contact_id": "contact.alias"}
OF_SPACES = {"cursor": "space.wire", "contactId": "contact.wire"}
NAMED = {"name": "changed"}

API = (
    key("space.create", "POST", body={"contactId": "contact.wire"}, outsider=404, writes=("space",)),
    key("space.create", "POST", body={"contactId": "contact.alias"}, outsider=404, writes=("space",)),
    key(
        "space.create",
        "POST",
        data={"contactId": {"fingerprint": "somebody-quite-new"}},
        outsider=200,
        writes=("contact", "space"),
    ),
    key("space.list", query=OF_SPACES, outsider=400),
    key("space.list", query={"contactId": "contact.alias"}, outsider=200),
    key("space.export", query=OF_SPACES, outsider=400),
    key("space.fetch", path=SPACE),
    key("space.fetch", path=ALIAS),
    key("space.update", "POST", path=SPACE, body={"contactId": "contact.wire"}, data=NAMED, writes=("space",)),
    key("space.update", "POST", path=ALIAS, data=NAMED, writes=("space",)),
    key("space.delete", "POST", path=SPACE, writes=("space",)),
    key("space.delete", "POST", path=ALIAS, writes=("space",)),
    key("contact.create", "POST", data=NAMED, outsider=200, writes=("contact",)),
    key("contact.ensure", "POST", data=NAMED, outsider=200, writes=("contact",)),
    key("contact.list", query={"cursor": "contact.wire"}, outsider=400),
    key("contact.export", query={"cursor": "contact.wire"}, outsider=400),
    key("contact.fetch", path=CONTACT),
    key("contact.fetch", path=CONTACT_ALIAS),
    key("contact.update", "POST", path=CONTACT, data=NAMED, writes=("contact",)),
    key("contact.update", "POST", path=CONTACT_ALIAS, data=NAMED, writes=("contact",)),
    key("contact.delete", "POST", path=CONTACT, writes=("contact", "space", "memory")),
    key("contact.delete", "POST", path=CONTACT_ALIAS, writes=("contact", "space", "memory")),
    key("contact.space.list", path=CONTACT, query=OF_SPACES),
    key("contact.space.list", path=CONTACT_ALIAS),
)


def _stamped(kind: str, **more: Any) -> Callable[[Stage], dict[str, Any]]:
    """What an edit form carries to notice that another change came between."""
    return lambda stage: {"stamp": getattr(stage.ours, kind).updated_at.isoformat(), "meta": "{}", **more}


def _once(stage: Stage) -> dict[str, Any]:
    from spaces.pages.settings.once import fresh_id

    return {
        "once": fresh_id(stage.ours.alice), "name": "New key", "scopes": ["read"], "expires": "30", "reach": "chosen",
    }  # fmt: skip


def _reset(stage: Stage) -> dict[str, Any]:
    from spaces.pages.settings.once import password_note

    return {"once": password_note(stage.ours.admin, stage.ours.carol)}


def _owned(stage: Stage) -> dict[str, Any]:
    return {"owner": stage.ours.alice.username}


def _settings(stage: Stage) -> dict[str, Any]:
    return {**_stamped("space", name="changed")(stage), **_owned(stage)}


SPACE_PAGE, CONTACT_PAGE = {"pk": "space"}, {"pk": "contact"}
BULK = {"expected": "1"}
SPACE_PAGES = (
    page("space_list", query={"id": "space", "contact": "contact.wire", "owner": "alice.username"}, outsider=200),
    page("space_list", query={"q": "space.wire"}, outsider=200),
    page("space_create", outsider=200),
    page(
        "space_create",
        "POST",
        body={"contact": "contact", "owner": "carol.username"},
        data={"name": "New", "meta": "{}"},
        outsider=422,
        writes=("space",),
    ),
    page("space_columns", "POST", data={"col": ["owner"]}, outsider=302),
    page("space_bulk_export", "POST", body={"ids": "space"}, outsider=302),
    page("space_bulk_confirm", "POST", path={"name": "=archive"}, body={"ids": "space"}, outsider=200),
    page(
        "space_bulk_run",
        "POST",
        {"name": "=archive"},
        body={"ids": "space"},
        data=BULK,
        outsider=409,
        writes=("space",),
    ),
    page(
        "space_bulk_run", "POST", {"name": "=delete"}, body={"ids": "space"}, data=BULK, outsider=409, writes=("space",)
    ),
    page(
        "space_bulk_run",
        "POST",
        {"name": "=label"},
        body={"ids": "space"},
        data={**BULK, "key": "k", "value": "v"},
        outsider=409,
        writes=("space",),
    ),
    page(
        "space_bulk_run",
        "POST",
        {"name": "=transfer"},
        body={"ids": "space", "owner": "carol.username"},
        data=BULK,
        outsider=409,
        writes=("space",),
    ),
    page("space_bulk_result", outsider=302),
    page("space_detail", path=SPACE_PAGE),
    page("space_contacts", path=SPACE_PAGE),
    page("space_history", path=SPACE_PAGE),
    page("space_api", path=SPACE_PAGE),
    page("space_settings", path=SPACE_PAGE),
    page(
        "space_settings",
        "POST",
        SPACE_PAGE,
        body={"contact": "contact", "owner": "alice.username"},
        data=_settings,
        writes=("space",),
    ),
    page("space_archive", "POST", SPACE_PAGE, writes=("space",)),
    page("space_unarchive", "POST", SPACE_PAGE),
    page("space_delete_confirm", path=SPACE_PAGE),
    page("space_delete", "POST", SPACE_PAGE, writes=("space",)),
    page("space_access", path=SPACE_PAGE),
    page("space_grant", "POST", SPACE_PAGE, body={"holder": "group.group"}, data={"level": "USE"}, writes=("space",)),
    page("space_grant", "POST", SPACE_PAGE, body={"holder": "bob.user"}, data={"level": "USE"}, writes=("space",)),
    page("space_revoke", "POST", {**SPACE_PAGE, "grant_pk": "grant"}, writes=("space",)),
)
CONTACT_PAGES = (
    page("contact_list", query={"id": "contact", "space": "space.wire"}, outsider=200),
    page("contact_list", query={"q": "contact.wire"}, outsider=200),
    page("contact_create", outsider=200),
    page("contact_create", "POST", data={"name": "New", "meta": "{}"}, outsider=302, writes=("contact",)),
    page("contact_bulk_export", "POST", body={"ids": "contact"}, outsider=302),
    page("contact_bulk_confirm", "POST", path={"name": "=delete"}, body={"ids": "contact"}, outsider=200),
    page(
        "contact_bulk_run",
        "POST",
        {"name": "=delete"},
        body={"ids": "contact"},
        data=BULK,
        outsider=409,
        writes=("contact", "space", "memory"),
    ),
    page("contact_bulk_result", outsider=302),
    page("contact_detail", path=CONTACT_PAGE),
    page("contact_spaces", path=CONTACT_PAGE),
    page("contact_history", path=CONTACT_PAGE),
    page("contact_api", path=CONTACT_PAGE),
    page("contact_settings", path=CONTACT_PAGE),
    page("contact_settings", "POST", CONTACT_PAGE, data=_stamped("contact", name="changed"), writes=("contact",)),
    page("contact_delete_confirm", path=CONTACT_PAGE),
    page("contact_delete", "POST", CONTACT_PAGE, writes=("contact", "space", "memory")),
)
KEY_PAGE, LINK_PAGE, USER_PAGE, GROUP_PAGE = {"pk": "key"}, {"pk": "link"}, {"pk": "carol"}, {"pk": "group"}
MEMBER = {"username": "new-member", "role": "member"}
SETTINGS_PAGES = (
    page("settings_home", outsider=302),
    page("profile", outsider=200),
    page("profile", "POST", data={"name": "Changed", "email": "new@example.com"}, outsider=302, writes=("user",)),
    *SECOND_FACTORS,
    page("api_key_list", outsider=200),
    page("api_key_create", outsider=200),
    page("api_key_create", "POST", body={"spaces": "space"}, data=_once, outsider=422, writes=("apikey",)),
    page("api_key_spaces", "POST", body={"spaces": "space"}, outsider=200),
    page("api_key_detail", path=KEY_PAGE),
    page("api_key_revoke_confirm", path=KEY_PAGE),
    page("api_key_revoke", "POST", KEY_PAGE, writes=("apikey",)),
    page("export_link_list", outsider=200),
    page("export_link_create", query={"list": "=spaces"}, outsider=200),
    page(
        "export_link_create",
        "POST",
        query={"list": "=spaces"},
        data={"name": "New", "days": "30"},
        outsider=302,
        writes=("exportlink",),
    ),
    page("export_link_detail", path=LINK_PAGE),
    page("export_link_revoke_confirm", path=LINK_PAGE),
    page("export_link_revoke", "POST", LINK_PAGE, writes=("exportlink",)),
    admin("member_list"),
    admin("member_create"),
    admin("member_create", "POST", data=MEMBER, writes=("user",)),
    admin("member_detail", path=USER_PAGE),
    admin("member_detail", "POST", USER_PAGE, data={"username": "carol", "role": "analyst"}, writes=("user",)),
    admin("member_deactivate_confirm", path=USER_PAGE),
    admin("member_deactivate", "POST", USER_PAGE, writes=("user",)),
    admin(
        "member_deactivate",
        "POST",
        {"pk": "alice"},
        body={"owner": "carol.username"},
        writes=("user", "space", "space", "space"),
    ),
    admin("member_reactivate", "POST", USER_PAGE),
    admin("member_password_confirm", path=USER_PAGE),
    admin("member_password", "POST", USER_PAGE, data=_reset, writes=("user",)),
    admin("group_list"),
    admin("group_create"),
    admin("group_create", "POST", data={"name": "New group"}, writes=("group",)),
    admin("group_detail", path=GROUP_PAGE),
    admin("group_rename", "POST", GROUP_PAGE, data={"name": "Renamed"}, writes=("group",)),
    admin("group_add_member", "POST", GROUP_PAGE, body={"user": "bob.username"}, writes=("group",)),
    admin("group_remove_member", "POST", {**GROUP_PAGE, "user_pk": "carol"}, writes=("group",)),
    admin("group_delete_confirm", path=GROUP_PAGE),
    admin("group_delete", "POST", GROUP_PAGE, writes=("group",)),
)
PASSWORDS = {
    "old_password": "a long enough password",
    "new_password1": "quite-another-15",
    "new_password2": "quite-another-15",
}
OTHER_PAGES = (
    page("overview", outsider=200),
    page("search", query={"q": "space.wire"}, outsider=200),
    page("search", query={"q": "contact"}, outsider=200),
    page("password_change", outsider=200),
    page("password_change", "POST", data=PASSWORDS, outsider=302, writes=("user",)),
    admin("audit_list", query={"object": "space", "person": "alice.username"}),
    Route("space_export", EXPORT, path={"format": "=jsonl"}, query={"id": "space"}, outsider=200),
    Route("space_export", EXPORT, path={"format": "=csv"}, query={"contact": "contact"}, outsider=200),
    Route("contact_export", EXPORT, path={"format": "=json"}, query={"id": "contact"}, outsider=200),
    Route("audit_export", EXPORT, path={"format": "=csv"}, query={"object": "space"}, actor="admin", outsider=403),
)
# Answers everybody alike, or reads no account's rows. What each of them is, its own tests show.
OPEN = {
    "healthz", "readyz", "theme", "sign_in", "sign_in_code", "sign_in_setup", "sign_out", "export_link_open", "(api)",
    "api_unknown", "chatbotkit:unknown", "(public)", "unique:unknown", "api_docs", "api_docs_reference",
    "api_docs_openapi",
    "goodmem:system.info", "goodmem:system.init", "goodmem:unknown", "goodmem_unknown",
    "unique:upload", "unique:read",
}  # fmt: skip
UNIMPLEMENTED = {
    *(f"chatbotkit:unimplemented {route}" for _, route in ROUTES),
    *(f"unique:unimplemented {route}" for _, route in UNIQUE_ROUTES),
    *(f"goodmem:unimplemented {route.replace(':', ' ')}" for _, route in GOODMEM_ROUTES),
}
OPERATORS = "admin:"  # the prefix of /admin/: operators only, each route of it is tried

CHATBOTKIT = (*API, *CONVERSATIONS, *CHATBOTKIT_MEMORIES)
PROGRAMS = (*CHATBOTKIT, *UNIQUE, *UNIQUE_FILES, *GOODMEM, *GOODMEM_MEMORIES)  # every operation of a dialect
WORK = (*SPACE_PAGES, *CONTACT_PAGES, *SAVED_VIEWS, *CHAT_LISTS, *CHAT_PAGES, *MEMORIES, *FILES)
PAGES = (*WORK, *SETTINGS_PAGES, *WEBHOOK_PAGES, *LANGUAGE_MODEL_PAGES, *OTHER_PAGES)
TABLE: tuple[Route, ...] = (*PROGRAMS, *PAGES)
