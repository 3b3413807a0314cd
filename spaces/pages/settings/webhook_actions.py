"""What one does with a webhook besides editing it: pause, test, a new secret, delete."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from spaces.consequences import goes_with
from spaces.models import User, Webhook
from spaces.requests import SpacesRequest
from spaces.webhooks import send_test
from spaces_project.kit.pages import page, render_page

from .once import DAY_SECONDS
from .webhooks import get_webhook, show_secret

SALT = "spaces.once-webhook"


@page
@require_POST
def webhook_pause(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """It is told nothing of what happens until it is resumed."""
    webhook = get_webhook(request, pk)
    if webhook.change(request.actor, is_active=False):
        messages.success(request, f"“{webhook}” is paused: it is told nothing of what happens from now on.")
    return redirect("webhook_detail", webhook.pk)


@page
@require_POST
def webhook_resume(request: SpacesRequest, pk: UUID) -> HttpResponse:
    webhook = get_webhook(request, pk)
    if webhook.change(request.actor, is_active=True):
        messages.success(request, f"“{webhook}” is told what happens from now on.")
    return redirect("webhook_detail", webhook.pk)


@page
@require_POST
def webhook_test(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Ends on the page of the delivery, where one watches what comes of it."""
    delivery = send_test(request.actor, get_webhook(request, pk))
    return redirect("webhook_delivery_detail", delivery.pk)


# --------------------------------------------------------------------- secret


def secret_note(by: User, webhook: Webhook) -> str:
    """A note that fits as long as the webhook has the secret of now: a form sent again makes no second one."""
    return signing.dumps([str(by.pk), str(webhook.pk), webhook.secret.token[-32:]], salt=SALT)


def _fits(by: User, webhook: Webhook, note: str) -> bool:
    try:
        found = signing.loads(note, salt=SALT, max_age=DAY_SECONDS)
    except signing.BadSignature:
        return False
    return bool(found == [str(by.pk), str(webhook.pk), webhook.secret.token[-32:]])


@page
@require_safe
def webhook_secret_confirm(request: SpacesRequest, pk: UUID) -> HttpResponse:
    webhook = get_webhook(request, pk)
    context = {"webhook": webhook, "once": secret_note(request.user, webhook)}
    return render_page(request, "settings/webhook_secret.html", context)


@page
@require_POST
def webhook_secret(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """A new secret, shown this once; the old one signs nothing any more."""
    webhook = get_webhook(request, pk)
    if not _fits(request.user, webhook, request.POST.get("once", "")):
        messages.warning(request, "That form was used or is too old: no new secret was made.")
        return redirect("webhook_detail", webhook.pk)
    return show_secret(request, webhook, webhook.rotate(request.actor))


# --------------------------------------------------------------------- delete


@page
@require_safe
def webhook_delete_confirm(request: SpacesRequest, pk: UUID) -> HttpResponse:
    webhook = get_webhook(request, pk)
    context = {"webhook": webhook, "goes": goes_with(Webhook.objects.of(request.account).filter(pk=webhook.pk))}
    return render_page(request, "settings/webhook_delete.html", context)


@page
@require_POST
def webhook_delete(request: SpacesRequest, pk: UUID) -> HttpResponse:
    webhook = get_webhook(request, pk)
    webhook.remove(request.actor)
    messages.success(request, f"“{webhook}” is deleted with its log.")
    return redirect("webhook_list")
