"""The forms of chats: a new one, a message, the settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from chats.models import Assistant, Chat
from spaces.actors import Actor
from spaces.models import Space
from spaces.pages.editing import RowForm
from spaces.pages.forms import ContactField, KeptContactField, MetaField
from spaces.permissions import can, usable_spaces
from spaces_project.kit import limits
from spaces_project.kit.values import check_name, check_text

SPACES_OFFERED = 300


class SpaceChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A space that one may write in; a stranger's space is no choice."""

    def __init__(self, *, actor: Actor, **kwargs: Any) -> None:
        self.actor = actor
        spaces = usable_spaces(actor).filter(is_archived=False)
        super().__init__(spaces.defer("search", "meta", "description"), **kwargs)
        names = spaces.order_by("-is_default", "name").values_list("pk", "name", "is_default")
        offered = [(str(pk), "Unfiled" if is_default else name) for pk, name, is_default in names[:SPACES_OFFERED]]
        self.choices = [("", "Choose…"), *offered]

    def clean(self, value: Any) -> Space:
        space = super().clean(value)
        if space is not None and not can(self.actor, "space.use", space):
            raise ValidationError("You may read this space, but not write in it.")
        return space  # type: ignore[no-any-return]


class MessageField(forms.CharField):
    """What a person says: any text, with one kind of line end."""

    widget = forms.Textarea(attrs={"rows": 3})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, max_length=limits.MESSAGE_CHARS, validators=[check_text], **kwargs)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")

    def validate(self, value: str) -> None:
        super().validate(value.strip())


class ChatForm(forms.Form):
    """A new chat: where, and what to say first."""

    text = MessageField(required=False, label="First message")
    name = forms.CharField(
        required=False,
        max_length=limits.NAME_CHARS,
        validators=[check_name],
        label="Title",
        help_text="Empty: the first words of the message.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, actor: Actor, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["space"] = SpaceChoice(actor=actor, help_text="Its assistant answers, from its memories.")
        self.fields["contact"] = ContactField(actor=actor, help_text="Id, e-mail or alias of whom the chat is with.")
        self.order_fields(["space", "text", "name", "contact"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        space, text = cleaned.get("space"), cleaned.get("text", "")
        limit = Assistant.of(space).input_limit if space else None
        if limit is not None and len(text) > limit:
            self.add_error("text", f"At most {limit:,} characters in this space.")
        return cleaned


class SayForm(forms.Form):
    """One more message in a chat."""

    text = MessageField(label="Message")


class SettingsForm(RowForm):
    """What one may change of a chat."""

    name = forms.CharField(required=False, max_length=limits.NAME_CHARS, validators=[check_name], label="Title")
    description = forms.CharField(
        required=False,
        max_length=limits.DESCRIPTION_CHARS,
        validators=[check_text],
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    model = forms.CharField(
        required=False,
        max_length=limits.NAME_CHARS,
        validators=[check_name],
        label="Language model",
        help_text="Answers here with this one instead of the space's.",
        widget=forms.TextInput(attrs={"list": "model-names", "autocomplete": "off", "spellcheck": "false"}),
    )
    backstory = forms.CharField(
        required=False,
        max_length=limits.BACKSTORY_CHARS,
        validators=[check_text],
        help_text="What a language model is told before this chat, after the space's instructions.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    meta = MetaField(required=False, help_text="A JSON object of your own, kept with the chat.")

    def __init__(self, data: Any = None, *, actor: Actor, chat: Chat, **kwargs: Any) -> None:
        initial = {name: getattr(chat, name) for name in ("name", "description", "model", "backstory", "meta")}
        initial["contact"] = chat.contact.wire_id if chat.contact else ""
        super().__init__(data, initial=initial, **kwargs)
        self.fields["contact"] = KeptContactField(
            actor=actor, own=chat.contact, help_text="Id, e-mail or alias; empty: none."
        )
        self.order_fields(["name", "contact", "description", "model", "backstory", "meta"])


class MoveForm(forms.Form):
    """Another space for a chat."""

    def __init__(self, data: Any = None, *, actor: Actor, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["space"] = SpaceChoice(actor=actor, label="To the space")
