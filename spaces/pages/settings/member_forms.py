"""The forms of members: who they are, what role they have, and who takes over their spaces."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from spaces.models import Account, User
from spaces.models.users import Role
from spaces.pages.forms import MetaField
from spaces_project.kit import limits
from spaces_project.kit.values import check_name

ROLE_WORDS = {
    Role.ADMINISTRATOR: "Everything in the account: members, groups, all spaces and contacts.",
    Role.ANALYST: "Reads and exports everything, changes nothing.",
    Role.MEMBER: "Makes spaces, and uses those that are shared with him.",
}
TAKEN = "This user name is taken."


def _text(chars: int, **kwargs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(max_length=chars, validators=[check_name], widget=widget, **kwargs)


class ProfileForm(forms.Form):
    """What everybody may change of himself."""

    name = _text(limits.NAME_CHARS, required=False, help_text="How others see you. Empty: your user name.")
    email = forms.EmailField(required=False, max_length=254, label="E-mail", widget=forms.EmailInput)

    def take(self, error: ValidationError) -> None:
        """What a model refused, beside the field it is about; a broken rule about several fields stands on top."""
        for name, messages in getattr(error, "message_dict", {None: error.messages}).items():
            if messages == [TAKEN] and "username" in self.fields:
                self.add_error("username", TAKEN)
            else:
                self.add_error(name if name in self.fields else None, messages)


class MemberForm(ProfileForm):
    """What an administrator may set of a member; ``member`` is None for a new one."""

    username = _text(150, label="User name", help_text="For signing in. Capitals do not matter.")
    role = forms.ChoiceField(
        choices=[(role.value, f"{role.label}: {words}") for role, words in ROLE_WORDS.items()],
        initial=Role.MEMBER,
        widget=forms.RadioSelect,
    )
    external_id = _text(
        255, required=False, label="External id", help_text="The id this person has in another system, for programs."
    )

    meta = MetaField(
        label="Attributes",
        required=False,
        help_text="A JSON object. Rules may ask for it as <userMetadata.name>; only administrators see it.",
    )

    field_order = ("username", "name", "email", "role", "external_id", "meta")

    def __init__(self, data: Any = None, *, account: Account, member: User | None = None) -> None:
        self.account, self.member = account, member
        initial = {name: getattr(member, name) for name in self.field_order} if member else None
        super().__init__(data, initial=initial)
        self.fields["name"].help_text = "How others see this person. Empty: the user name."

    def clean_external_id(self) -> str:
        text: str = self.cleaned_data["external_id"]
        others = User.objects.of(self.account).exclude(pk=self.member.pk if self.member else None)
        if text and others.filter(external_id=text).exists():
            raise ValidationError("Another member has this external id.")
        return text


class TransferForm(forms.Form):
    """Who takes over the spaces of a member who leaves; empty: he stays their owner."""

    owner = forms.CharField(
        required=False,
        max_length=150,
        label="New owner of these spaces",
        help_text="A user name. Empty: the spaces stay with this member, and administrators manage them.",
        widget=forms.TextInput(attrs={"list": "user-names", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, data: Any = None, *, member: User) -> None:
        super().__init__(data)
        self.candidates = User.objects.filter(account=member.account_id).active().exclude(pk=member.pk)

    def clean_owner(self) -> User | None:
        name = self.cleaned_data["owner"].strip()
        owner = self.candidates.named(name).first() if name else None
        if name and owner is None:
            raise ValidationError(f"There is no other active user “{name}” in this account.")
        return owner
