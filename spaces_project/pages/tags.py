"""Template tags of pages over several apps: the heads and the tabs of a space and of a contact."""

from __future__ import annotations

from typing import Any

from django import template

from chats.permissions import visible_chats, visible_ratings
from memories.permissions import visible_memories
from spaces.models import AuditEntry, Contact, Space, SpaceAccess
from spaces.pages.history import history_count
from spaces.permissions import can, visible_spaces
from spaces_project.kit import ids
from spaces_project.kit.pages import capped_count, tabs_of

from .history import entries_about
from .people import contacts_of
from .samples import create_chat_sample, create_contact_sample, create_space_sample

register = template.Library()


def _counts(actor: Any, space: Space) -> dict[str, Any]:
    access = SpaceAccess.objects.of(space.account_id).filter(space=space)
    return {
        "space_chats": capped_count(visible_chats(actor).for_space(space)),
        "space_memories": capped_count(visible_memories(actor).filter(space=space, folder=None)),
        "space_contacts": capped_count(contacts_of(actor, space)),
        "space_access": capped_count(access),
        "space_history": history_count(entries_about(space)),
    }


TABS = (
    ("Overview", "space_detail"),
    ("Chats", "space_chats"),
    ("Memories", "space_memories"),
    ("Contacts", "space_contacts"),
    ("Search", "space_search"),
    ("Assistant", "space_assistant"),
    ("Memory settings", "space_memory_settings"),
    ("Access", "space_access"),
    ("Settings", "space_settings"),
    ("History", "space_history"),
    ("API", "space_api"),
)
FOR_MANAGERS = ("space_settings", "space_assistant", "space_memory_settings")


@register.inclusion_tag("spaces/_space_tabs.html", takes_context=True)
def space_tabs(context: template.Context, space: Space) -> dict[str, Any]:
    """The tabs of a space with their counts; Settings and Assistant only for those who may change it."""
    request: Any = context["request"]
    counts = _counts(request.actor, space)
    may_update = can(request.actor, "space.update", space)
    names = [(label, name) for label, name in TABS if may_update or name not in FOR_MANAGERS]
    return {"tabs": tabs_of(request, space.pk, names, counts)}


@register.simple_tag
def dialect_ids(space: Space) -> list[tuple[str, str]]:
    """The space's id in each dialect, as (dialect, id)."""
    return [
        ("ChatBotKit", space.wire_id),
        ("Unique", ids.encode(ids.Prefix.ASSISTANT, space.pk)),
        ("GoodMem", str(space.pk)),
    ]


@register.simple_tag(takes_context=True)
def create_space_curl(context: template.Context) -> str:
    """The curl line that makes a space, with this server's address."""
    return create_space_sample(context["request"])


CONTACT_TABS = (
    ("Overview", "contact_detail"),
    ("Chats", "contact_chats"),
    ("Memories", "contact_memories"),
    ("Ratings", "contact_ratings"),
    ("Spaces", "contact_spaces"),
    ("History", "contact_history"),
    ("API", "contact_api"),
)


@register.inclusion_tag("contacts/_contact_tabs.html", takes_context=True)
def contact_tabs(context: template.Context, contact: Contact) -> dict[str, Any]:
    """The tabs of a contact with their counts."""
    request: Any = context["request"]
    history = AuditEntry.objects.of(contact.account_id).about(contact.pk)
    counts = {
        "contact_chats": capped_count(visible_chats(request.actor).for_contact(contact)),
        "contact_memories": capped_count(visible_memories(request.actor).for_contact(contact)),
        "contact_ratings": capped_count(visible_ratings(request.actor).for_contact(contact)),
        "contact_spaces": capped_count(visible_spaces(request.actor).for_contact(contact)),
        "contact_history": history_count(history),
    }
    return {"tabs": tabs_of(request, contact.pk, CONTACT_TABS, counts)}


@register.simple_tag(takes_context=True)
def create_contact_curl(context: template.Context) -> str:
    """The curl line that makes a contact, with this server's address."""
    return create_contact_sample(context["request"])


@register.simple_tag(takes_context=True)
def create_chat_curl(context: template.Context, space: Space | None = None) -> str:
    """The curl line that makes a chat, with this server's address; in ``space`` when there is one."""
    return create_chat_sample(context["request"], space or None)
