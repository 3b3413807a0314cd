"""The people of a space: whom it is about, and whom its chats are held with."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from chats.permissions import visible_chats
from spaces.actors import Actor
from spaces.models import Space
from spaces.permissions import visible_contacts


def contacts_of(actor: Actor, space: Space) -> Any:
    """The space's contact and those of its chats, of those that this actor may read, as a ContactQuerySet."""
    held = visible_chats(actor).for_space(space).exclude(contact=None).order_by().values("contact")
    return visible_contacts(actor).filter(Q(pk=space.contact_id) | Q(pk__in=held))
