"""The form of a contact: what was typed is kept, and every error says where and what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MinLengthValidator
from django.utils import timezone

from spaces.models import Contact
from spaces.models.contacts import normal_phone
from spaces_project.kit import limits
from spaces_project.kit.values import check_name, check_text

from .editing import RowForm
from .forms import MetaField


def _line(chars: int, **kwargs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(required=False, max_length=chars, validators=[check_name], widget=widget, **kwargs)


def _text(chars: int, rows: int, **kwargs: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(required=False, max_length=chars, validators=[check_text], widget=widget, **kwargs)


class ContactForm(RowForm):
    """Everything one may set of a contact."""

    unique = "alias"
    unseen = frozenset({"verified_at"})

    name = _line(limits.NAME_CHARS)
    email = forms.EmailField(required=False, max_length=320, label="E-mail")
    phone = _line(64, help_text="With the country, such as +49 30 1234567. Kept in one form.")
    nick = _line(limits.NAME_CHARS, label="Nickname")
    verified = forms.BooleanField(required=False, help_text="Somebody has checked that this person is who it says.")
    alias = _line(limits.ALIAS_CHARS, help_text="A short name for programs: they write @alias wherever an id goes.")
    description = _text(limits.DESCRIPTION_CHARS, 3)
    preferences = _text(limits.PREFERENCES_CHARS, 3, help_text="What to keep in mind when answering this person.")
    meta = MetaField(required=False, help_text="A JSON object of your own, kept with the contact.")
    fingerprint = _line(
        limits.FINGERPRINT_CHARS,
        help_text="What programs recognise this person by. Empty: one is made. It cannot be changed later.",
    )

    def __init__(self, data: Any = None, *, contact: Contact | None = None) -> None:
        self.contact = contact
        super().__init__(data, initial=_initial(contact))
        if contact is not None:
            del self.fields["fingerprint"]
        else:
            too_short = f"At least {limits.FINGERPRINT_MIN_CHARS} characters, or leave it empty."
            self.fields["fingerprint"].validators.append(MinLengthValidator(limits.FINGERPRINT_MIN_CHARS, too_short))

    def clean_phone(self) -> str:
        return normal_phone(self.cleaned_data["phone"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not any(cleaned.get(name) for name in ("name", "email", "phone", "nick", "fingerprint")):
            self.add_error("name", "Give at least a name, an e-mail, a phone number or a nickname.")
        return cleaned

    def values(self) -> dict[str, Any]:
        cleaned = dict(self.cleaned_data)
        verified = cleaned.pop("verified")
        before = self.contact.verified_at if self.contact else None
        cleaned["verified_at"] = (before or timezone.now()) if verified else None
        cleaned["alias"] = cleaned["alias"] or None
        if not cleaned.get("fingerprint"):
            cleaned.pop("fingerprint", None)
        return cleaned

    def called(self, name: str) -> str:
        return name


def _initial(contact: Contact | None) -> dict[str, Any]:
    if contact is None:
        return {"meta": {}}
    names = ("name", "email", "phone", "nick", "description", "preferences", "meta")
    kept = {name: getattr(contact, name) for name in names}
    return {**kept, "alias": contact.alias or "", "verified": contact.verified_at is not None}
