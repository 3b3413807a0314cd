"""The form of an assistant: how a space answers, in groups; and the rows that hang on it, each a small form."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from chats.models import Assistant
from chats.models.assistants import check_list, check_object
from spaces.pages.editing import RowForm
from spaces.pages.forms import read_json
from spaces_project.kit import limits
from spaces_project.kit.egress import Refused, origin
from spaces_project.kit.sealed import check_secret
from spaces_project.kit.values import check_name, check_text


class JsonField(forms.CharField):
    """JSON in a text box; empty is ``empty``. An error names the line and the column, or what the check says."""

    def __init__(self, *, check: Callable[[Any], None], empty: Any = None, rows: int = 3, **kwargs: Any) -> None:
        self.check, self.empty = check, empty
        attrs = {"rows": rows, "class": "mono", "spellcheck": "false"}
        super().__init__(required=kwargs.pop("required", False), widget=forms.Textarea(attrs=attrs), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str) or value in (None, [], {}):
            return value or ""
        return json.dumps(value, indent=2, ensure_ascii=False)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial).strip() != str(data or "").replace("\r\n", "\n").strip())

    def clean(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            if self.required:
                raise ValidationError("This field is required.")
            return self.empty() if callable(self.empty) else self.empty
        found = read_json(text)
        self.check(found)
        return found


class LinesField(JsonField):
    """A list of texts, one per line; a list that holds anything else is shown as the JSON it is."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(check=check_list, empty=list, **kwargs)
        self.widget.attrs.pop("class")

    def prepare_value(self, value: Any) -> Any:
        plain = isinstance(value, list) and all(
            isinstance(each, str) and each.strip() == each and "\n" not in each and each[:1] not in ("", "[")
            for each in value
        )
        return "\n".join(value) if plain else super().prepare_value(value)

    def clean(self, value: Any) -> Any:
        text = str(value or "").strip()
        check_text(text)
        if text.startswith("["):
            return super().clean(text)
        return [line.strip() for line in text.splitlines() if line.strip()]


def _line(label: str, help_text: str = "", **attrs: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", **attrs})
    return forms.CharField(
        required=False, max_length=limits.NAME_CHARS, validators=[check_name], label=label, help_text=help_text,
        widget=widget,
    )  # fmt: skip


class ParagraphsField(forms.CharField):
    """Text of several lines, with one kind of line end."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


def _text(label: str, most: int, help_text: str = "", rows: int = 3) -> ParagraphsField:
    widget = forms.Textarea(attrs={"rows": rows})
    return ParagraphsField(
        required=False, max_length=most, validators=[check_text], label=label, help_text=help_text, widget=widget
    )


def _tick(label: str, help_text: str = "") -> forms.BooleanField:
    return forms.BooleanField(required=False, label=label, help_text=help_text)


class AssistantForm(RowForm):
    """Every field of an assistant."""

    unseen = frozenset({"webhook_secret"})

    language_model = _line(
        "Language model",
        "A language model of this account. Empty: the account's default, or the built-in answers that quote.",
        list="model-names",
        spellcheck="false",
    )
    instructions = _text(
        "Instructions", limits.BACKSTORY_CHARS, "What a language model is told before every chat.", rows=5
    )
    internal_search = _tick("Folder files", "Answers may use folder files that the person who asks may read.")
    concurrency = forms.IntegerField(
        min_value=1,
        max_value=limits.ANSWERS_PER_SPACE_MOST,
        label="At the same time",
        help_text="Answers being written.",
    )
    is_external = _tick("An external system answers", "Answers wait until a program writes them through the API.")
    webhook_url = forms.CharField(
        required=False,
        max_length=limits.URL_CHARS,
        label="Webhook",
        help_text="Told of every question that waits.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )
    webhook_secret = forms.CharField(
        required=False,
        max_length=limits.NAME_CHARS,
        validators=[check_secret],
        label="Webhook secret",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    forget_secret = _tick("Forget the stored secret")

    title = _line("Title", "Who answers, in every transcript.")
    subtitle = _line("Subtitle")
    explanation = _text("Explanation", limits.DESCRIPTION_CHARS, "What a person reads before the first message.")
    alert = _text("Notice", limits.DESCRIPTION_CHARS, "Always above the box one writes in.", rows=2)
    input_placeholder = _line("Placeholder of the box")
    input_limit = forms.IntegerField(
        required=False, min_value=1, max_value=limits.MESSAGE_CHARS, label="Longest question", help_text="Characters."
    )
    goals = LinesField(label="Goals", help_text="One per line.")
    chat_upload = forms.ChoiceField(choices=Assistant.Upload, label="Files in chats")
    ui_type = forms.ChoiceField(choices=Assistant.UiType, label="Kind of interface", help_text="For Unique's clients.")
    is_pinned = _tick("Pinned", "For Unique's clients: at the top of their lists.")

    allow_model_switching = _tick("People may switch the model")
    switchable_language_models = LinesField(label="Models to choose from", help_text="One per line.")
    fallback_module = _line("Fallback module", "Answers when no module has a weight.")
    allow_end_user_space = _tick("People may make spaces like this one", "For Unique's clients.")
    is_sub_agent = _tick("Other spaces may ask this one")
    sub_agent_settings = JsonField(check=check_object, label="Settings as a sub-agent", help_text="A JSON object.")
    settings = JsonField(
        check=check_object, label="Other settings", help_text="A JSON object, kept for programs.", rows=5
    )

    GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
        ("answers", "Who answers", ("language_model", "concurrency", "instructions", "internal_search")),
        ("external", "External system", ("is_external", "webhook_url", "webhook_secret", "forget_secret")),
        (
            "face",
            "How it introduces itself",
            (
                *("title", "subtitle", "explanation", "alert", "input_placeholder", "input_limit", "goals"),
                *("chat_upload", "ui_type", "is_pinned"),
            ),
        ),
        ("models", "Choice of models", ("allow_model_switching", "switchable_language_models")),
        (
            "programs",
            "For programs",
            ("fallback_module", "allow_end_user_space", "is_sub_agent", "sub_agent_settings", "settings"),
        ),
    )

    def __init__(self, data: Any = None, *, assistant: Assistant, **kwargs: Any) -> None:
        names = [name for name in self.base_fields if name not in ("webhook_secret", "forget_secret")]
        super().__init__(data, initial={name: getattr(assistant, name) for name in names}, **kwargs)
        self.assistant = assistant
        if assistant.webhook_secret:
            self.fields["webhook_secret"].help_text = "One is stored. Empty: it stays."
        else:
            self.fields["webhook_secret"].help_text = "Signs what is sent to the webhook."
            del self.fields["forget_secret"]

    def clean_webhook_url(self) -> str:
        url: str = self.cleaned_data["webhook_url"].strip()
        try:
            if url:
                origin(url)
        except Refused as error:
            raise ValidationError(str(error)) from error
        return url

    def clean_fallback_module(self) -> str:
        default = Assistant._meta.get_field("fallback_module").get_default()
        return str(self.cleaned_data["fallback_module"] or default)

    def groups(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """Slug, title and fields of each group, as the page shows them."""
        return [
            (slug, title, [self[name] for name in names if name in self.fields]) for slug, title, names in self.GROUPS
        ]

    def values(self) -> dict[str, Any]:
        """The fields as typed; the secret only when it is set anew, or forgotten."""
        values = dict(self.cleaned_data)
        secret, forget = values.pop("webhook_secret", ""), values.pop("forget_secret", False)
        return values | ({"webhook_secret": secret} if secret or forget else {})

    def said(self, value: Any) -> str:
        if value in (None, "", [], {}):
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
