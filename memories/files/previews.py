"""PDFs to look at, each of one file: none is shown of another one, whichever comes first, is late or comes twice.

The upload of a preview has the ``created_at`` of the upload of its file, whether it was made with that one's
announcement or when that one was finished. Announcements of one memory are made one after the other.
"""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from memories.models import Memory, Upload
from memories.models.versions import Purpose, UploadQuerySet


def came_with(upload: Upload) -> str:
    """The preview that was put for this upload's file, as ``Memory.preview``; empty when none was."""
    rows = _of(upload, Purpose.PREVIEW).exclude(used_at=None).order_by("-used_at")
    return rows.values_list("original", flat=True).first() or ""


def file_of(preview: Upload) -> Upload | None:
    """The upload of the file that this one shows; None when it is forgotten, as its time is over."""
    found: Upload | None = _of(preview, Purpose.ORIGINAL).first()
    return found


def close(memory: Memory) -> None:
    """Let no preview of the memory's present file come any more: another file takes its place.

    In the transaction of what replaces it, which has the memory locked.
    """
    rows = Upload.objects.of(memory.account_id).filter(memory=memory)
    files = rows.filter(purpose=Purpose.ORIGINAL, original=memory.original).exclude(original="")
    made: list[datetime] = list(files.values_list("created_at", flat=True))
    rows.filter(purpose=Purpose.PREVIEW, created_at__in=made).open().update(expires_at=timezone.now())


def _of(upload: Upload, purpose: Purpose) -> UploadQuerySet:
    rows: UploadQuerySet = Upload.objects.of(upload.account_id)
    return rows.filter(memory=upload.memory_id, created_at=upload.created_at, purpose=purpose)
