"""What programs keep beside messages: the steps of an answer, and small memories of a chat."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models, transaction
from django.utils import timezone

from spaces import audit
from spaces.actors import Actor
from spaces.models import User
from spaces.models.integrity import domain_errors
from spaces_project.kit import ids, limits
from spaces_project.kit.tenancy import TenantForeignKey, TenantModel, TenantQuerySet, or_nothing
from spaces_project.kit.values import NameField, TextField

from .chats import Chat
from .messages import Message


class MessageLog(TenantModel):
    """One step that an answer went through, told while it is written."""

    class Status(models.TextChoices):
        RUNNING = "RUNNING", "Running"
        COMPLETED = "COMPLETED", "Completed"
        FAILED = "FAILED", "Failed"
        CANCELLED = "CANCELLED", "Cancelled"

    AUDIT_VALUES = frozenset({"status", "order"})

    message = TenantForeignKey(Message, related_name="logs", db_index=False)
    text = TextField(max_length=limits.DESCRIPTION_CHARS)
    status = models.CharField(max_length=9, choices=Status)
    order = models.IntegerField(default=0)
    details = models.JSONField(null=True, blank=True)
    references = models.JSONField(null=True, blank=True)
    uncited_references = models.JSONField(null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[Any] = TenantQuerySet["MessageLog"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["account", "message", "order"], name="chats_log_of")]

    def __str__(self) -> str:
        return f"Step {self.order}"

    @property
    def wire_id(self) -> str:
        return ids.encode(ids.Prefix.MESSAGE_LOG, self.pk)

    @classmethod
    def create(cls, by: Actor, message: Message, **fields: Any) -> MessageLog:
        """Raises ValidationError on a field."""
        log = cls(account_id=message.account_id, message=message, **fields)
        log.clean_fields()
        with domain_errors(), transaction.atomic():
            log.save(force_insert=True)
            audit.record(by, "message_log.create", log, {"status": [None, log.status]})
        return log

    def change(self, by: Actor, **fields: Any) -> bool:
        """Set the given fields; says whether anything changed. Raises ValidationError on a field."""
        changes = audit.assign(self, fields)
        if changes:
            self.clean_fields()
            self.updated_at = timezone.now()
            with domain_errors(), transaction.atomic():
                self.save(update_fields=[*changes, "updated_at"])
                audit.record(by, "message_log.update", self, changes)
        return bool(changes)


class ShortTermMemory(TenantModel):
    """A small text that a program keeps under a name, for a user, a chat or a message."""

    AUDIT_NAME = False

    user = TenantForeignKey(User, related_name="short_term_memories", null=True, blank=True)
    chat = TenantForeignKey(Chat, related_name="short_term_memories", null=True, blank=True)
    message = TenantForeignKey(Message, related_name="short_term_memories", null=True, blank=True)
    name = NameField(max_length=limits.NAME_CHARS)
    data = TextField(max_length=limits.SHORT_TERM_MEMORY_CHARS, blank=True)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[Any] = TenantQuerySet["ShortTermMemory"].as_manager()

    class Meta:
        verbose_name_plural = "short-term memories"
        constraints = [
            models.UniqueConstraint(
                "account",
                "name",
                or_nothing("user"),
                or_nothing("chat"),
                or_nothing("message"),
                name="chats_short_term_memory_once",
            )
        ]
        indexes = [models.Index(fields=["account", "name", "updated_at"], name="chats_short_term_newest")]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def wire_id(self) -> str:
        return ids.encode(ids.Prefix.SHORT_TERM_MEMORY, self.pk)

    @classmethod
    def keep(cls, by: Actor, name: str, data: str, chat: Chat | None, message: Message | None) -> ShortTermMemory:
        """Store ``data`` under this name, in place of what was there. Raises ValidationError on a field."""
        where: dict[str, Any] = {"user": by.user, "chat": chat, "message": message, "name": name}
        kept = cls(account=by.account, data=data, **where)
        kept.clean_fields()
        with domain_errors(), transaction.atomic():
            stored, made = cls.objects.update_or_create(
                account=by.account, **where, defaults={"data": data, "updated_at": timezone.now()}
            )
            audit.record(by, f"short_term_memory.{'create' if made else 'update'}", stored, {"data": None})
        return stored
