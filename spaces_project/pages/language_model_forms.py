"""The form of a language model."""

from __future__ import annotations

from typing import Any

from django import forms

from memories.models import LanguageModel, Provider
from spaces_project.kit import limits

from .remote_forms import RemoteForm, text_field

NUMBERS = ("temperature", "max_tokens", "max_context_length", "timeout_seconds")


class LanguageModelForm(RemoteForm):
    """``is_default`` has a verb of its own."""

    refused = "is_active"
    PLAIN = (*RemoteForm.PLAIN, *NUMBERS, "is_active")
    KEPT = ("is_default",)
    ROWS = (
        ("name", "provider_type"),
        ("endpoint_url",),
        ("model_identifier", "api_path"),
        ("api_key",),
        ("forget_key",),
        ("temperature", "max_tokens"),
        ("max_context_length", "timeout_seconds"),
        ("description",),
        ("labels",),
        ("is_active",),
        ("is_default",),
    )

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
    api_path = text_field(limits.NAME_CHARS, label="Path", initial="/chat/completions", attrs={"class": "mono"})
    is_active = forms.BooleanField(required=False, initial=True, label="In use", help_text="Off: it answers nobody.")
    is_default = forms.BooleanField(
        required=False, label="Default", help_text="It answers in every space, chat and message that names none."
    )

    def __init__(self, data: Any = None, *, model: LanguageModel | None = None) -> None:
        super().__init__(data, model=model)
        self.fields["provider_type"].choices = Provider.choices  # type: ignore[attr-defined]
        self.fields["name"].help_text = "How spaces and messages name it."
        self.fields["endpoint_url"].help_text = "The base URL, up to and without /chat/completions."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("is_default") and not cleaned.get("is_active"):
            self.add_error("is_active", "The default has to be in use.")
        return cleaned
