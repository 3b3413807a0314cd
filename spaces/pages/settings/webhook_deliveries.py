"""The log of webhooks: what was told to whom, what came of it, and telling it once more."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from spaces.errors import NotFound
from spaces.filters_webhooks import EVENTS, OWN, DeliveryFilter
from spaces.models import Space, Webhook, WebhookDelivery
from spaces.models.webhooks import DeliveryState
from spaces.permissions import require
from spaces.requests import SpacesRequest
from spaces.webhooks import redeliver
from spaces_project.kit import limits
from spaces_project.kit.keyset import KeysetPage, Sort, Sorting, keyset_page, notices
from spaces_project.kit.pages import capped_count, chips, page, render_page, with_address, without_empty

SORTING = Sorting((Sort("created", "When", "created_at", is_time=True),), default="-created")
BODY_CHARS = 64 * 1024  # shown; a longer one is cut


def deliveries_of(request: SpacesRequest) -> Any:
    """The log of the account, for an administrator; else NotAllowed."""
    require(request.actor, "account.administer")
    return WebhookDelivery.objects.of(request.account).select_related("webhook", "space")


def get_delivery(request: SpacesRequest, pk: UUID) -> WebhookDelivery:
    delivery = deliveries_of(request).filter(pk=pk).first()
    if delivery is None:
        raise NotFound("Delivery not found")
    return delivery  # type: ignore[no-any-return]


@page
@require_safe
def webhook_delivery_list(request: SpacesRequest) -> HttpResponse:
    """Filter and page; newest first unless turned round."""
    everything = deliveries_of(request)
    if clean := without_empty(request):
        return clean
    filterset = DeliveryFilter(request.GET, everything)
    rows = filterset.qs.defer("body", "response", "headers", "tries")
    listing = keyset_page(request, rows, SORTING)
    context = _list_context(request, filterset, listing)
    name = "settings/webhook_delivery_list.html"
    return with_address(request, render_page(request, name, context, fragment="settings/_webhook_delivery_list.html"))


def _list_context(request: SpacesRequest, filterset: DeliveryFilter, listing: KeysetPage) -> dict[str, Any]:
    webhooks = Webhook.objects.of(request.account).order_by("name")[: limits.WEBHOOKS]
    names = {str(each.pk): each.name for each in webhooks} | {OWN: "Addresses of spaces"}
    spaces = Space.objects.of(request.account)
    return {
        "page": listing,
        "count": capped_count(filterset.qs),
        "list_url": reverse("webhook_delivery_list"),
        "chips": chips(request, DeliveryFilter.LABELS, _words(names, filterset, spaces)),
        "notices": notices(filterset.complaints, listing),
        "webhooks": names.items(),
        "events": EVENTS,
        "states": DeliveryState.choices,
        "is_filtered": any(request.GET.get(name) for name in DeliveryFilter.LABELS),
    }


def _words(names: dict[str, str], filterset: DeliveryFilter, spaces: Any) -> dict[str, Any]:
    """How the chips say a value better than the query string does."""
    chosen = filterset.form.cleaned_data.get("space") if filterset.form.is_valid() else None
    space = spaces.filter(pk=chosen).defer("search").first() if isinstance(chosen, UUID) else None
    return {
        "webhook": names,
        "event": dict(EVENTS),
        "state": dict(DeliveryState.choices),
        "space": lambda _: str(space) if space else None,
    }


@page
@require_safe
def webhook_delivery_detail(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Everything about one; while it is due the page looks again by itself."""
    delivery = get_delivery(request, pk)
    others = deliveries_of(request).filter(event_id=delivery.event_id).exclude(pk=delivery.pk).newest_first()
    context = {
        "delivery": delivery,
        "shown_body": shown(delivery.body),
        "is_cut": len(delivery.body) > BODY_CHARS,
        "tries": [{**each, "at": parse_datetime(each["at"])} for each in reversed(delivery.tries)],
        "others": others[:10],
    }
    name = "settings/webhook_delivery_detail.html"
    return render_page(request, name, context, fragment="settings/_webhook_delivery.html")


def shown(body: str) -> Any:
    """The body as JSON to be indented; a very long one as its beginning, and none when it is deleted."""
    return json.loads(body) if body and len(body) <= BODY_CHARS else body[:BODY_CHARS]


@page
@require_POST
def webhook_redeliver(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Ends on the page of the new delivery."""
    again = redeliver(request.actor, get_delivery(request, pk))
    messages.success(request, "The event is sent once more.")
    return redirect("webhook_delivery_detail", again.pk)
