"""The forms of spaces: what was typed is kept, and every error says where and what."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from spaces.actors import Actor
from spaces.models import Contact, Group, Space, User
from spaces.models.access import AccessLevel
from spaces.permissions import visible_contacts
from spaces_project.kit import limits
from spaces_project.kit.ids import InvalidId, decode_any
from spaces_project.kit.values import check_labels, check_meta, check_name, check_text

from .editing import RowForm
from .sentences import FIELDS


class LabelsWidget(forms.Widget):
    """Rows of a key and a value; two empty ones at the end, more with JavaScript."""

    template_name = "widgets/labels.html"
    SPARE = 2

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[tuple[str, str]]:
        if not isinstance(data, QueryDict):
            return list(data.get(name, {}).items())
        return list(zip(data.getlist(f"{name}_key"), data.getlist(f"{name}_value"), strict=False))

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        typed = value.items() if isinstance(value, dict) else value or []
        pairs = [pair for pair in typed if any(pair)]
        context["rows"] = [*pairs, *[("", "")] * self.SPARE]
        return context

    def _render(self, template_name: str, context: Any, renderer: Any = None) -> SafeString:
        return mark_safe(render_to_string(template_name, context))  # noqa: S308 (our own template, which escapes)

    def id_for_label(self, id_: str | None, index: str | None = None) -> str:
        return f"{id_}_0"

    def use_required_attribute(self, initial: Any) -> bool:
        return False


class LabelsField(forms.Field):
    """A map of strings; rows without key and value are left out."""

    widget = LabelsWidget

    def clean(self, value: Any) -> dict[str, str]:
        labels: dict[str, str] = {}
        for key, text in ((key.strip(), text.strip()) for key, text in value or []):
            if not key and text:
                raise ValidationError(f"The value “{text}” needs a key.")
            if key in labels:
                raise ValidationError(f"The key “{key}” is there twice.")
            if key:
                labels[key] = text
        check_labels(labels)
        return labels


class MetaField(forms.CharField):
    """A JSON object; an error names the line and the column."""

    widget = forms.Textarea(attrs={"rows": 8, "class": "mono", "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else json.dumps(value or {}, indent=2, ensure_ascii=False)

    def clean(self, value: Any) -> Any:
        meta = read_json(str(value or "").strip() or "{}")
        check_meta(meta)
        return meta


def read_json(text: str) -> Any:
    """What was typed as JSON; a ValidationError names the line and the column."""
    check_text(text)
    try:
        return json.loads(text, object_pairs_hook=_no_twins, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ValidationError(f"This is not JSON at {where}: {error.msg}.") from error
    except RecursionError as error:
        raise ValidationError(f"Nested deeper than {limits.META_DEPTH} levels.") from error
    except ValueError as error:
        raise ValidationError(str(error)) from error


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen = dict(pairs)
    if len(seen) != len(pairs):
        twice = next(key for key, _ in pairs if sum(key == other for other, _ in pairs) > 1)
        raise ValueError(f"The key “{twice}” is there twice.")
    return seen


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not a JSON number.")


class UserField(forms.CharField):
    """A user name of the account, with suggestions."""

    def __init__(self, *, actor: Actor, **kwargs: Any) -> None:
        self.users = User.objects.of(actor.account).active()
        super().__init__(max_length=150, **kwargs)

    def clean(self, value: Any) -> Any:
        name = super().clean(value).strip()
        user = self.users.named(name).first() if name else None
        if name and user is None:
            raise ValidationError(f"There is no active user “{name}” in this account.")
        return user


class ContactField(forms.CharField):
    """A contact by its id (any dialect), e-mail, alias or fingerprint; empty for none."""

    def __init__(self, *, actor: Actor, **kwargs: Any) -> None:
        self.contacts = visible_contacts(actor)
        super().__init__(max_length=320, required=False, **kwargs)

    def clean(self, value: Any) -> Contact | None:
        text = super().clean(value).strip()
        if not text:
            return None
        found = list(self._named(text)[:2])
        if not found:
            raise ValidationError("No contact has this id, e-mail, alias or fingerprint.")
        if len(found) > 1:
            raise ValidationError("Several contacts have this e-mail. Use the id of one.")
        contact: Contact = found[0]
        return contact

    def _named(self, text: str) -> Any:
        try:
            return self.contacts.filter(pk=decode_any(text))
        except InvalidId:
            pass
        for name in ("email__iexact", "alias", "fingerprint"):
            found = self.contacts.filter(**{name: text})
            if found.exists():
                return found
        return self.contacts.none()


class KeptContactField(ContactField):
    """A contact that this person may read; or the row's ``own``, as it is."""

    def __init__(self, *, own: Contact | None, **kwargs: Any) -> None:
        self.own = own
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Contact | None:
        return self.own if self.own and str(value or "").strip() == self.own.wire_id else super().clean(value)


class SpaceForm(RowForm):
    """Everything one may set of a space."""

    unique = "alias"

    name = forms.CharField(
        max_length=limits.NAME_CHARS, validators=[check_name], widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    description = forms.CharField(
        required=False,
        max_length=limits.DESCRIPTION_CHARS,
        validators=[check_text],
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    alias = forms.CharField(
        required=False,
        max_length=limits.ALIAS_CHARS,
        help_text="A short name for programs: they write @alias wherever an id goes.",
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
    )
    labels = LabelsField(required=False)
    public_read = forms.BooleanField(
        required=False, label="Public", help_text="Anyone may read this space through the API, without a key."
    )
    meta = MetaField(required=False, help_text="A JSON object of your own, kept with the space.")

    def __init__(self, data: Any = None, *, actor: Actor, space: Space | None = None, **kwargs: Any) -> None:
        super().__init__(data, initial=kwargs.pop("initial", None) or _initial(actor, space), **kwargs)
        self.fields["owner"] = UserField(actor=actor, help_text="A user name. The owner may do everything.")
        self.fields["contact"] = ContactField(actor=actor, help_text="Id, e-mail or alias of a contact.")
        self.fields["owner"].widget.attrs["list"] = "user-names"
        self.order_fields(["name", "description", "owner", "contact", "alias", "labels", "public_read", "meta"])
        if space is not None and space.is_default:
            del self.fields["name"], self.fields["alias"]

    def values(self) -> dict[str, Any]:
        cleaned = dict(self.cleaned_data)
        if "alias" in cleaned:
            cleaned["alias"] = cleaned["alias"] or None
        return {name: cleaned[name] for name in self.fields}

    def called(self, name: str) -> str:
        return FIELDS.get(name, name)

    def said(self, value: Any) -> str:
        if value in (None, "", {}):
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, dict):
            return ", ".join(f"{key} = {text}" for key, text in sorted(value.items()))
        return str(value.username if isinstance(value, User) else value)


def _initial(actor: Actor, space: Space | None) -> dict[str, Any]:
    if space is None:
        return {"owner": actor.user.username if actor.user else "", "meta": {}}
    contact = space.contact
    return {
        "name": space.name,
        "description": space.description,
        "alias": space.alias or "",
        "owner": space.owner.username,
        "contact": contact.wire_id if contact else "",
        "labels": space.labels,
        "public_read": space.public_read,
        "meta": space.meta,
    }


class GrantForm(forms.Form):
    """One user or one group gets a level. ``holder`` is ``user:name`` or ``group:name``."""

    holder = forms.ChoiceField(label="User or group")
    level = forms.ChoiceField(label="May", choices=AccessLevel.choices)

    def __init__(self, data: Any = None, *, actor: Actor, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        users = User.objects.of(actor.account).active().order_by("username")
        groups = Group.objects.filter(account=actor.account).order_by("name")
        self.holders: dict[str, User | Group] = {
            **{f"group:{group.pk}": group for group in groups},
            **{f"user:{user.pk}": user for user in users},
        }
        self.fields["holder"].choices = [("", "Choose…"), *self._groups("Groups", Group), *self._groups("Users", User)]  # type: ignore[attr-defined]

    def _groups(self, title: str, kind: type) -> list[tuple[str, list[tuple[str, str]]]]:
        found = [(key, str(holder)) for key, holder in self.holders.items() if isinstance(holder, kind)]
        return [(title, found)] if found else []

    def clean_holder(self) -> User | Group:
        return self.holders[self.cleaned_data["holder"]]
