from __future__ import annotations

import secrets
from typing import Any, ClassVar

import phonenumbers
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.core.validators import MinLengthValidator
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Lower
from django.utils import timezone

from spaces import audit, belongings
from spaces.actors import Actor
from spaces_project.kit import ids, limits
from spaces_project.kit.search import SearchColumn, SearchQuerySet, search_manager
from spaces_project.kit.values import NameField, TextField

from .accounts import Account
from .base import Resource, alias_field
from .integrity import constraint_of, meaning

DEFAULT_REGION = "US"


def new_fingerprint() -> str:
    return secrets.token_hex(16)


def normal_phone(text: str) -> str:
    """The number in E.164, read as a US number when it names no country; raises ValidationError."""
    if not text:
        return ""
    try:
        number = phonenumbers.parse(text, DEFAULT_REGION)
    except phonenumbers.NumberParseException as error:
        raise ValidationError("Not a telephone number.", code="phone") from error
    if not phonenumbers.is_possible_number(number):
        raise ValidationError("Not a telephone number.", code="phone")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def checked_phone(text: str) -> str:
    """``normal_phone`` with the error on the field."""
    try:
        return normal_phone(text)
    except ValidationError as error:
        raise ValidationError({"phone": error.messages}) from error


class ContactQuerySet(SearchQuerySet["Contact"]):
    """Conditions of contacts; who may see which is in spaces/permissions.py."""


class Contact(Resource):
    """A person that chats are held with. Belongs to the account; a fingerprint names one contact in it."""

    AUDIT_NAME = False  # a person's name stays out of the audit

    alias = alias_field()
    fingerprint = NameField(
        max_length=limits.FINGERPRINT_CHARS,
        default=new_fingerprint,
        validators=[MinLengthValidator(limits.FINGERPRINT_MIN_CHARS, "Fingerprint is too short")],
    )
    email = models.EmailField(max_length=320, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    nick = NameField(max_length=limits.NAME_CHARS, blank=True)
    preferences = TextField(max_length=limits.PREFERENCES_CHARS, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    search = SearchColumn("name", "nick", "email", "phone", "description", "alias")

    objects: ClassVar[Any] = search_manager(ContactQuerySet)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "fingerprint"], name="spaces_contact_fingerprint"),
            models.UniqueConstraint(fields=["account", "alias"], name="spaces_contact_alias"),
        ]
        indexes = [
            models.Index(fields=["account", "created_at", "id"], name="spaces_contact_created"),
            models.Index(fields=["account", "updated_at", "id"], name="spaces_contact_updated"),
            models.Index(fields=["account", "created_by"], name="spaces_contact_made_by"),
            models.Index("account", Lower("name"), "id", name="spaces_contact_by_name"),
            models.Index("account", Lower("email"), name="spaces_contact_email"),
            GinIndex(fields=["meta"], opclasses=["jsonb_path_ops"], name="spaces_contact_meta"),
            GinIndex(fields=["search"], name="spaces_contact_search"),
        ]

    def __str__(self) -> str:
        return self.name or self.nick or self.email or "Unnamed contact"

    @property
    def wire_id(self) -> str:
        return ids.encode(ids.Prefix.CONTACT, self.pk)

    def clean(self) -> None:
        self.phone = checked_phone(self.phone)

    @classmethod
    def create(cls, by: Actor, account: Account, **fields: Any) -> tuple[Contact, bool]:
        """A new contact, or the one that has this fingerprint (then nothing is changed and False returned)."""
        contact = cls.new(by, {"account": account, **fields})
        try:
            contact.insert(by, fields)
        except IntegrityError as error:
            if constraint_of(error) != "spaces_contact_fingerprint":
                raise meaning(error) from error
            return cls.objects.of(account).get(fingerprint=contact.fingerprint), False
        return contact, True

    def change(self, by: Actor, *, merge_meta: dict[str, Any] | None = None, **fields: Any) -> bool:
        """As Resource.change; a telephone number is compared in its normal form."""
        if "phone" in fields:
            fields["phone"] = checked_phone(fields["phone"])
        return super().change(by, merge_meta=merge_meta, **fields)

    def remove(self, by: Actor) -> None:
        """Delete the contact; its spaces lose the link, which is written down for each of them, and for all that goes
        with it."""
        with transaction.atomic():
            # the contact first, so that no space can take it on while we let go of it
            locked = type(self).objects.select_for_update().filter(account=self.account_id, pk=self.pk).first()
            if locked is not None:
                locked._let_go(by)
                belongings.record_gone(by, [self.pk])
                locked.delete()
                audit.record(by, "contact.delete", self)

    def _let_go(self, by: Actor) -> None:
        spaces = list(self.spaces.select_for_update(no_key=True))
        if spaces:
            self.spaces.update(contact=None, updated_at=timezone.now(), updated_by=by.user.pk if by.user else None)
            lost = {"contact": [str(self.pk), None]}
            audit.record_many(by, "space.update", [(space, lost) for space in spaces])
