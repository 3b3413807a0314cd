"""The form of a language model. Its key goes in and never comes out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from memories.models import LanguageModel, Provider
from spaces.pages.forms import LabelsField
from spaces_project.kit import limits
from spaces_project.kit.sealed import MASK, check_secret
from spaces_project.kit.values import check_name, check_text

PLAIN = ("name", "provider_type", "endpoint_url", "api_path", "model_identifier", "description", "labels")
NUMBERS = ("temperature", "max_tokens", "max_context_length", "timeout_seconds")
QUIET = {"autocomplete": "off", "spellcheck": "false"}


def _text(chars: int, **kwargs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={**QUIET, **kwargs.pop("attrs", {})})
    return forms.CharField(max_length=chars, validators=[check_name], widget=widget, **kwargs)


class LanguageModelForm(forms.Form):
    """What an administrator may set. ``values()`` is what LanguageModel.create and change take."""

    name = _text(limits.NAME_CHARS, help_text="How spaces and messages name it.")
    provider_type = forms.ChoiceField(choices=Provider.choices, label="Server")
    endpoint_url = _text(
        limits.EGRESS_URL_CHARS,
        label="Address",
        help_text="The base URL, up to and without /chat/completions.",
        attrs={"placeholder": "https://api.example.com/v1", "class": "mono"},
    )
    api_path = _text(limits.NAME_CHARS, label="Path", initial="/chat/completions", attrs={"class": "mono"})
    model_identifier = _text(
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
    temperature = forms.FloatField(
        required=False, min_value=0, max_value=2, help_text="0 to 2. Empty: the server's own.", widget=forms.TextInput
    )
    max_tokens = forms.IntegerField(
        required=False, min_value=1, max_value=10_000_000, label="Longest answer", help_text="In tokens."
    )
    max_context_length = forms.IntegerField(
        required=False,
        min_value=256,
        max_value=100_000_000,
        label="Context",
        help_text="Tokens of question and answer together; older turns of a chat are left out to fit.",
    )
    timeout_seconds = forms.IntegerField(
        min_value=1, max_value=limits.ANSWER_SECONDS, initial=limits.MODEL_SECONDS, label="Time limit in seconds"
    )
    description = forms.CharField(
        required=False,
        max_length=limits.DESCRIPTION_CHARS,
        validators=[check_text],
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    labels = LabelsField(required=False)
    is_active = forms.BooleanField(required=False, initial=True, label="In use", help_text="Off: it answers nobody.")
    is_default = forms.BooleanField(
        required=False, label="Default", help_text="It answers in every space, chat and message that names none."
    )

    def __init__(self, data: Any = None, *, model: LanguageModel | None = None) -> None:
        kept = (*PLAIN, *NUMBERS, "is_active", "is_default")
        super().__init__(data, initial={name: getattr(model, name) for name in kept} if model else None)
        if model and model.api_key:
            self.fields["api_key"].widget.attrs["placeholder"] = MASK
            self.fields[
                "api_key"
            ].help_text = "One is stored, encrypted. Empty: it stays, unless the address leads to another server."
        else:
            del self.fields["forget_key"]
            self.fields["api_key"].help_text = "Stored encrypted, and never shown again. Empty: none is sent."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("is_default") and not cleaned.get("is_active"):
            self.add_error("is_active", "The default has to be in use.")
        if cleaned.get("forget_key") and cleaned.get("api_key"):
            self.add_error("forget_key", "Either a new key, or none.")
        return cleaned

    def values(self) -> dict[str, Any]:
        """Without ``is_default``, which has a verb of its own, and without a key that stays."""
        values = {name: self.cleaned_data[name] for name in (*PLAIN, *NUMBERS, "is_active")}
        if self.cleaned_data["api_key"] or self.cleaned_data.get("forget_key"):
            values["api_key"] = self.cleaned_data["api_key"]
        return values

    def take(self, error: ValidationError) -> None:
        """What a model refused, beside the field it is about."""
        for name, messages in getattr(error, "message_dict", {None: error.messages}).items():
            self.add_error(name if name in self.fields else None, messages)
