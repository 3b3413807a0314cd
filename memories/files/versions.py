"""What a memory's file was before: kept when another one takes its place, and brought back."""

from __future__ import annotations

from django.db import transaction

from memories.models import Memory, MemoryVersion
from spaces.actors import Actor
from spaces.errors import Conflict
from spaces.holding import hold_space_of
from spaces_project.kit import limits

from . import previews
from .modes import begin

REPLACED, RESTORED = "REPLACED", "RESTORED"


def archive(by: Actor, memory: Memory, reason: str) -> MemoryVersion:
    """Keep the memory's present file as its newest version; of more than VERSIONS_PER_MEMORY the oldest go.

    In the transaction of what replaces it, which has the memory locked.
    """
    rows = MemoryVersion.objects.of(memory.account_id).filter(memory=memory).order_by("-number")
    last = rows.first()
    version = MemoryVersion(
        account_id=memory.account_id,
        memory=memory,
        number=last.number + 1 if last else 1,
        reason=reason,
        written_at=last.created_at if last else memory.created_at,
        written_by=last.archived_by if last else memory.created_by,
        archived_by=by.user.pk if by.user else None,
        **{name: getattr(memory, name) for name in ("original", "byte_size", "mime_type", "key", "name")},
        description=memory.description,
        url=memory.url,
    )
    version.save(force_insert=True)
    rows.filter(number__lte=version.number - limits.VERSIONS_PER_MEMORY).delete()
    return version


@transaction.atomic
def restore(by: Actor, memory: Memory, version: MemoryVersion) -> None:
    """Let the version's file be the memory's again, and ingest it; the present one becomes a version.

    What the memory is called stays. Conflict when the memory or the version was deleted meanwhile.
    """
    hold_space_of(Memory, memory.account_id, memory.pk)
    locked = Memory.objects.of(memory.account_id).select_for_update(no_key=True, of=("self",)).filter(pk=memory.pk)
    present = locked.first()
    still = MemoryVersion.objects.of(memory.account_id).filter(pk=version.pk)
    if present is None or not still.exists():
        raise Conflict("The file was deleted meanwhile.")
    if present.original == version.original:
        return
    if present.original:
        archive(by, present, RESTORED)
        previews.close(present)
    memory.change(
        by,
        original=version.original,
        byte_size=version.byte_size,
        mime_type=version.mime_type,
        preview="",
        preview_name="",
    )
    begin(memory)
