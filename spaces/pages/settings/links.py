"""Export links: a signed address from which a spreadsheet reloads one filtered list, until it ends or is revoked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from spaces.errors import NotFound
from spaces.models import AuditEntry, ExportLink
from spaces.pages.sentences import lines
from spaces.permissions import can, require
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.keyset import Sort, Sorting, keyset_page
from spaces_project.kit.pages import capped_count, page, render_form, render_page
from spaces_project.kit.values import check_name

SORTING = Sorting((Sort("created", "Created", "created_at", is_time=True),), default="-created")
FORMATS = (("csv", "CSV"), ("xlsx", "Excel"), ("jsonl", "JSONL"))
NOT_FILTERS = ("list", "sort", "after", "before", "cols")
LATEST = 10


@dataclass(frozen=True)
class List:
    """A list that a link may export; ``url_name`` is its page, and its export lies beside it, or in a ``folder``."""

    label: str
    url_name: str
    operation: str
    folder: str = ""

    @property
    def path(self) -> str:
        return f"{reverse(self.url_name)}{self.folder}export.csv"


LISTS = {
    "spaces": List("Spaces", "space_list", "space.list"),
    "contacts": List("Contacts", "contact_list", "contact.list"),
    "chats": List("Chats", "chat_list", "chat.list"),
    "messages": List("Messages", "chat_list", "chat.list", "messages/"),
    "memories": List("Memories", "memory_list", "memory.list"),
    "files": List("Files", "file_list", "memory.list"),
    "audit": List("Audit", "audit_list", "account.read"),
}


class LinkForm(forms.Form):
    name = forms.CharField(
        max_length=limits.NAME_CHARS,
        validators=[check_name],
        help_text="Becomes the name of the file.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    days = forms.IntegerField(
        min_value=1,
        max_value=limits.EXPORT_LINK_DAYS,
        initial=90,
        label="Valid for days",
        help_text=f"1 to {limits.EXPORT_LINK_DAYS}. You can revoke it at any time.",
    )


def links_of(request: SpacesRequest) -> Any:
    """The links this person may see and revoke: his own, or all of the account for an administrator."""
    links = ExportLink.objects.of(request.account)
    return links if can(request.actor, "account.administer") else links.filter(user=request.user)


def get_link(request: SpacesRequest, pk: UUID) -> ExportLink:
    link = links_of(request).select_related("user", "account").filter(pk=pk).first()
    if link is None:
        raise NotFound("Export link not found")
    return link  # type: ignore[no-any-return]


def filters_of(query: str) -> list[tuple[str, str]]:
    """The filters of a link, to be read by people."""
    return [(name.replace("_", " "), value) for name, value in parse_qsl(query)]


def list_of(link: ExportLink) -> str:
    """The label of the list that the link exports."""
    return next((each.label for each in LISTS.values() if each.path == link.path), link.path)


@page
@require_safe
def export_link_list(request: SpacesRequest) -> HttpResponse:
    listing = keyset_page(request, links_of(request).select_related("user"), SORTING)
    for link in listing.rows:
        link.label, link.filters = list_of(link), filters_of(link.query)
    context = {
        "page": listing,
        "count": capped_count(links_of(request)),
        "runs_account": can(request.actor, "account.administer"),
    }
    return render_page(request, "settings/export_link_list.html", context, fragment="settings/_export_link_list.html")


@page
@require_http_methods(["GET", "POST"])
def export_link_create(request: SpacesRequest) -> HttpResponse:
    """``?list=spaces&<its filters>``: the link exports exactly what the list shows with them."""
    wanted = LISTS.get(request.GET.get("list", ""))
    if wanted is None:
        raise Http404
    require(request.actor, wanted.operation)
    query = _filters(request)
    form = LinkForm(request.POST or None, initial={"name": wanted.label})
    if request.method == "POST" and form.is_valid() and (link := _created(request, form, wanted, query)):
        messages.success(request, "The link is ready. Paste its address into the spreadsheet.")
        return redirect("export_link_detail", link.pk)
    context = {"list": wanted, "back": reverse(wanted.url_name) + f"?{query}", "filters": filters_of(query)}
    return render_form(request, "settings/export_link_create.html", form, context)


def _filters(request: SpacesRequest) -> str:
    """The filters in the address, without what only turns pages; refused when too long to be kept."""
    query = request.GET.copy()
    for name in NOT_FILTERS:
        query.pop(name, None)
    text = query.urlencode()
    if len(text) > limits.QUERY_STRING_BYTES:
        raise Http404
    return text


def _created(request: SpacesRequest, form: LinkForm, wanted: List, query: str) -> ExportLink | None:
    name, days = form.cleaned_data["name"], form.cleaned_data["days"]
    try:
        return ExportLink.issue(request.actor, request.user, name, wanted.path, query, days)
    except ValidationError as error:
        form.add_error(None, error.messages)
    return None


@page
@require_safe
def export_link_detail(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """The addresses, one per format; only its maker sees them, because they need no sign-in."""
    link = get_link(request, pk)
    stem = slugify(link.name) or "export"
    opened = [
        (label, request.build_absolute_uri(reverse("export_link_open", args=[link.token, stem, kind])))
        for kind, label in FORMATS
    ]
    entries = AuditEntry.objects.of(request.account).about(link.pk).newest_first()[:LATEST]
    context = {
        "link": link,
        "label": list_of(link),
        "filters": filters_of(link.query),
        "addresses": opened if link.user_id == request.user.pk else [],
        "lines": lines(request.actor, entries),
        "shows_addresses": can(request.actor, "account.read"),
    }
    return render_page(request, "settings/export_link_detail.html", context)


@page
@require_safe
def export_link_revoke_confirm(request: SpacesRequest, pk: UUID) -> HttpResponse:
    link = get_link(request, pk)
    return render_page(request, "settings/export_link_revoke.html", {"link": link, "label": list_of(link)})


@page
@require_POST
def export_link_revoke(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Ends the link at once. One that is revoked already is no error: that is what was wanted."""
    link = get_link(request, pk)
    if link.revoke(request.actor):
        messages.success(request, f"“{link}” is revoked: its address answers nothing from now on.")
    return redirect("export_link_list")
