"""What came before a memory's file, and files on their way to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import models
from django.utils import timezone

from spaces_project.kit import ids, limits
from spaces_project.kit.tenancy import TenantForeignKey, TenantModel, TenantQuerySet

from .memories import Memory

NAMED_AT_ONCE = 1_000


class MemoryVersion(TenantModel):
    """A file that another one took the place of, with what the memory was called then; ``number`` counts from 1."""

    AUDIT_NAME = False

    memory = TenantForeignKey(Memory, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    reason = models.CharField(max_length=32)
    original = models.CharField(max_length=64)
    byte_size = models.BigIntegerField()
    mime_type = models.CharField(max_length=limits.MIME_TYPE_CHARS)
    key = models.CharField(max_length=limits.MEMORY_KEY_CHARS, blank=True)
    name = models.CharField(max_length=limits.NAME_CHARS, blank=True)
    description = models.TextField(blank=True)
    url = models.TextField(blank=True)
    written_at = models.DateTimeField(help_text="When this file came.")
    written_by = models.UUIDField(null=True)
    archived_by = models.UUIDField(null=True)

    objects: ClassVar[Any] = TenantQuerySet["MemoryVersion"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "memory", "number"], name="memories_version_number"),
        ]
        indexes = [models.Index(fields=["account", "original"], name="memories_version_original")]

    def __str__(self) -> str:
        return f"Version {self.number}"

    @property
    def wire_id(self) -> str:
        return ids.encode(ids.Prefix.VERSION, self.pk)


class Purpose(models.TextChoices):
    """What an upload is for."""

    ORIGINAL = "original", "The file"
    PREVIEW = "preview", "A PDF to look at"


def _expiry() -> Any:
    return timezone.now() + timedelta(seconds=limits.UPLOAD_SECONDS)


class UploadQuerySet(TenantQuerySet["Upload"]):
    def open(self) -> Self:
        """Those a file may still be put to."""
        return self.filter(used_at=None, expires_at__gt=timezone.now())

    def over(self) -> Self:
        return self.filter(expires_at__lte=timezone.now())


class Upload(TenantModel):
    """A place that one file may be put to, once and for a time: what a signed address names.

    ``announced`` is how large it may be, null when nobody said; ``original`` is the file when it has come.
    """

    AUDIT_NAME = False

    memory = TenantForeignKey(Memory, related_name="uploads")
    purpose = models.CharField(max_length=8, choices=Purpose, default=Purpose.ORIGINAL)
    announced = models.BigIntegerField(null=True)
    expires_at = models.DateTimeField(default=_expiry)
    used_at = models.DateTimeField(null=True)
    original = models.CharField(max_length=64, blank=True)
    byte_size = models.BigIntegerField(default=0)
    made_by = models.UUIDField(null=True)

    objects: ClassVar[Any] = UploadQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["expires_at"], name="memories_upload_expiry"),
            models.Index(fields=["account", "original"], name="memories_upload_original"),
        ]

    def __str__(self) -> str:
        return f"Upload of {self.memory_id}"


def used_originals(account: UUID, names: list[str]) -> set[str]:
    """Which of these files any row still names.

    Memories and versions hand files to one another, so one statement looks for them in all; a preview comes from
    nowhere but its upload, long before its file is old.
    """
    found: set[str] = set()
    for start in range(0, len(names), NAMED_AT_ONCE):
        found |= _named(account, names[start : start + NAMED_AT_ONCE])
    left = set(names) - found
    previews = Memory.objects.of(account).exclude(preview="").order_by().values_list("preview", flat=True)
    return found | {name for name in previews.iterator() if name in left} if left else found


def _named(account: UUID, names: list[str]) -> set[str]:
    kinds: tuple[Any, ...] = (Memory, MemoryVersion, Upload)
    rows = [each.objects.of(account).filter(original__in=names).order_by().values_list("original") for each in kinds]
    return {name for (name,) in rows[0].union(*rows[1:])}
