"""Files as people bring them: put into a folder, or in the place of a file that is there."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from memories import originals
from memories.ingestion import Content
from memories.models import Folder, Memory, State
from spaces.actors import Actor
from spaces.errors import AlreadyExists, Conflict
from spaces.holding import hold_space_of

from . import previews
from .modes import begin, chunking_of
from .upserting import Place
from .versions import REPLACED, archive


def add(by: Actor, folder: Folder, key: str, content: Content, **fields: Any) -> Memory:
    """A new file in the folder, ingested as the folder says.

    Raises AlreadyExists when one of this key is there, TooLarge, ValidationError on a field.
    """
    place = Place(folder.account.default_space, folder)
    original = originals.store(folder.account_id, content)
    with transaction.atomic():
        place.lock(key)
        if place.find(key) is not None:
            raise AlreadyExists("A file with this name is in the folder already. Open it there to replace it.")
        memory = Memory.create(
            by,
            place.space,
            folder=folder,
            key=key,
            original=original.sha256,
            byte_size=original.size,
            state=State.UPLOADING,
            configuration=folder.ingestion,
            chunking=chunking_of(folder.ingestion),
            **fields,
        )
        begin(memory)
    return memory


def replace(by: Actor, memory: Memory, content: Content, mime_type: str) -> bool:
    """Let this file take the place of the memory's, which becomes a version; False when it is the same file.

    Raises Conflict when the memory was deleted meanwhile, TooLarge.
    """
    original = originals.store(memory.account_id, content)
    with transaction.atomic():
        hold_space_of(Memory, memory.account_id, memory.pk)
        locked = Memory.objects.of(memory.account_id).select_for_update(no_key=True, of=("self",))
        present = locked.filter(pk=memory.pk).first()
        if present is None:
            raise Conflict("The file was deleted meanwhile.")
        if present.original == original.sha256:
            return False
        if present.original:
            archive(by, present, REPLACED)
            previews.close(present)
        given: dict[str, Any] = {"original": original.sha256, "byte_size": original.size, "mime_type": mime_type}
        memory.change(by, **given, preview="", preview_name="")
        begin(memory)
    return True
