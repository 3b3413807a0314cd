"""The forms of memories: files, a written text, the settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from memories.models import Memory
from spaces.actors import Actor
from spaces.pages.editing import RowForm
from spaces.pages.forms import ContactField, KeptContactField, MetaField
from spaces_project.kit import limits
from spaces_project.kit.values import check_name, check_text

from .chunking_form import ChunkingFields
from .fields import UploadSpace

ACCEPTED = ".pdf,.docx,.txt,.md,.html,.htm,.csv,.json,text/*,application/pdf,application/json"
QUIET = {"autocomplete": "off"}


class FilesWidget(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files; none is said by the view, which also knows those that were too large."""

    widget = FilesWidget(attrs={"multiple": True, "accept": ACCEPTED})

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        found = data if isinstance(data, list | tuple) else [data]
        return [file for file in found if file]


def _title() -> forms.CharField:
    return forms.CharField(
        required=False,
        max_length=limits.NAME_CHARS,
        validators=[check_name],
        label="Title",
        help_text="Empty: the name of the file.",
        widget=forms.TextInput(attrs=QUIET),
    )


class UploadForm(forms.Form):
    """Files, where they go, and whom they are about."""

    files = FilesField(label="Files", required=False)  # type: ignore[assignment]
    name = _title()

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["space"] = UploadSpace(actor=actor, help_text="Answers in this space may use them.")
        self.fields["contact"] = ContactField(actor=actor, help_text="Id, e-mail or alias of whom they are about.")
        self.order_fields(["space", "files", "name", "contact"])


class WriteForm(RowForm):
    """A text that becomes a memory."""

    unique = refused = "space"

    text = forms.CharField(
        strip=False,
        max_length=limits.STRING_BYTES,
        validators=[check_text],
        widget=forms.Textarea(attrs={"rows": 10}),
    )
    name = _title()

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = "Empty: none. Programs see it too."
        self.fields["space"] = UploadSpace(actor=actor)
        self.fields["contact"] = ContactField(actor=actor, help_text="Id, e-mail or alias of whom it is about.")
        self.order_fields(["space", "name", "text", "contact"])

    def clean_text(self) -> str:
        return plain(self.cleaned_data["text"])


class TextForm(forms.Form):
    """The text of a memory, to be edited."""

    text = WriteForm.base_fields["text"]

    def clean_text(self) -> str:
        return plain(self.cleaned_data["text"])


class SettingsForm(RowForm, ChunkingFields):
    """What one may change of a memory without another file."""

    name = forms.CharField(
        required=False,
        max_length=limits.NAME_CHARS,
        validators=[check_name],
        label="Title",
        widget=forms.TextInput(attrs=QUIET),
    )
    description = forms.CharField(
        required=False,
        max_length=limits.DESCRIPTION_CHARS,
        validators=[check_text],
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    meta = MetaField(
        required=False, label="Metadata", help_text="A JSON object. Searches can be limited by what is in it."
    )
    default_kind = "As its space"

    def __init__(self, data: Any = None, *, actor: Actor, memory: Memory, **kwargs: Any) -> None:
        initial = {name: getattr(memory, name) for name in ("name", "description", "meta")}
        initial["contact"] = memory.contact.wire_id if memory.contact else ""
        super().__init__(data, stored=memory.chunking, initial=initial, **kwargs)
        self.fields["contact"] = KeptContactField(actor=actor, own=memory.contact, help_text="Id, e-mail or alias.")

    def values(self) -> dict[str, Any]:
        plain_fields = {name: self.cleaned_data[name] for name in ("name", "contact", "description", "meta")}
        return {**plain_fields, "chunking": self.chunking()}

    def called(self, name: str) -> str:
        return "Chunking" if name == "chunking" else super().called(name)


class MoveForm(forms.Form):
    """Another space for a memory."""

    def __init__(self, data: Any = None, *, actor: Actor, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["space"] = UploadSpace(actor=actor, label="To the space")


def plain(text: str) -> str:
    """With one kind of line end; something must be in it. Raises ValidationError."""
    text = text.replace("\r\n", "\n")
    if not text.strip():
        raise ValidationError("Write something.")
    return text
