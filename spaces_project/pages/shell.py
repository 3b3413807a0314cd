"""The frame around every page: what the sidebar shows, the tabs of the settings, the theme.

The tables below are the whole navigation. A row is shown when its URL name exists and the actor may see it, so a
page enters the sidebar by being routed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

THEMES = ("light", "dark")
THEME_COOKIE = "theme"


@dataclass(frozen=True)
class Place:
    """A page one can go to: current when the URL name in use starts with one of ``prefixes``; a view of something that
    is found elsewhere than its own name says sets ``request.lies_in`` to the name of that list."""

    label: str
    icon: str
    url_name: str
    prefixes: tuple[str, ...]
    administrators: bool = False
    readers: bool = False


@dataclass(frozen=True)
class Link:
    label: str
    icon: str
    url: str
    current: bool


@dataclass(frozen=True)
class Section:
    title: str
    links: list[Link]


SETTINGS = (
    Place("Profile", "contacts", "profile", ("profile",)),
    Place("Password", "lock", "password_change", ("password_change",)),
    Place("Two-factor", "shield", "second_factor", ("second_factor",)),
    Place("API keys", "key", "api_key_list", ("api_key_",)),
    Place("Export links", "link", "export_link_list", ("export_link_",)),
    Place("Members", "contacts", "member_list", ("member_",), administrators=True),
    Place("Groups", "group", "group_list", ("group_",), administrators=True),
    Place("Webhooks", "send", "webhook_list", ("webhook_",), administrators=True),
    Place("Embedders", "memories", "embedder_list", ("embedder_",), administrators=True),
    Place("Rerankers", "swap", "reranker_list", ("reranker_",), administrators=True),
    Place("Language models", "assistant", "language_model_list", ("language_model_",), administrators=True),
)
NAV: tuple[tuple[str, tuple[Place, ...]], ...] = (
    ("", (Place("Overview", "overview", "overview", ("overview",)),)),
    (
        "Work",
        (
            Place("Spaces", "spaces", "space_list", ("space_",)),
            Place("Chats", "chats", "chat_list", ("chat_", "message_export")),
            Place("Contacts", "contacts", "contact_list", ("contact_",)),
            Place("Memories", "memories", "memory_list", ("memory_", "chunk_export")),
            Place("Files", "folder", "file_list", ("file_", "folder_")),
            Place("Search lab", "search", "retrieval", ("retrieval",)),
        ),
    ),
    ("Data", (Place("Audit", "audit", "audit_list", ("audit_",), readers=True),)),
    (
        "Account",
        (
            Place(
                "Settings",
                "settings",
                "profile",
                tuple(p for each in SETTINGS for p in each.prefixes),
            ),
            Place("API docs", "api", "api_docs", ("api_docs",)),
        ),
    ),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``shell`` with what base.html needs. Evaluated only when a template asks."""
    return {"shell": Shell(request)}


class Shell:
    """The frame as the person who asks sees it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user = getattr(request, "user", None)
        theme = request.COOKIES.get(THEME_COOKIE, "")
        self.theme = theme if theme in THEMES else ""
        self.other_theme = "light" if self.theme == "dark" else "dark"

    @property
    def account_name(self) -> str:
        account = getattr(self.user, "account", None)
        return account.name if account else "Operator"

    @property
    def home(self) -> str:
        return reverse("overview")

    @property
    def search(self) -> str:
        return reverse("search")

    @property
    def theme_url(self) -> str:
        return reverse("theme")

    @property
    def sign_out_url(self) -> str:
        return reverse("sign_out")

    @property
    def nav(self) -> list[Section]:
        sections = [Section(title, self.links(places)) for title, places in NAV]
        return [section for section in sections if section.links]

    @property
    def settings_tabs(self) -> list[Link]:
        return self.links(SETTINGS)

    def links(self, places: tuple[Place, ...]) -> list[Link]:
        """The places that exist and that this person may see."""
        return [link for place in places if self.may_see(place) and (link := self._link(place))]

    def may_see(self, place: Place) -> bool:
        role = getattr(self.user, "role", "")
        if place.administrators:
            return role == "administrator"
        return not place.readers or role in ("administrator", "analyst")

    def _link(self, place: Place) -> Link | None:
        try:
            url = reverse(place.url_name)
        except NoReverseMatch:
            return None
        match = self.request.resolver_match
        name = getattr(self.request, "lies_in", "") or (match.url_name if match else None) or ""
        return Link(place.label, place.icon, url, name.startswith(place.prefixes))
