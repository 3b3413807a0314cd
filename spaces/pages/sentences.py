"""The audit in words: who did what with which object, and what it changed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import NoReverseMatch, reverse

from spaces.actors import Actor
from spaces.models import AuditEntry, Group, User, Webhook, WebhookDelivery
from spaces.permissions import can, visible_contacts, visible_spaces

VERBS = {
    "create": "created",
    "update": "changed",
    "delete": "deleted",
    "grant": "changed who may use",
    "revoke": "took away access to",
    "sign_in": "signed in",
    "sign_out": "signed out",
    "sign_in_failed": "failed to sign in",
    "add_member": "added a member to",
    "remove_member": "removed a member from",
    "set_password": "set the password of",
    "turn_on_second_factor": "turned on two-factor sign-in of",
    "turn_off_second_factor": "turned off two-factor sign-in of",
    "reset_second_factor": "reset two-factor sign-in of",
    "renew_recovery_codes": "made new recovery codes for",
    "use_recovery_code": "used a recovery code of",
    "ingest": "started the ingestion of",
    "announce": "announced a file for",
    "answer": "answered with",
    "stop": "stopped",
    "demo": "filled with examples",
}
# where the last word of an operation alone would say something else
EXACTLY = {
    "api_key.revoke": "revoked",
    "export_link.revoke": "revoked",
    "webhook.test": "sent",
    "webhook.redeliver": "sent again",
}
KINDS = {
    "apikey": ("API key", "key"),
    "space": ("space", "spaces"),
    "contact": ("contact", "contacts"),
    "user": ("user", "contacts"),
    "group": ("group", "group"),
    "exportlink": ("export link", "link"),
    "savedview": ("saved view", "columns"),
    "webhook": ("webhook", "send"),
    "webhookdelivery": ("webhook event", "send"),
    "account": ("account", "settings"),
    "assistant": ("assistant", "assistant"),
    "chat": ("chat", "chats"),
    "message": ("message", "chats"),
    "rating": ("rating", "good"),
    "languagemodel": ("language model", "assistant"),
    "assessment": ("assessment", "shield"),
    "memory": ("memory", "memories"),
    "folder": ("folder", "folder"),
    "chunk": ("chunk", "memories"),
    "embedder": ("embedder", "memories"),
    "reranker": ("reranker", "memories"),
    "memorysettings": ("memory settings", "memories"),
    "spaceembedder": ("embedder of a space", "memories"),
}
FIELDS = {
    "owner": "owner",
    "owner_id": "owner",
    "contact": "contact",
    "contact_id": "contact",
    "public_read": "public",
    "is_archived": "archived",
    "is_default": "default",
    "blueprint_id": "blueprint",
    "is_active": "active",
    "expires_at": "expiry",
    "list_name": "list",
    "is_shared": "sharing",
    "verified_at": "verification",
}
# a change of this one field has verbs of its own: to no, to yes
SWITCHES = {
    "is_archived": ("unarchived", "archived"),
    "is_active": ("deactivated", "reactivated"),
    "is_disabled": ("switched on", "switched off"),
    "requires_second_factor": ("no longer asks for a second factor in", "asks everybody for a second factor in"),
    "inherits_access": ("took the access from above away from", "let access from above count for"),
}
# what is seen under the settings, and can be deleted: kind, model, page
MORTAL: tuple[tuple[str, Any, str], ...] = (
    ("group", Group, "group_detail"),
    ("webhook", Webhook, "webhook_detail"),
    ("webhookdelivery", WebhookDelivery, "webhook_delivery_detail"),
)
ALONE = {"user.sign_in", "user.sign_out", "user.sign_in_failed"}


@dataclass(frozen=True)
class Change:
    """One changed field: the texts before and after; ``kept`` is False where the audit keeps no content."""

    field: str
    before: str | None
    after: str | None
    kept: bool


@dataclass(frozen=True)
class Line:
    """One audit entry in words."""

    entry: AuditEntry
    icon: str
    who: str
    verb: str
    kind: str
    what: str
    url: str
    changes: list[Change]

    @property
    def did(self) -> str:
        """The verb with what was changed: ``changed the name and owner of``."""
        return f"changed the {self.fields} of" if self.verb == "changed" and self.changes else self.verb

    @property
    def fields(self) -> str:
        """``name, labels and owner``."""
        names = [change.field for change in self.changes]
        return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def lines(actor: Actor, entries: Iterable[AuditEntry]) -> list[Line]:
    """The entries in words; what they name is looked up in at most eight queries, however many there are."""
    entries = list(entries)
    names, urls = _names(actor, entries), _urls(actor, entries)
    return [_line(entry, names, urls.get(entry.object_id, "")) for entry in entries]


def _urls(actor: Actor, entries: list[AuditEntry]) -> dict[UUID | None, str]:
    """The pages of the objects that still exist and that this actor may read."""
    found: dict[UUID | None, str] = {}
    for kind, readable, name in (
        ("space", visible_spaces, "space_detail"),
        ("contact", visible_contacts, "contact_detail"),
    ):
        pks = {entry.object_id for entry in entries if entry.object_type == kind}
        if pks:
            found |= {pk: _page(name, pk) for pk in readable(actor).filter(pk__in=pks).values_list("pk", flat=True)}
    return found | _settings_urls(actor, entries)


def _settings_urls(actor: Actor, entries: list[AuditEntry]) -> dict[UUID | None, str]:
    """The pages of people, groups, keys, links and webhooks: only administrators may open all of them."""
    if not can(actor, "account.administer"):
        return {}
    pages = {"user": "member_detail", "apikey": "api_key_detail", "exportlink": "export_link_detail"}
    found: dict[UUID | None, str] = {
        each.object_id: _page(pages[each.object_type], each.object_id)
        for each in entries
        if each.object_id and each.object_type in pages
    }
    for kind, model, page in MORTAL:
        pks = {entry.object_id for entry in entries if entry.object_type == kind and entry.object_id}
        alive = model.objects.of(actor.account).filter(pk__in=pks).values_list("pk", flat=True) if pks else []
        found |= {pk: _page(page, pk) for pk in alive}
    return found


def _page(name: str, pk: UUID) -> str:
    try:
        return reverse(name, args=[pk])
    except NoReverseMatch:
        return ""


def _line(entry: AuditEntry, names: dict[str, str], url: str) -> Line:
    kind, icon = KINDS.get(entry.object_type, (entry.object_type, "audit"))
    operation = entry.operation.partition(".")[2]
    verb = _switched(entry) or EXACTLY.get(entry.operation) or VERBS.get(operation, operation.replace("_", " "))
    changes = [_change(field, pair, names) for field, pair in entry.changes.items()]
    what = entry.object_name or names.get(str(entry.object_id), "")
    if entry.operation in ALONE:
        kind = what = url = ""
    kind = kind if what or not kind else f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
    return Line(entry, icon, entry.actor_name, verb, kind, what, url, changes)


def _switched(entry: AuditEntry) -> str:
    """The verb of an update that only switches something on or off."""
    field = next(iter(entry.changes), "") if len(entry.changes) == 1 else ""
    pair = entry.changes.get(field)
    if field not in SWITCHES or not isinstance(pair, list) or pair[0] is None:
        return ""
    return SWITCHES[field][bool(pair[1])]


def _change(field: str, pair: Any, names: dict[str, str]) -> Change:
    label = FIELDS.get(field, field.replace("_", " "))
    if not isinstance(pair, list) or len(pair) != 2:
        return Change(label, None, None, False)
    return Change(label, _text(pair[0], names), _text(pair[1], names), True)


def _text(value: Any, names: dict[str, str]) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, dict) and all(isinstance(text, str) for text in value.values()):
        return ", ".join(f"{key} = {text}" for key, text in value.items()) or None
    return json.dumps(value, ensure_ascii=False)


def _names(actor: Actor, entries: list[AuditEntry]) -> dict[str, str]:
    """The names of the people and spaces that the changes mention, by id; contacts' names are nowhere else."""
    ids = {entry.object_id for entry in entries if entry.object_type == "contact" and entry.object_id}
    ids |= _changed(entries, "owner", "contact", "user", "owner_id", "contact_id")
    found: list[Any] = []
    if ids:
        found += User.objects.of(actor.account).filter(pk__in=ids)
        found += visible_contacts(actor).filter(pk__in=ids).defer("search")
    if spaces := _changed(entries, "space"):
        found += visible_spaces(actor).filter(pk__in=spaces).defer("search")
    return {str(each.pk): str(each) for each in found}


def _changed(entries: list[AuditEntry], *fields: str) -> set[UUID]:
    """The ids that the changes of these fields mention."""
    values = [value for entry in entries for field in fields for value in entry.changes.get(field) or ()]
    return {pk for value in values if (pk := _uuid(value))}


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
