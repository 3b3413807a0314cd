"""API keys: one's own for everybody, all of the account for administrators. A secret is shown once, when made."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from spaces.errors import AlreadyExists, NotFound
from spaces.models import ApiKey, AuditEntry, Space
from spaces.pages.sentences import lines
from spaces.permissions import can
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.keyset import Sort, Sorting, keyset_page
from spaces_project.kit.pages import capped_count, page, render_form, render_page

from .key_form import KeyForm
from .once import fresh_id, read_id

SORTING = Sorting(
    (Sort("name", "Name", Lower("name")), Sort("created", "Created", "created_at", is_time=True)), default="-created"
)
HISTORY = Sorting((Sort("created", "When", "created_at", is_time=True),), default="-created")
HISTORY_ROWS = 25


def keys_of(request: SpacesRequest) -> Any:
    """The keys this person may see and revoke: his own, or all of the account for an administrator."""
    keys = ApiKey.objects.of(request.account)
    return keys if can(request.actor, "account.administer") else keys.filter(user=request.user)


def get_key(request: SpacesRequest, pk: UUID) -> ApiKey:
    key = keys_of(request).select_related("user").filter(pk=pk).first()
    if key is None:
        raise NotFound("API key not found")
    return key  # type: ignore[no-any-return]


@page
@require_safe
def api_key_list(request: SpacesRequest) -> HttpResponse:
    """Newest first; administrators choose between all keys and their own."""
    everyone = keys_of(request)
    mine = everyone.filter(user=request.user)
    whose = "mine" if request.GET.get("view") == "mine" else "all"
    shown = mine if whose == "mine" else everyone
    rows = shown.select_related("user").annotate(space_count=Count("spaces"))
    context = {
        "page": keyset_page(request, rows, SORTING),
        "count": capped_count(shown),
        "views": _views(request, whose, everyone, mine),
        "runs_account": can(request.actor, "account.administer"),
    }
    return render_page(request, "settings/api_key_list.html", context, fragment="settings/_api_key_list.html")


def _views(request: SpacesRequest, whose: str, everyone: Any, mine: Any) -> list[dict[str, Any]]:
    if not can(request.actor, "account.administer"):
        return []
    url = reverse("api_key_list")
    return [
        {"label": "All keys", "url": url, "count": capped_count(everyone), "current": whose == "all"},
        {"label": "My keys", "url": f"{url}?view=mine", "count": capped_count(mine), "current": whose == "mine"},
    ]


# ----------------------------------------------------------------------- make


@page
@require_http_methods(["GET", "POST"])
def api_key_create(request: SpacesRequest) -> HttpResponse:
    """The answer to a good form is the secret itself: nowhere kept, so there is nothing to redirect to.

    The form names the id of its key beforehand; sent again, it finds that key and says that the secret is gone.
    """
    form = KeyForm(request.POST or None, actor=request.actor)
    if request.method == "GET":
        return _form_page(request, form, fresh_id(request.user))
    note = request.POST.get("once", "")
    pk = read_id(request.user, note)
    if pk is None:
        form.add_error(None, "This form is too old. Check it and send it again.")
        return _form_page(request, form, fresh_id(request.user), status=422)
    if made := _made_before(request, pk):
        return made
    return _created(request, form, pk) or _form_page(request, form, note)


def _made_before(request: SpacesRequest, pk: UUID) -> HttpResponse | None:
    key = ApiKey.objects.of(request.account).filter(pk=pk, user=request.user).first()
    if key is None:
        return None
    messages.warning(
        request, f"“{key}” was made already. Its secret was shown once and is gone: if you lost it, make another key."
    )
    return redirect("api_key_detail", key.pk)


def _created(request: SpacesRequest, form: KeyForm, pk: UUID) -> HttpResponse | None:
    if not form.is_valid():
        return None
    cleaned = form.cleaned_data
    try:
        key, secret = ApiKey.issue(
            request.actor,
            request.user,
            cleaned["name"],
            cleaned["scopes"],
            spaces=form.spaces(),
            expires_at=form.expires_at(),
            pk=pk,
        )
    except AlreadyExists:
        return _made_before(request, pk)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return None
    context = {"key": key, "secret": secret, "address": request.build_absolute_uri("/").rstrip("/")}
    return render_page(request, "settings/api_key_made.html", context, status=201)


@page
@require_POST
def api_key_spaces(request: SpacesRequest) -> HttpResponse:
    """Find spaces for the key being made: the form as typed, with what the words find. Nothing is saved."""
    typed = KeyForm(request.POST, actor=request.actor)
    form = KeyForm(actor=request.actor, initial={name: typed[name].value() for name in typed.fields})
    context = _form_context(request, form, request.POST.get("once", ""))
    return render_page(request, "settings/api_key_create.html", context, fragment="settings/_api_key_spaces.html")


def _form_page(request: SpacesRequest, form: KeyForm, note: str, status: int | None = None) -> HttpResponse:
    context = _form_context(request, form, note)
    return render_form(request, "settings/api_key_create.html", form, context, status=status)


def _form_context(request: SpacesRequest, form: KeyForm, note: str) -> dict[str, Any]:
    find = request.POST.get("find", "")[: limits.NAME_CHARS]
    found = form.found_spaces(find)
    return {"form": form, "once": note, "find": find, "chosen": form.chosen_spaces(), "found": found}


# ------------------------------------------------------------------------ one


@page
@require_safe
def api_key_detail(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """What the key may do, where, and what happened to it."""
    key = get_key(request, pk)
    entries = AuditEntry.objects.of(request.account).about(key.pk)
    listing = keyset_page(request, entries, HISTORY, HISTORY_ROWS)
    context = {
        "key": key,
        "spaces": Space.objects.of(request.account)
        .filter(api_keys__api_key=key)
        .order_by("name")
        .defer("search", "meta"),
        "page": listing,
        "lines": lines(request.actor, listing.rows),
        "shows_addresses": can(request.actor, "account.read"),
    }
    return render_page(request, "settings/api_key_detail.html", context)


@page
@require_safe
def api_key_revoke_confirm(request: SpacesRequest, pk: UUID) -> HttpResponse:
    return render_page(request, "settings/api_key_revoke.html", {"key": get_key(request, pk)})


@page
@require_POST
def api_key_revoke(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Ends the key at once. One that is revoked already is no error: that is what was wanted."""
    key = get_key(request, pk)
    if key.revoke(request.actor):
        messages.success(request, f"“{key}” is revoked: calls with it are refused from now on.")
    return redirect("api_key_list")
