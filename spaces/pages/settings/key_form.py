"""The form of a new API key: what it may do, where, and until when."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from spaces.actors import Actor
from spaces.models import Space
from spaces.models.api_keys import Scope
from spaces.permissions import grantable_scopes, visible_spaces
from spaces_project.kit import limits
from spaces_project.kit.ids import InvalidId, decode_any
from spaces_project.kit.values import check_name

SCOPE_WORDS = {
    Scope.READ: "Read and export spaces and contacts",
    Scope.WRITE: "Make, change and delete them",
    Scope.ACT_AS: "Run calls with the rights of another user of this account",
    Scope.ADMIN: "Manage members, groups, keys and the account itself",
}
EXPIRIES = (("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year"), ("date", "On a date"), ("never", "Never"))
REACH = (("all", "All spaces"), ("chosen", "Only chosen spaces"))
FOUND_SPACES = 20


class SpacesField(forms.Field):
    """Any number of ticked spaces that this person may read; anybody else's are said to be missing."""

    widget = forms.MultipleHiddenInput

    def __init__(self, *, actor: Actor, **kwargs: Any) -> None:
        self.spaces = visible_spaces(actor).listed().defer("search", "meta", "description")
        super().__init__(required=False, **kwargs)

    def chosen(self, value: Any) -> list[Space]:
        """The ticked spaces, those that cannot be found left out."""
        ids = {pk for text in list(value or [])[: limits.API_KEY_SPACES + 1] if (pk := _uuid(text))}
        return list(self.spaces.filter(pk__in=ids).order_by("name", "pk"))

    def clean(self, value: Any) -> list[Space]:
        texts = set(value or [])
        if len(texts) > limits.API_KEY_SPACES:
            raise ValidationError(f"At most {limits.API_KEY_SPACES:,} spaces.")
        found = self.chosen(texts)
        if len(found) < len(texts):
            raise ValidationError("A chosen space is not there any more. Choose again.")
        return found


def _uuid(text: str) -> UUID | None:
    try:
        return decode_any(text)
    except InvalidId:
        return None


class KeyForm(forms.Form):
    """Offers only scopes that this person may give. ``expires_at()`` and ``spaces()`` are what ApiKey.issue takes."""

    name = forms.CharField(
        max_length=limits.NAME_CHARS,
        validators=[check_name],
        help_text="Say where it is used.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    expires = forms.ChoiceField(choices=EXPIRIES, initial="90")
    expires_on = forms.DateField(
        required=False,
        label="Date",
        help_text="The last day on which it works. Read only with “On a date”.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[Scope.READ],
        error_messages={"required": "Tick at least one scope."},
    )
    reach = forms.ChoiceField(label="Spaces", choices=REACH, initial="all", widget=forms.RadioSelect)

    def __init__(self, data: Any = None, *, actor: Actor, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.grantable = grantable_scopes(actor)
        self.fields["spaces"] = SpacesField(actor=actor)

    def clean_scopes(self) -> list[str]:
        scopes: list[str] = self.cleaned_data["scopes"]
        if beyond := [Scope(each).label for each in scopes if each not in self.grantable]:
            raise ValidationError(f"You may not give: {', '.join(beyond)}.")
        return scopes

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("expires") == "date" and "expires_on" not in self.errors:
            self._check_date(cleaned.get("expires_on"))
        if cleaned.get("reach") == "chosen" and not cleaned.get("spaces") and "spaces" not in self.errors:
            self.add_error("spaces", "Find and tick at least one space, or choose “All spaces”.")
        return cleaned

    def _check_date(self, day: Any) -> None:
        if day is None:
            self.add_error("expires_on", "Name the date.")
        elif day < timezone.localdate():
            self.add_error("expires_on", "This day has passed.")

    def scope_rows(self) -> list[dict[str, Any]]:
        """What the table of scopes shows; a scope one may not give is shown and cannot be ticked."""
        ticked = self["scopes"].value() or []
        return [
            {
                "value": scope.value,
                "label": scope.label,
                "words": SCOPE_WORDS[scope],
                "may": scope in self.grantable,
                "checked": scope.value in ticked and scope in self.grantable,
            }
            for scope in Scope
        ]

    def chosen_spaces(self) -> list[Space]:
        """The spaces ticked so far, also in a form that is not valid."""
        field: Any = self.fields["spaces"]
        return field.chosen(self["spaces"].value())  # type: ignore[no-any-return]

    def found_spaces(self, text: str) -> list[Space]:
        """What the words find, without those ticked already; without words the latest."""
        field: Any = self.fields["spaces"]
        chosen = [space.pk for space in self.chosen_spaces()]
        return list(field.spaces.matching(text).exclude(pk__in=chosen).order_by("-updated_at", "-pk")[:FOUND_SPACES])

    def spaces(self) -> list[Space] | None:
        """None: not limited."""
        return self.cleaned_data["spaces"] if self.cleaned_data["reach"] == "chosen" else None

    def expires_at(self) -> datetime | None:
        """The moment from which it does not work; None for never. A named day counts to its end."""
        expires = self.cleaned_data["expires"]
        if expires == "never":
            return None
        if expires == "date":
            day = self.cleaned_data["expires_on"] + timedelta(days=1)
            return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())
        return timezone.now() + timedelta(days=int(expires))
