from __future__ import annotations

from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import models
from django.utils import timezone

from spaces_project.kit.ids import new_id
from spaces_project.kit.tenancy import AccountField, TenantQuerySet


class AuditQuerySet(TenantQuerySet["AuditEntry"]):
    def about(self, object_id: UUID) -> Self:
        return self.filter(object_id=object_id)


class AuditEntry(models.Model):
    """What happened: written in the transaction of the change, never changed (a trigger refuses)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = AccountField(related_name="audit_entries", null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    actor_id = models.UUIDField(null=True, blank=True)
    actor_name = models.CharField(max_length=255)
    api_key_id = models.UUIDField(null=True, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    operation = models.CharField(max_length=64)
    object_type = models.CharField(max_length=32)
    object_id = models.UUIDField(null=True, blank=True)
    object_name = models.CharField(max_length=255, blank=True)
    changes = models.JSONField(
        default=dict,
        help_text="Changed fields: name to [before, after], or to null where content is not kept.",
    )

    objects: ClassVar[Any] = AuditQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["account", "created_at", "id"], name="spaces_audit_newest"),
            models.Index(fields=["account", "object_id", "created_at", "id"], name="spaces_audit_object"),
            models.Index(fields=["account", "actor_id", "created_at", "id"], name="spaces_audit_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.object_name}"
