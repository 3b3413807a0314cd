"""Webhooks: other systems that are told what happens. For administrators. A secret is shown once, when made."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from spaces.errors import AlreadyExists, Conflict, NotFound
from spaces.models import AuditEntry, Webhook, WebhookDelivery
from spaces.pages.sentences import lines
from spaces.permissions import require
from spaces.requests import SpacesRequest
from spaces_project.kit.keyset import Sort, Sorting, keyset_page
from spaces_project.kit.pages import capped_count, page, render_form, render_page

from .once import fresh_id, read_id
from .webhook_form import WebhookForm

SORTING = Sorting(
    (Sort("name", "Name", Lower("name")), Sort("created", "Created", "created_at", is_time=True)), default="-created"
)
LATEST = 10


def webhooks_of(request: SpacesRequest) -> Any:
    """The webhooks of the account, for an administrator; else NotAllowed."""
    require(request.actor, "account.administer")
    return Webhook.objects.of(request.account).select_related("space")


def get_webhook(request: SpacesRequest, pk: UUID) -> Webhook:
    webhook = webhooks_of(request).filter(pk=pk).first()
    if webhook is None:
        raise NotFound("Webhook not found")
    return webhook  # type: ignore[no-any-return]


@page
@require_safe
def webhook_list(request: SpacesRequest) -> HttpResponse:
    """Each with what became of the last delivery."""
    webhooks = webhooks_of(request)
    last = WebhookDelivery.objects.of(request.account).filter(webhook=OuterRef("pk")).newest_first()
    rows = webhooks.annotate(
        last_state=Subquery(last.values("state")[:1]), last_at=Subquery(last.values("created_at")[:1])
    )
    context = {"page": keyset_page(request, rows, SORTING), "count": capped_count(webhooks)}
    return render_page(request, "settings/webhook_list.html", context, fragment="settings/_webhook_list.html")


# ----------------------------------------------------------------------- make


@page
@require_http_methods(["GET", "POST"])
def webhook_create(request: SpacesRequest) -> HttpResponse:
    """The answer to a good form is the secret itself: nobody is shown it again, so there is nothing to redirect to.

    The form names the id of its webhook beforehand; sent again, it finds that one and says that the secret is gone.
    """
    require(request.actor, "account.administer")
    form = WebhookForm(request.POST or None, actor=request.actor)
    if request.method == "GET":
        return _form_page(request, form, fresh_id(request.user))
    note = request.POST.get("once", "")
    pk = read_id(request.user, note)
    if pk is None:
        form.add_error(None, "This form is too old. Check it and send it again.")
        return _form_page(request, form, fresh_id(request.user), status=422)
    return _made_before(request, pk) or _created(request, form, pk) or _form_page(request, form, note)


def _form_page(request: SpacesRequest, form: WebhookForm, note: str, status: int | None = None) -> HttpResponse:
    return render_form(request, "settings/webhook_create.html", form, {"once": note}, status=status)


def _made_before(request: SpacesRequest, pk: UUID) -> HttpResponse | None:
    webhook = Webhook.objects.of(request.account).filter(pk=pk).first()
    if webhook is None:
        return None
    messages.warning(
        request, f"“{webhook}” was made already. Its secret was shown once: if you lost it, make a new one."
    )
    return redirect("webhook_detail", webhook.pk)


def _created(request: SpacesRequest, form: WebhookForm, pk: UUID) -> HttpResponse | None:
    if not form.is_valid():
        return None
    try:
        webhook, secret = Webhook.create(request.actor, request.account, pk=pk, **form.cleaned_data)
    except AlreadyExists:
        return _made_before(request, pk)
    except (Conflict, ValidationError) as error:
        form.add_error(None, error.messages if isinstance(error, ValidationError) else str(error))
        return None
    return show_secret(request, webhook, secret, status=201)


def show_secret(request: SpacesRequest, webhook: Webhook, secret: str, status: int = 200) -> HttpResponse:
    """The one page on which the secret stands."""
    context = {"webhook": webhook, "secret": secret}
    return render_page(request, "settings/webhook_secret_made.html", context, status=status)


# ------------------------------------------------------------------------ one


@page
@require_safe
def webhook_detail(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """What it is told, what became of the latest deliveries, and who changed it."""
    webhook = get_webhook(request, pk)
    deliveries = webhook.deliveries.select_related("webhook", "space").newest_first()
    entries = AuditEntry.objects.of(request.account).about(webhook.pk).newest_first()[:LATEST]
    context = {
        "webhook": webhook,
        "deliveries": deliveries[:LATEST],
        "lines": lines(request.actor, entries),
        "shows_addresses": True,
    }
    return render_page(request, "settings/webhook_detail.html", context)


@page
@require_http_methods(["GET", "POST"])
def webhook_edit(request: SpacesRequest, pk: UUID) -> HttpResponse:
    webhook = get_webhook(request, pk)
    form = WebhookForm(request.POST or None, actor=request.actor, webhook=webhook)
    if request.method == "POST" and form.is_valid() and _changed(request, form, webhook):
        return redirect("webhook_detail", webhook.pk)
    return render_form(request, "settings/webhook_edit.html", form, {"webhook": webhook})


def _changed(request: SpacesRequest, form: WebhookForm, webhook: Webhook) -> bool:
    try:
        if webhook.change(request.actor, **form.cleaned_data):
            messages.success(request, "Your changes are saved.")
        return True
    except ValidationError as error:
        form.add_error(None, error.messages)
    return False
