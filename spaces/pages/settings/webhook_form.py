"""The form of a webhook: where to, what of, and from where."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from spaces.actors import Actor
from spaces.models import Webhook
from spaces.models.webhooks import Event
from spaces.permissions import visible_spaces
from spaces_project.kit import limits
from spaces_project.kit.egress import Refused, origin
from spaces_project.kit.values import check_name

SPACES_OFFERED = 300


class _OneSpace(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A space of the account, or none; of very many only some are offered, and the chosen one."""

    def __init__(self, *, actor: Actor, chosen: Any = None, **kwargs: Any) -> None:
        spaces = visible_spaces(actor).defer("search", "meta", "description")
        super().__init__(spaces, required=False, **kwargs)
        names = list(spaces.order_by("is_default", "name").values_list("pk", "name", "is_default")[:SPACES_OFFERED])
        if chosen is not None and chosen.pk not in {pk for pk, _, _ in names}:
            names.insert(0, (chosen.pk, chosen.name, chosen.is_default))
        offered = [(str(pk), "Unfiled" if is_default else name or "Untitled space") for pk, name, is_default in names]
        self.choices = [("", "All spaces"), *offered]


def _check_address(url: str) -> None:
    try:
        origin(url)
    except Refused as error:
        raise ValidationError(str(error)) from error


class WebhookForm(forms.Form):
    """``cleaned_data`` is what Webhook.create and Webhook.change take."""

    name = forms.CharField(
        max_length=limits.NAME_CHARS,
        validators=[check_name],
        help_text="Say who is told.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    url = forms.CharField(
        max_length=limits.EGRESS_URL_CHARS,
        label="Address",
        validators=[_check_address],
        help_text="Where each event is posted to. A private address, or one without https, has to be opened by "
        "whoever runs Spaces.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )
    events = forms.MultipleChoiceField(
        choices=Event.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one event."},
    )

    def __init__(self, data: Any = None, *, actor: Actor, webhook: Webhook | None = None) -> None:
        names = ("name", "url", "events", "space")
        super().__init__(data, initial={name: getattr(webhook, name) for name in names} if webhook else None)
        chosen = webhook.space if webhook else None
        self.fields["space"] = _OneSpace(
            actor=actor, chosen=chosen, help_text="Only what happens there is told, or in all spaces."
        )
