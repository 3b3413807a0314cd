"""From what a caller calls a thing (its wire id or ``@alias``) to the thing, if this actor may read it.

Whatever names nothing he may read is NotFound in the same words: unknown, of another account, of another kind.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q

from spaces.actors import Actor
from spaces.errors import NotFound
from spaces.models import Contact, Space
from spaces.permissions import visible_contacts, visible_spaces
from spaces_project.kit.ids import InvalidId, Prefix, decode

ALIAS_SIGN = "@"


def named(prefix: Prefix, text: str) -> Q | None:
    """The condition that picks the row ``text`` names; None when it cannot name one."""
    if text.startswith(ALIAS_SIGN):
        alias = text.removeprefix(ALIAS_SIGN)
        return Q(alias=alias) if alias and "\x00" not in alias and alias.isascii() else None
    pk = wire_pk(prefix, text)
    return None if pk is None else Q(pk=pk)


def wire_pk(prefix: Prefix, text: str) -> UUID | None:
    """The primary key in a wire id of this kind, else None."""
    try:
        return decode(prefix, text) if text.startswith(prefix) else None
    except InvalidId:
        return None


def spaces_named(actor: Actor, text: str) -> Any:
    """The queryset with the one space that ``text`` names; raises NotFound when the text cannot name one."""
    condition = named(Prefix.SPACE, text)
    if condition is None:
        raise NotFound("Space not found")
    return visible_spaces(actor).filter(condition)


def contacts_named(actor: Actor, text: str) -> Any:
    """The queryset with the one contact that ``text`` names; raises NotFound when the text cannot name one."""
    condition = named(Prefix.CONTACT, text)
    if condition is None:
        raise NotFound("Contact not found")
    return visible_contacts(actor).filter(condition)


def find_space(actor: Actor, text: str) -> Space:
    """The space that ``text`` names, or NotFound."""
    space = spaces_named(actor, text).first()
    if space is None:
        raise NotFound("Space not found")
    return space  # type: ignore[no-any-return]


def find_contact(actor: Actor, text: str) -> Contact:
    """The contact that ``text`` names, or NotFound."""
    contact = contacts_named(actor, text).first()
    if contact is None:
        raise NotFound("Contact not found")
    return contact  # type: ignore[no-any-return]
