"""Webhooks and their log: to be looked at. A secret stays sealed, and its webhook is changed on the account's pages."""

from __future__ import annotations

from django.contrib import admin

from spaces.models import Webhook, WebhookDelivery

from .base import ReadOnlyAdmin


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    list_display = ("name", "account", "space", "is_active", "failing_since", "updated_at")
    list_select_related = ("account", "space")
    list_filter = ("is_active", "account")
    search_fields = ("name",)
    fields = (
        *("account", "name", "url", "events", "space", "is_active", "failing_since"),
        *("id", "created_by", "updated_by", "created_at", "updated_at"),
    )


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    """Without body and answer, which are the account's own."""

    list_display = ("event", "webhook", "account", "state", "attempts", "status", "created_at")
    list_select_related = ("webhook", "account")
    list_filter = ("state", "event", "account")
    search_fields = ("event_id",)
    fields = (
        *("account", "webhook", "space", "event", "event_id", "subject_id", "user_id", "is_by_hand", "state"),
        *("attempts", "status", "said", "tries", "next_at", "finished_at", "id", "created_at", "updated_at"),
    )
