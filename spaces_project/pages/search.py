"""Search everywhere: spaces, chats, contacts, memories and folders by name, text or id of any dialect, any page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from chats.filters import ChatFilter
from chats.pages.rows import snippets
from chats.permissions import visible_chats
from chats.titles import give_titles
from memories.pages.files.rows import folders_named
from memories.pages.rows import snippets as memory_snippets
from memories.permissions import visible_folders, visible_memories
from spaces.filters import to_uuid
from spaces.permissions import visible_contacts, visible_spaces
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.pages import page, render_page

from .shell import NAV, SETTINGS, Shell

MOST = 8


@dataclass(frozen=True)
class Hit:
    label: str
    kind: str
    icon: str
    url: str
    detail: str = ""
    snippet: str = ""  # where the words stand, as HTML


@page
@require_safe
def search(request: SpacesRequest) -> HttpResponse:
    """Without words: the spaces changed last, and all pages."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[: limits.SEARCH_QUERY_CHARS]
    hits = [each for kind in (_spaces, _chats, _contacts, _memories, _folders, _pages) for each in kind(request, text)]
    return render_page(request, "pages/search.html", {"q": text, "hits": hits}, fragment="pages/_search_hits.html")


def _spaces(request: SpacesRequest, text: str) -> list[Hit]:
    found = visible_spaces(request.actor).matching(text).order_by("-updated_at", "-id").only("id", "name", "is_default")
    return [Hit(str(space), "Space", "spaces", reverse("space_detail", args=[space.pk])) for space in found[:MOST]]


def _chats(request: SpacesRequest, text: str) -> list[Hit]:
    """By name, by the words of their messages, or by the id of the chat or of one of its messages."""
    if not text:
        return []
    found = ChatFilter({"q": text}, visible_chats(request.actor), actor=request.actor).qs.latest_first()
    chats = list(found.select_related("space").only("id", "account", "name", "space__name", "space__is_default")[:MOST])
    give_titles(chats)
    words = snippets(request.account, [chat.pk for chat in chats], text)
    return [_chat_hit(chat, words.get(chat.pk, "")) for chat in chats]


def _chat_hit(chat: Any, snippet: str) -> Hit:
    return Hit(chat.title, "Chat", "chats", reverse("chat_detail", args=[chat.pk]), str(chat.space), snippet)


def _contacts(request: SpacesRequest, text: str) -> list[Hit]:
    if not text or not _has("contact_detail"):
        return []
    found = visible_contacts(request.actor).matching(text).order_by("-updated_at", "-id").defer("search", "meta")
    return [_contact_hit(contact) for contact in found[:MOST]]


def _contact_hit(contact: Any) -> Hit:
    detail = contact.email if contact.email != str(contact) else ""
    return Hit(str(contact), "Contact", "contacts", reverse("contact_detail", args=[contact.pk]), detail)


def _memories(request: SpacesRequest, text: str) -> list[Hit]:
    """By name, by words of the text, or by the id in any dialect."""
    if not text:
        return []
    found = (
        visible_memories(request.actor).matching(text).select_related("space", "folder").order_by("-created_at", "-id")
    )
    memories = list(found.only("id", "name", "key", "space__name", "space__is_default", "folder__name")[:MOST])
    words = memory_snippets(request.account, [memory.pk for memory in memories], text)
    return [
        Hit(str(each), "Memory", "memories", _memory_url(each), str(each.folder or each.space), words.get(each.pk, ""))
        for each in memories
    ]


def _folders(request: SpacesRequest, text: str) -> list[Hit]:
    """By the words of their names, or by the id in any dialect."""
    if not text:
        return []
    pk, folders = to_uuid(text), visible_folders(request.actor)
    found = folders.filter(pk=pk)[:1] if pk else folders_named(request.actor, None, text)[:MOST]
    return [Hit(each.name, "Folder", "folder", reverse("folder_detail", args=[each.pk])) for each in found]


def _memory_url(memory: Any) -> str:
    return reverse("memory_detail", args=[memory.pk])


def _pages(request: SpacesRequest, text: str) -> list[Hit]:
    shell = Shell(request)
    places = [*(place for _, section in NAV for place in section), *SETTINGS]
    links = shell.links(tuple(places))
    return [Hit(link.label, "Page", link.icon, link.url) for link in links if text.lower() in link.label.lower()][:MOST]


def _has(url_name: str) -> bool:
    try:
        reverse(url_name, args=["00000000-0000-0000-0000-000000000000"])
    except NoReverseMatch:
        return False
    return True
