"""What the writing operations share: meta as ChatBotKit means it, and contacts that are made unless they exist."""

from __future__ import annotations

from typing import Any
from uuid import uuid5

from django.utils import timezone

from spaces.actors import Actor
from spaces.errors import AlreadyExists, InvalidInput
from spaces.models import Contact
from spaces.models.contacts import checked_phone
from spaces.permissions import require, visible_contacts

from .lookup import find_contact

IDENTITY = ("name", "email", "phone", "nick")


def for_create(fields: dict[str, Any]) -> dict[str, Any]:
    """Members with null in meta dropped: there is nothing to remove yet."""
    meta = fields.get("meta") or {}
    return {**fields, "meta": {key: value for key, value in meta.items() if value is not None}}


def for_change(fields: dict[str, Any]) -> dict[str, Any]:
    """Meta as a merge; ``meta: null`` empties it."""
    if "meta" not in fields:
        return fields
    meta = fields["meta"]
    rest = {name: value for name, value in fields.items() if name != "meta"}
    return {**rest, "meta": {}} if meta is None else {**rest, "merge_meta": meta}


def create_contact(by: Actor, fields: dict[str, Any]) -> Contact:
    """A new contact, or the one with this fingerprint as it is. AlreadyExists when he may not see that one."""
    require(by, "contact.create")
    fields = for_create(fields)
    if not fields.get("fingerprint"):
        fields.pop("fingerprint", None)
    contact = _known(by, fields) or Contact.create(by, by.account, **fields)[0]  # type: ignore[arg-type]
    if not visible_contacts(by).filter(pk=contact.pk).exists():
        raise AlreadyExists("Another contact has this fingerprint.")
    return contact


def _known(by: Actor, fields: dict[str, Any]) -> Contact | None:
    """Looked for first: a repeated create may break another unique value before it meets the fingerprint."""
    contacts = Contact.objects.of(by.account)
    return contacts.filter(fingerprint=fields.get("fingerprint")).first()  # type: ignore[no-any-return]


def ensure_contact(by: Actor, fields: dict[str, Any]) -> Contact:
    """The contact with this identity as it is, else a new one: verified when it was named by a fingerprint."""
    if fields.get("fingerprint"):
        return create_contact(by, {**fields, "verified_at": timezone.now()})
    return create_contact(by, {**fields, "verified_at": None, "fingerprint": derived_fingerprint(by, fields)})


def derived_fingerprint(by: Actor, fields: dict[str, Any]) -> str:
    """uuid5 of what else tells people apart, in this account; InvalidInput when there is nothing."""
    phone = checked_phone(fields.get("phone", ""))
    parts = sorted({**{name: fields.get(name, "") for name in IDENTITY}, "phone": phone}.items())
    if not any(text for _, text in parts):
        raise InvalidInput("fingerprint: Give a fingerprint, or a name, email, phone or nick.")
    return str(uuid5(by.account.pk, ";".join(text for _, text in parts)))  # type: ignore[union-attr]


def resolve_contact(by: Actor, fields: dict[str, Any]) -> dict[str, Any]:
    """``fields`` of a space with the contact that is named, or made, in place of its name."""
    contact = fields.get("contact")
    if isinstance(contact, str):
        return {**fields, "contact": find_contact(by, contact) if contact else None}
    if isinstance(contact, dict):
        return {**fields, "contact": ensure_contact(by, contact)}
    return fields
