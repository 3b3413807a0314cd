"""Webhooks: addresses that are told what happens, and a log of everything they were told."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from spaces import audit
from spaces.actors import Actor
from spaces.errors import Conflict
from spaces_project.kit import ids, limits
from spaces_project.kit.egress import Refused, origin
from spaces_project.kit.sealed import SealedField
from spaces_project.kit.tenancy import TenantForeignKey, TenantModel, TenantQuerySet
from spaces_project.kit.values import NameField, TextField

from .accounts import Account
from .integrity import domain_errors
from .spaces import Space

SECRET_PREFIX = "whsec_"  # noqa: S105 (how every secret begins)
TEST = "spaces.webhook.test"
EVENT_CHARS = 64


class Event(models.TextChoices):
    """What subscribers can be told; the names are Unique's."""

    ASKED = "unique.chat.user-message.created", "A question was asked"
    CHOSEN = "unique.chat.external-module.chosen", "An external system is to answer"
    UPLOADED = "unique.ingestion.content.uploaded", "A file was uploaded"
    FINISHED = "unique.ingestion.content.finished", "A file was ingested, or failed for good"


class DeliveryState(models.TextChoices):
    """What became of a delivery; the first two are not the end of it."""

    WAITING = "waiting", "Waiting"
    AGAIN = "again", "To be tried again"
    DELIVERED = "delivered", "Delivered"
    GIVEN_UP = "given_up", "Given up"
    DROPPED = "dropped", "Not sent"


DUE = (DeliveryState.WAITING, DeliveryState.AGAIN)


def new_secret() -> str:
    """256 random bits, with a beginning that says what they are."""
    return SECRET_PREFIX + secrets.token_urlsafe(32)


class WebhookQuerySet(TenantQuerySet["Webhook"]):
    def wanting(self, event: str, space: UUID | None) -> Self:
        """Those that are to be told of this event, of this space or of none."""
        about = models.Q(space=None) | models.Q(space=space) if space else models.Q(space=None)
        return self.filter(about, is_active=True, events__contains=[event])


class Webhook(TenantModel):
    """One address of another system, what it is told of, and the secret that signs it.

    ``space`` narrows it to what happens there. ``failing_since`` is the first try of an unbroken row of failures: it is
    shown, and nothing is switched off because of it.
    """

    AUDIT_VALUES = frozenset({"name", "events", "space", "is_active"})

    name = NameField(max_length=limits.NAME_CHARS)
    url = TextField("address", max_length=limits.URL_CHARS)
    secret = SealedField(help_text="Signs what is sent.")
    events = ArrayField(models.CharField(max_length=EVENT_CHARS, choices=Event))
    space = TenantForeignKey(Space, related_name="webhooks", null=True, blank=True)
    is_active = models.BooleanField("active", default=True)
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.UUIDField(null=True, blank=True, editable=False)
    updated_by = models.UUIDField(null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[Any] = WebhookQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["account", "created_at", "id"], name="spaces_webhook_newest")]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def wire_id(self) -> str:
        return ids.encode(ids.Prefix.WEBHOOK, self.pk)

    @classmethod
    def create(cls, by: Actor, account: Account, pk: UUID | None = None, **fields: Any) -> tuple[Webhook, str]:
        """A new webhook and its secret, which nobody is shown again.

        Raises ValidationError on a field, Conflict when the account has WEBHOOKS of them, AlreadyExists when there is
        one with this ``pk``: a form that chooses the id beforehand cannot be sent twice.
        """
        if cls.objects.of(account).count() >= limits.WEBHOOKS:
            raise Conflict(f"An account may have {limits.WEBHOOKS} webhooks.")
        who, secret = by.user.pk if by.user else None, new_secret()
        webhook = cls(account=account, created_by=who, updated_by=who, secret=secret, **fields)
        webhook.pk = pk or webhook.pk
        webhook.clean_fields()
        given = {name: audit.kept(webhook, name, None, getattr(webhook, _attname(name))) for name in fields}
        with domain_errors(), transaction.atomic():
            webhook.save(force_insert=True)
            audit.record(by, "webhook.create", webhook, given)
        return webhook, secret

    def clean_fields(self, exclude: Any = None) -> None:
        """As Django's; events once each, and an address that may be called as far as its text tells."""
        self.events = sorted(set(self.events or ()))
        super().clean_fields(exclude)
        try:
            origin(self.url)
        except Refused as error:
            raise ValidationError({"url": str(error)}) from error

    def change(self, by: Actor, **fields: Any) -> bool:
        """Set the given fields; says whether anything changed. Raises ValidationError on a field."""
        with domain_errors(), transaction.atomic():
            current = type(self).objects.of(self.account_id).select_for_update(no_key=True).get(pk=self.pk)
            changes = audit.assign(current, fields)
            if changes:
                current.clean_fields()
                current._save(by, "webhook.update", changes)
            self.__dict__.update(current.__dict__)
        return bool(changes)

    def rotate(self, by: Actor) -> str:
        """A new secret in place of the old one, which signs nothing any more; returns it."""
        secret = new_secret()
        with transaction.atomic():
            self.secret = secret
            self._save(by, "webhook.update", {"secret": None})
        return secret

    def remove(self, by: Actor) -> None:
        """Delete it with its part of the log; what still was to be delivered is not."""
        with transaction.atomic():
            gone, _ = type(self).objects.of(self.account_id).filter(pk=self.pk).delete()
            if gone:
                audit.record(by, "webhook.delete", self)

    def _save(self, by: Actor, operation: str, changes: audit.Changes) -> None:
        self.updated_at, self.updated_by = timezone.now(), by.user.pk if by.user else None
        names = {"updated_at", "updated_by", *changes}
        self.save(update_fields=names)
        audit.record(by, operation, self, changes)


def _attname(name: str) -> str:
    return "space_id" if name == "space" else name


class DeliveryQuerySet(TenantQuerySet["WebhookDelivery"]):
    def due(self) -> Self:
        """Those that have not come to an end."""
        return self.filter(state__in=DUE)


class WebhookDelivery(TenantModel):
    """One event on its way to one address, and what came of it.

    Without a ``webhook`` it goes to the address that the space itself names for who answers there. ``event_id`` is the
    same for every try, every subscriber and every redelivery of one event, ``subject_id`` is what the event is about
    (a memory, the answer to a question). ``body`` is what is signed and sent; the database empties it when the message
    that it tells of is deleted (chats/migrations/0003). ``tries`` holds one object per try: at
    (ISO time), status (null when there was no answer), milliseconds, said. ``is_by_hand``: somebody pressed a button;
    such a one is tried once.
    """

    AUDIT_VALUES = frozenset({"event", "webhook"})

    webhook = TenantForeignKey(Webhook, related_name="deliveries", null=True, blank=True, db_index=False)
    space = TenantForeignKey(Space, related_name="webhook_deliveries", null=True, blank=True, db_index=False)
    event = models.CharField(max_length=EVENT_CHARS)
    event_id = models.CharField(max_length=32)
    subject_id = models.UUIDField(null=True, blank=True)
    user_id = models.UUIDField(null=True, blank=True)
    body = models.TextField()
    is_by_hand = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=DeliveryState, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    url = models.TextField("last address", blank=True)
    headers = models.JSONField("last headers", default=dict, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    response = models.TextField(blank=True)
    said = models.TextField(blank=True, help_text="Why it was not taken, in a sentence.")
    tries = models.JSONField(default=list, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[Any] = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = "webhook delivery"
        verbose_name_plural = "webhook deliveries"
        indexes = [
            models.Index(fields=["account", "created_at", "id"], name="spaces_delivery_newest"),
            models.Index(fields=["account", "webhook", "created_at", "id"], name="spaces_delivery_of_webhook"),
            models.Index(fields=["account", "space", "created_at", "id"], name="spaces_delivery_of_space"),
            models.Index(fields=["account", "event_id"], name="spaces_delivery_of_event"),
            models.Index(fields=["account", "subject_id"], name="spaces_delivery_of_subject"),
            models.Index(fields=["next_at"], condition=models.Q(state__in=DUE), name="spaces_delivery_due"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.event_id}"

    @property
    def is_due(self) -> bool:
        return self.state in DUE
