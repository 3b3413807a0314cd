"""Taking a file to the place that was made for it: once, within its time, and no larger than was announced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import transaction
from django.utils import timezone

from memories import originals
from memories.models import Memory, Upload
from memories.models.versions import Purpose
from spaces.actors import Actor
from spaces.errors import Conflict, InvalidInput, NotAllowed, TooLarge
from spaces.permissions import require
from spaces_project.kit.exports import release_connection

from . import previews

PDF = b"%PDF-"
OVER = "This address is not valid any more."
USED = "A file was put to this address already."


def receive(by: Actor, upload: Upload, blocks: Iterable[bytes], declared: int | None = None) -> Upload:
    """Keep the file whose ``blocks`` come, ``declared`` bytes of them when that was said.

    A PDF to look at is the memory's from then on, unless it shows a file that still waits for ``finish``. When it fails
    nothing is kept, and the address may be tried again. No connection is held while the blocks come, unless a
    transaction of the caller holds it. Raises NotAllowed when its time is over or ``by`` may not change the memory,
    Conflict when a file was put there before, TooLarge, InvalidInput when less came than declared or a preview is no
    PDF.
    """
    require(by, "memory.update", upload.memory)
    _check_open(upload)
    release_connection()  # whoever sends slowly holds none
    most = upload.announced if upload.announced and upload.announced > 1 else None  # programs that do not know say 1
    if most is not None and declared is not None and declared > most:
        raise _larger(most)
    passed = _counted(blocks, declared, most)
    original = originals.store(upload.account_id, _pdf(passed) if upload.purpose == Purpose.PREVIEW else passed)
    upload.original, upload.byte_size, upload.used_at = original.sha256, original.size, timezone.now()
    _keep(by, upload)
    return upload


def _check_open(upload: Upload) -> None:
    if upload.used_at is not None:
        raise Conflict(USED)
    if upload.expires_at <= timezone.now():
        raise NotAllowed(OVER)


def _larger(most: int) -> TooLarge:
    return TooLarge(f"The file is larger than the {most:,} bytes that were announced.")


def _counted(blocks: Iterable[bytes], declared: int | None, most: int | None) -> Iterator[bytes]:
    size = 0
    for block in blocks:
        size += len(block)
        if most is not None and size > most:
            raise _larger(most)
        yield block
    if declared is not None and size < declared:
        raise InvalidInput(f"The file ended after {size:,} of {declared:,} bytes.")


def _pdf(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The blocks of a PDF; InvalidInput for those of anything else."""
    start, is_known = b"", False
    for block in blocks:
        if not is_known:
            start += block
            if len(start) < len(PDF):
                continue
            block, is_known = start, True
            if not start.startswith(PDF):
                break
        yield block
    if not start.startswith(PDF):
        raise InvalidInput("A preview has to be a PDF.")


@transaction.atomic
def _keep(by: Actor, upload: Upload) -> None:
    """The memory is locked first: so does what closes this address."""
    memories = Memory.objects.of(upload.account_id).select_for_update(no_key=True, of=("self",))
    memory = memories.filter(pk=upload.memory_id).first()
    came = {"used_at": upload.used_at, "original": upload.original, "byte_size": upload.byte_size}
    rows = Upload.objects.of(upload.account_id).filter(pk=upload.pk)
    if not rows.open().update(**came):
        raise NotAllowed(OVER) if rows.filter(used_at=None).exists() else Conflict(USED)
    if upload.purpose == Purpose.PREVIEW and _is_of(memory, upload):
        memory.change(by, preview=upload.original)


def _is_of(memory: Memory, preview: Upload) -> bool:
    """Whether this PDF shows the memory's file, not one that is still to take its place; NotAllowed when nobody
    knows."""
    file = previews.file_of(preview)
    if file is None:
        raise NotAllowed(OVER)
    return memory.original in ("", file.original)
