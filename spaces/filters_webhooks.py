"""The filters of the log of webhooks."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError

from spaces_project.kit.ids import InvalidId, decode_any

from .filters import day_filters
from .models.webhooks import TEST, DeliveryState, Event

OWN = "space"  # in place of a webhook's id: what went to the addresses that spaces name themselves
EVENTS = (*Event.choices, (TEST, "A test, sent by hand"))


class _IdField(forms.CharField):
    """An id in any spelling, as a UUID; OWN stays."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return text if text in ("", OWN) else decode_any(text)
        except InvalidId as error:
            raise ValidationError(f"“{error}” is not an id.") from error


class _IdFilter(filters.Filter):  # type: ignore[misc]
    field_class = _IdField


class DeliveryFilter(filters.FilterSet):  # type: ignore[misc]
    """Parameters: q (an event's id), webhook (its id, or ``space`` for the addresses of spaces), event, state, space,
    created_after and created_before."""

    q = filters.CharFilter(field_name="event_id", max_length=64)
    webhook = _IdFilter(method="to_webhook")
    event = filters.ChoiceFilter(choices=EVENTS)
    state = filters.ChoiceFilter(choices=DeliveryState.choices)
    space = _IdFilter(field_name="space")
    created_after, created_before = day_filters("created_at")

    LABELS = {
        "q": "Event",
        "webhook": "Webhook",
        "event": "Kind",
        "state": "State",
        "space": "Space",
        "created_after": "Since",
        "created_before": "Until",
    }

    @property
    def complaints(self) -> list[str]:
        """One sentence for every filter that was left out because it could not be read."""
        return [f"{self.LABELS.get(name, name)}: {' '.join(errors)}" for name, errors in self.errors.items()]

    def to_webhook(self, queryset: Any, name: str, value: Any) -> Any:
        return queryset.filter(webhook=None if value == OWN else value)
