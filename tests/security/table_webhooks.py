"""The pages of webhooks and their log."""

from __future__ import annotations

from typing import Any

from .route import Route, admin
from .stage import Stage

WEBHOOK, DELIVERY = {"pk": "webhook"}, {"pk": "delivery"}
FIELDS = {"name": "Changed", "url": "https://hooks.example.com/in", "events": ["unique.chat.user-message.created"]}


def _once(stage: Stage) -> dict[str, Any]:
    from spaces.pages.settings.once import fresh_id

    return {**FIELDS, "once": fresh_id(stage.ours.admin)}


def _secret(stage: Stage) -> dict[str, Any]:
    from spaces.pages.settings.webhook_actions import secret_note

    return {"once": secret_note(stage.ours.admin, stage.ours.webhook)}


WEBHOOK_PAGES: tuple[Route, ...] = (
    admin("webhook_list"),
    admin("webhook_create"),
    admin("webhook_create", "POST", body={"space": "space"}, data=_once, writes=("webhook",)),
    admin("webhook_detail", path=WEBHOOK),
    admin("webhook_edit", path=WEBHOOK),
    admin("webhook_edit", "POST", WEBHOOK, body={"space": "space"}, data=FIELDS, writes=("webhook",)),
    admin("webhook_pause", "POST", WEBHOOK, writes=("webhook",)),
    admin("webhook_resume", "POST", WEBHOOK),
    admin("webhook_test", "POST", WEBHOOK, writes=("webhookdelivery",)),
    admin("webhook_secret_confirm", path=WEBHOOK),
    admin("webhook_secret", "POST", WEBHOOK, data=_secret, writes=("webhook",)),
    admin("webhook_delete_confirm", path=WEBHOOK),
    admin("webhook_delete", "POST", WEBHOOK, writes=("webhook",)),
    admin("webhook_delivery_list", query={"webhook": "webhook", "space": "space"}),
    admin("webhook_delivery_detail", path=DELIVERY),
    admin("webhook_redeliver", "POST", DELIVERY, writes=("webhookdelivery",)),
)
