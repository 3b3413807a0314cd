"""What is said about answers: assessments by programs, ratings by people."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models, transaction
from django.utils import timezone

from spaces import audit
from spaces.actors import Actor
from spaces.models import Contact, User
from spaces.models.base import Resource
from spaces.models.integrity import domain_errors
from spaces_project.kit import ids, limits
from spaces_project.kit.tenancy import SET_NULL, TenantForeignKey, TenantModel, TenantQuerySet, or_nothing
from spaces_project.kit.values import NameField, TextField

from .chats import Chat
from .messages import Message


class Assessment(TenantModel):
    """The finding of a check on one message; one of each type."""

    class Type(models.TextChoices):
        HALLUCINATION = "HALLUCINATION", "Grounding"
        COMPLIANCE = "COMPLIANCE", "Compliance"

    class Status(models.TextChoices):
        PENDING = "PENDING", "Pending"
        DONE = "DONE", "Done"
        ERROR = "ERROR", "Error"

    class Label(models.TextChoices):
        RED = "RED", "Red"
        YELLOW = "YELLOW", "Yellow"
        GREEN = "GREEN", "Green"

    AUDIT_VALUES = frozenset({"type", "status", "label", "is_visible"})

    message = TenantForeignKey(Message, related_name="assessments", db_index=False)
    type = models.CharField(max_length=13, choices=Type)
    status = models.CharField(max_length=7, choices=Status)
    label = models.CharField(max_length=6, choices=Label, blank=True)
    title = NameField(max_length=limits.NAME_CHARS, blank=True)
    explanation = TextField(max_length=limits.DESCRIPTION_CHARS, blank=True)
    is_visible = models.BooleanField(default=True)
    created_by = models.UUIDField(null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[Any] = TenantQuerySet["Assessment"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "message", "type"], name="chats_assessment_once")]

    def __str__(self) -> str:
        return self.title or self.get_type_display()

    @classmethod
    def record(cls, by: Actor, message: Message, type: str, **fields: Any) -> Assessment:
        """The assessment of this type with these fields: made, or changed when there is one already.

        Raises ValidationError on a field.
        """
        with domain_errors(), transaction.atomic():
            Message.objects.of(message.account_id).select_for_update(no_key=True).get(pk=message.pk)
            found = cls.objects.of(message.account_id).filter(message=message, type=type).first()
            made = found or cls(account_id=message.account_id, message=message, type=type, created_by=_who(by))
            changes = audit.assign(made, fields)
            made.clean_fields()
            if changes or found is None:
                made.updated_at = timezone.now()
                made.save(force_insert=found is None, force_update=found is not None)
                audit.record(by, "assessment.update" if found else "assessment.create", made, changes)
        return made


class RatingQuerySet(TenantQuerySet["Rating"]):
    def for_contact(self, contact: Contact) -> Any:
        return self.filter(contact=contact)

    def up(self) -> Any:
        return self.filter(value__gt=0)

    def down(self) -> Any:
        return self.filter(value__lt=0)


class Rating(Resource):
    """A person's vote on a chat, or on one message of it: -100 to 100, with a reason. One per rater and thing.

    ``user`` is who voted (or whose API key did), ``contact`` whom the chat is held with.
    """

    AUDIT_NAME = False
    AUDIT_VALUES = frozenset({"value"})

    chat = TenantForeignKey(Chat, related_name="ratings", db_index=False)
    message = TenantForeignKey(Message, related_name="ratings", null=True, blank=True)
    contact = TenantForeignKey(Contact, SET_NULL, related_name="ratings", null=True, blank=True, db_index=False)
    user = TenantForeignKey(User, SET_NULL, related_name="ratings", null=True, blank=True)
    value = models.SmallIntegerField()
    reason = TextField(max_length=limits.DESCRIPTION_CHARS, blank=True)

    objects: ClassVar[Any] = RatingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "account", "chat", or_nothing("message"), or_nothing("user"), name="chats_rating_once"
            ),
            models.CheckConstraint(
                condition=models.Q(value__gte=-100, value__lte=100) & ~models.Q(value=0), name="chats_rating_value"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "contact", "created_at", "id"], name="chats_rating_contact"),
            models.Index(fields=["account", "value", "created_at", "id"], name="chats_rating_value_ix"),
        ]

    def __str__(self) -> str:
        return f"{self.value:+d}"

    @property
    def wire_id(self) -> str:
        return ids.encode(ids.Prefix.RATING, self.pk)

    @classmethod
    def vote(cls, by: Actor, chat: Chat, message: Message | None, value: int, reason: str = "") -> Rating:
        """Rate the chat, or a message of it; a second vote of the same person takes the place of the first."""
        with domain_errors(), transaction.atomic():
            Chat.objects.of(chat.account_id).select_for_update(no_key=True).get(pk=chat.pk)
            known = cls.objects.of(chat.account_id).filter(chat=chat, message=message, user=by.user).first()
            if known is not None:
                known.change(by, value=value, reason=reason)
                return known
            fields = {"chat": chat, "message": message, "contact_id": chat.contact_id, "user": by.user}
            made = cls.new(by, {"account_id": chat.account_id, **fields, "value": value, "reason": reason})
            made.insert(by, {"value": value})
        return made

    @classmethod
    def withdraw(cls, by: Actor, chat: Chat, message: Message | None) -> bool:
        """Take one's vote back; says whether there was one."""
        with transaction.atomic():
            mine = cls.objects.of(chat.account_id).filter(chat=chat, message=message, user=by.user).first()
            if mine is not None:
                audit.record(by, "rating.delete", mine)  # before: a row that is deleted has no id any more
                mine.delete()
        return mine is not None

    def remove(self, by: Actor) -> None:
        """Delete the rating."""
        with transaction.atomic():
            gone, _ = type(self).objects.filter(account=self.account_id, pk=self.pk).delete()
            if gone:
                audit.record(by, "rating.delete", self)


def _who(by: Actor) -> Any:
    return by.user.pk if by.user else None
