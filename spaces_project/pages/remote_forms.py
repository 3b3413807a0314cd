"""The form of a model on a server. Its key goes in and never comes out."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from memories.models.remote import RemoteModel
from spaces.pages.editing import RowForm
from spaces.pages.forms import LabelsField
from spaces_project.kit import limits
from spaces_project.kit.sealed import MASK, check_secret
from spaces_project.kit.values import check_name, check_text

QUIET = {"autocomplete": "off", "spellcheck": "false"}


def text_field(chars: int, **kwargs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={**QUIET, **kwargs.pop("attrs", {})})
    return forms.CharField(max_length=chars, validators=[check_name], widget=widget, **kwargs)


class RemoteForm(RowForm):
    """What an administrator may set. ``values()`` is what RemoteModel.create and change take.

    ``PLAIN`` are the fields that are stored as they are; ``ROWS`` how they are laid out: a name, or a pair of them.
    """

    unique = "name"
    PLAIN: ClassVar[tuple[str, ...]] = (
        *("name", "provider_type", "endpoint_url", "api_path", "model_identifier"),
        *("description", "labels"),
    )
    KEPT: ClassVar[tuple[str, ...]] = ()  # also shown as stored, and handled apart
    ROWS: ClassVar[tuple[tuple[str, ...], ...]] = ()

    name = text_field(limits.NAME_CHARS, help_text="How spaces name it.")
    provider_type = forms.ChoiceField(label="Server")
    endpoint_url = text_field(
        limits.EGRESS_URL_CHARS, label="Address", attrs={"placeholder": "https://api.example.com/v1", "class": "mono"}
    )
    api_path = text_field(limits.NAME_CHARS, label="Path", required=False, attrs={"class": "mono"})
    model_identifier = text_field(
        limits.NAME_CHARS, label="Model", help_text="As its server calls it.", attrs={"class": "mono"}
    )
    api_key = forms.CharField(
        required=False,
        max_length=4_096,
        label="API key",
        validators=[check_secret],
        widget=forms.PasswordInput(attrs={**QUIET, "autocomplete": "new-password"}),
    )
    forget_key = forms.BooleanField(required=False, label="Forget the stored key")
    description = forms.CharField(
        required=False,
        max_length=limits.DESCRIPTION_CHARS,
        validators=[check_text],
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    labels = LabelsField(required=False)

    def __init__(self, data: Any = None, *, model: RemoteModel | None = None) -> None:
        kept = (*self.PLAIN, *self.KEPT)
        super().__init__(data, initial={name: getattr(model, name) for name in kept} if model else None)
        key = self.fields["api_key"]
        if model and model.api_key:
            key.widget.attrs["placeholder"] = MASK
            key.help_text = "One is stored, encrypted. Empty: it stays, unless the address leads to another server."
        else:
            del self.fields["forget_key"]
            key.help_text = "Stored encrypted, and never shown again. Empty: none is sent."

    @property
    def rows(self) -> list[list[Any]]:
        """The bound fields as they are laid out; optional ones are marked."""
        return [[self[name] for name in row if name in self.fields] for row in self.ROWS]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("forget_key") and cleaned.get("api_key"):
            self.add_error("forget_key", "Either a new key, or none.")
        return cleaned

    def values(self) -> dict[str, Any]:
        """Without what has a verb of its own, and without a key that stays."""
        values = {name: self.cleaned_data[name] for name in self.PLAIN if name in self.fields}
        if self.cleaned_data.get("api_key") or self.cleaned_data.get("forget_key"):
            values["api_key"] = self.cleaned_data["api_key"]
        return values
