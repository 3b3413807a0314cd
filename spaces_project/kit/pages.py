"""What every page needs: whole page or fragment, safe return addresses, filter chips, capped counts, the shell.

The conventions of the dashboard, for whoever adds a page:

- A view is fetch, decide, render, under ``@page`` (and ``@require_POST`` where it changes something). It ends in
  ``render_page(request, template, context, fragment=…)``; the page template extends ``base.html`` and fills
  ``title heading lead crumbs badges actions content``; what htmx swaps is a template of its own whose name starts
  with ``_`` and which the page includes.
- Lists are a ``Sorting`` and ``keyset_page`` (spaces_project/kit/keyset.py); the template shows ``{% sort_link %}``
  in the head, ``{% pager page %}`` in the foot. Their links carry ``hx-get``: put them inside the fragment
  ``<div id="list" hx-target="#list" hx-swap="outerHTML" hx-push-url="true">``, so that only it is swapped.
- Forms are plain POST forms; ``{% field form.name %}`` draws a field; an invalid form is rendered with status 422
  (``render_form``). The answer to a good POST is a redirect and a message, which becomes a toast.
- What many pages do has one room each: forms that store a row (spaces/pages/editing.py), bulk runs (bulk_runs.py),
  histories (history.py) and samples of requests (samples.py) there; models on servers in
  spaces_project/pages/remote_models.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme

from . import limits

Context = dict[str, Any]
View = Callable[..., HttpResponseBase]


def signed_in(view: View) -> View:
    """Decorator of views that are for operators as well, such as those of one's own sign-in: needs a sign-in."""

    @wraps(view)
    def inner(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        response = view(request, *args, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        return response

    return inner


SIGNED_OUT = "You were signed out in between, so nothing was stored. Sign in, and send it again."


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in and back: from what was sent, which cannot be opened, to the page that it was sent from."""
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path())
    messages.warning(request, SIGNED_OUT)
    return redirect_to_login(_sent_from(request))


def _sent_from(request: HttpRequest) -> str:
    """The path of the page with the form, if the browser tells it and it is one of ours; otherwise the first page."""
    url = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(url, {request.get_host()}):
        return "/"
    parts = urlsplit(url)
    return urlunsplit(("", "", parts.path or "/", parts.query, ""))


def page(view: View) -> View:
    """Decorator of every view of the dashboard: needs a sign-in; operators, who have no account, go to /admin/."""

    @signed_in
    @wraps(view)
    def inner(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return redirect("/admin/") if request.user.account_id is None else view(request, *args, **kwargs)

    return inner


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asked for a part of the page; restoring history or boosting needs the whole one."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_page(
    request: HttpRequest, template: str, context: Context, *, fragment: str | None = None, status: int = 200
) -> HttpResponse:
    """The page, or only its ``fragment`` (a template name) when htmx asks. Never cached between the two."""
    partial = fragment is not None and wants_fragment(request)
    name = fragment if partial and fragment else template
    response = render(request, name, {**context, "is_fragment": partial}, status=status)
    response["Vary"] = ", ".join(filter(None, [response.get("Vary"), "HX-Request"]))
    return response


def render_form(
    request: HttpRequest,
    template: str,
    form: BaseForm,
    context: Context | None = None,
    *,
    status: int | None = None,
) -> HttpResponse:
    """The page of a form: 422 when what was sent is not valid (what was typed is kept), else 200."""
    invalid = form.is_bound and not form.is_valid()
    return render_page(request, template, {"form": form, **(context or {})}, status=status or (422 if invalid else 200))


def safe_next(request: HttpRequest, fallback: str) -> str:
    """Where the person came from (POST or GET ``next``), if that is a page of ours; else ``fallback``."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    own = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if own else fallback


def without_empty(request: HttpRequest) -> HttpResponse | None:
    """A plain form sends its empty fields too: a redirect to the address without them, which is the one to share."""
    kept = request.GET.copy()
    for name, values in request.GET.lists():
        kept.setlist(name, [value for value in values if value])
    query = kept.urlencode()
    return None if len(query) == len(request.GET.urlencode()) else HttpResponseRedirect(f"?{query}")


def with_address(request: Any, response: HttpResponse) -> HttpResponse:
    """Tell htmx the list's address: typing replaces it in the history, a filter adds to it; paging does so itself."""
    if request.htmx and "after" not in request.GET and "before" not in request.GET:
        response["HX-Replace-Url" if request.htmx.trigger == "q" else "HX-Push-Url"] = request.get_full_path()
    return response


def with_query(request: HttpRequest, **changes: Any) -> str:
    """``?…`` of this page with some parameters replaced (None or "" removes); the page itself starts again."""
    query = request.GET.copy()
    for name in ("after", "before", *(key for key in changes)):
        query.pop(name, None)
    for name, value in changes.items():
        if value not in (None, ""):
            query.setlist(name, [str(each) for each in value] if isinstance(value, list) else [str(value)])
    return f"?{query.urlencode()}" if query else "?"


@dataclass(frozen=True)
class Chip:
    """One applied filter: ``Owner`` ``alice`` and the address of the page without it."""

    label: str
    value: str
    remove: str

    @property
    def words(self) -> str:
        return f"{self.label} {self.value}"


def chips(request: HttpRequest, labels: Mapping[str, str], words: Mapping[str, Any] | None = None) -> list[Chip]:
    """The chips of the filters in the query string.

    ``labels`` names the parameters that are filters, in order of display; ``words`` says a value better than the
    query string does (a user's name for an id): a mapping, or a function of the value, per parameter.
    """
    found = []
    for name, label in labels.items():
        values = [value for value in request.GET.getlist(name) if value.strip()]
        for value in values:
            others = [each for each in values if each != value]
            text = _words(value, (words or {}).get(name))
            found.append(Chip(label, text, with_query(request, **{name: others or None})))
    return found


def _words(value: str, better: Any) -> str:
    said = better(value) if callable(better) else better.get(value) if isinstance(better, Mapping) else None
    return str(said or value)


@dataclass(frozen=True)
class Count:
    """How many rows match: exact up to the cap, then ``100,000+``."""

    value: int
    is_capped: bool = False

    def __str__(self) -> str:
        return f"{self.value:,}+" if self.is_capped else f"{self.value:,}"


@dataclass(frozen=True)
class Tab:
    """One tab of an object's page; ``count`` is a Count or None."""

    label: str
    url: str
    count: Any
    current: bool


def tabs_of(request: HttpRequest, pk: Any, tabs: Iterable[tuple[str, str]], counts: Mapping[str, Any]) -> list[Tab]:
    """The tabs (label, name of the route) of the object ``pk``; ``counts`` by the names of their routes."""
    current = request.resolver_match.url_name or "" if request.resolver_match else ""
    return [Tab(label, reverse(name, args=[pk]), counts.get(name), name == current) for label, name in tabs]


def capped_count(queryset: QuerySet[Any], cap: int = limits.COUNT_CAP) -> Count:
    """Count at most ``cap`` rows: a list must not become slow because the table is large."""
    value = queryset.order_by()[: cap + 1].count()
    return Count(min(value, cap), value > cap)
