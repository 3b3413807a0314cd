"""Announcing a file under a key, and letting it take the place of what was there: the same key in the same place is the
same memory, however many announce it at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import MD5
from django.utils import timezone

from memories.models import Folder, Memory, State, Upload
from memories.models.folders import TURNING
from memories.models.versions import Purpose
from spaces import audit
from spaces.actors import Actor
from spaces.errors import Conflict, InvalidInput
from spaces.holding import hold, hold_space_of
from spaces.models import Space
from spaces.models.integrity import domain_errors
from spaces.permissions import require

from . import previews
from .modes import begin, check_configuration, chunking_of
from .versions import REPLACED, archive

GONE = "The file was deleted meanwhile."


@dataclass(frozen=True)
class Place:
    """Where a file is: in a folder or a chat, else in the space itself. ``space`` is the folder's or the chat's."""

    space: Space
    folder: Folder | None = None
    chat: Any = None

    @property
    def link(self) -> dict[str, Any]:
        return {"folder": self.folder, "chat": self.chat}

    def find(self, key: str) -> Memory | None:
        """The memory of this key, locked; an older one where several have it. Call it under ``lock``."""
        rows = Memory.objects.of(self.space.account_id).select_for_update(no_key=True, of=("self",))
        rows = rows.annotate(digest=MD5("key")).filter(key=key, digest=_md5(key), **self.link)
        if self.folder is None and self.chat is None:
            rows = rows.filter(space=self.space)
        found: Memory | None = rows.order_by("created_at", "id").first()
        return found

    def lock(self, key: str) -> None:
        """Let one transaction at a time work on this key here."""
        where = self.folder or self.chat or self.space
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 3))", [f"{where.pk} {key}"])

    def held(self, key: str) -> Place:
        """``lock``, and the place as it is then: it stays, and a chat in its space, until the transaction ends.

        Conflict when the chat was deleted meanwhile.
        """
        self.lock(key)
        if self.chat is None:
            hold(self.space)
            return self
        hold_space_of(type(self.chat), self.space.account_id, self.chat.pk)
        chats = type(self.chat).objects.of(self.space.account_id).select_for_update(no_key=True, of=("self",))
        chat = chats.select_related("space__account").filter(pk=self.chat.pk).first()
        if chat is None:
            raise Conflict("The chat was deleted meanwhile.")
        return Place(chat.space, chat=chat)


def _md5(key: str) -> str:
    return hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Given:
    """What is said of a file. ``fields`` are those of Memory: name, description, url, mime_type; what is absent stays.

    meta           merged into what there is; null removes a name
    configuration  the vendor's, over the folder's own; None as it is (of a new file: as its folder says)
    announced      its bytes, None when nobody knows
    preview_name   of a PDF to look at, which is put to an address of its own; None for none
    keep_versions  the file that this one replaces becomes a version
    """

    key: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)
    configuration: Mapping[str, Any] | None = None
    announced: int | None = None
    preview_name: str | None = None
    keep_versions: bool = False

    def check(self) -> None:
        """Raise InvalidInput for a key or name that is none, or a configuration that cannot be."""
        if not self.key.strip():
            raise InvalidInput("key: This field may not be blank.", field="key")
        for name in (self.key, self.fields.get("name", "")):
            if TURNING & set(name):
                raise InvalidInput("Marks that turn the direction of writing are not allowed in names.")
        check_configuration(self.configuration or {})


@dataclass(frozen=True)
class Announced:
    """The memory, the place to put its file to, and that for its preview when one was announced."""

    memory: Memory
    upload: Upload
    preview: Upload | None = None
    is_new: bool = False


@transaction.atomic
def announce(by: Actor, place: Place, given: Given) -> Announced:
    """Make the memory of this key and a place to put its file to.

    ``by`` may add to the place (the caller asked). Of a memory that has a file nothing changes before ``finish``; what
    is said of one that still waits for it does, but for its type, which changes with the file. Raises NotAllowed for a
    memory of a space that ``by`` may not change, Conflict in an archived space, InvalidInput, ValidationError.
    """
    given.check()
    place = place.held(given.key)
    memory = _there(by, place, given.key)
    is_new = memory is None
    if memory is None:
        memory = _create(by, place, given)
    elif memory.original or not _change(by, memory, given, _described(given)):
        audit.record(by, "memory.announce", memory)
    upload = _upload(by, memory, Purpose.ORIGINAL, announced=given.announced)
    return Announced(memory, upload, _preview(by, upload, memory, given), is_new)


@transaction.atomic
def finish(by: Actor, place: Place, given: Given, upload: Upload) -> Announced:
    """Let the file that came to ``upload`` be the memory's, and begin its ingestion.

    The same file again, with nothing else that matters to ingestion, is not ingested again. Raises as ``announce``, and
    Conflict when the file has not come or the memory is gone, InvalidInput when the upload is another memory's.
    """
    given.check()
    place = place.held(given.key)
    memory = _there(by, place, given.key)
    if memory is None:
        raise Conflict(GONE)
    if upload.memory_id != memory.pk:
        raise InvalidInput("fileUrl: This is the address of another file.", field="fileUrl")
    if upload.used_at is None:
        raise Conflict("The file has not come yet: put it to writeUrl first.")
    if given.keep_versions and memory.original not in ("", upload.original):
        archive(by, memory, REPLACED)
    if not _take(by, memory, given, upload) and given.preview_name:
        audit.record(by, "memory.announce", memory)
    return Announced(memory, upload, _preview(by, upload, memory, given))


def _there(by: Actor, place: Place, key: str) -> Memory | None:
    """The memory of this key, if there is one whose time is not over and that ``by`` may change."""
    memory = place.find(key)
    if memory is None:
        return None
    if memory.expires_at is not None and memory.expires_at <= timezone.now():
        memory.remove(Actor.system(place.space.account, "expiry"))
        return None
    _refuse_archived(place.space)
    memory.space, memory.folder, memory.chat = place.space, place.folder, place.chat
    require(by, "memory.update", memory)
    return memory


def _refuse_archived(space: Space) -> None:
    if space.is_archived:
        raise Conflict("The space is archived: it can be read, and takes nothing new.")


def _create(by: Actor, place: Place, given: Given) -> Memory:
    configuration = _configuration(place.folder, given.configuration or {})
    fields: dict[str, Any] = {
        **given.fields,
        "key": given.key,
        "meta": {name: value for name, value in given.meta.items() if value is not None},
        "configuration": configuration,
        "chunking": chunking_of(configuration),
        "preview_name": given.preview_name or "",
        "state": State.UPLOADING,
    }
    if place.folder is not None:
        fields["folder"] = place.folder
    if place.chat is not None:
        fields["chat"] = place.chat
    return Memory.create(by, place.space, **fields)


def _change(by: Actor, memory: Memory, given: Given, fields: Mapping[str, Any]) -> bool:
    """Set ``fields``, the metadata, and the name of the preview."""
    more = {"preview_name": given.preview_name} if given.preview_name else {}
    place = {"space": memory.space, "folder": memory.folder, "chat": memory.chat}
    changed = memory.change(by, merge_meta=dict(given.meta), **fields, **more)
    for name, value in place.items():  # a change reads the row anew, without them
        setattr(memory, name, value)
    return changed


def _described(given: Given) -> dict[str, Any]:
    return {name: value for name, value in given.fields.items() if name != "mime_type"}


def _take(by: Actor, memory: Memory, given: Given, upload: Upload) -> bool:
    """Change the row to the new file; ingest it unless that would come to the same. Says whether anything changed."""
    configuration = memory.configuration
    if given.configuration is not None:
        configuration = _configuration(memory.folder, given.configuration)
    fields: dict[str, Any] = {
        **given.fields,
        "original": upload.original,
        "byte_size": upload.byte_size,
        "configuration": configuration,
    }
    if given.configuration is not None:
        fields["chunking"] = chunking_of(configuration)
    fields |= _shown(memory, given, upload)
    before = _ingested(memory)
    changed = _change(by, memory, given, fields)
    if before is None or before != _ingested(memory):
        begin(memory)
        if not changed:
            audit.record(by, "memory.ingest", memory)
        return True
    return changed


def _shown(memory: Memory, given: Given, upload: Upload) -> dict[str, Any]:
    """The fields of the preview: that which came with this file; that of the file which it replaces goes."""
    came = previews.came_with(upload)
    if upload.original == memory.original:
        return {"preview": came} if came else {}
    previews.close(memory)
    has_name = given.preview_name or came or not memory.original
    return {"preview": came} if has_name else {"preview": "", "preview_name": ""}


def _configuration(folder: Folder | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given, over what the folder says of its files."""
    return {**(folder.ingestion if folder else {}), **given}


def _ingested(memory: Memory) -> tuple[Any, ...] | None:
    """What its ingestion depends on; None while there is none that is done or goes on."""
    if memory.state in (State.UPLOADING, State.FAILED):
        return None
    return memory.original, memory.mime_type, memory.configuration, memory.chunking


def _preview(by: Actor, upload: Upload, memory: Memory, given: Given) -> Upload | None:
    """A place for the preview of this upload's file, when one was announced."""
    return _upload(by, memory, Purpose.PREVIEW, created_at=upload.created_at) if given.preview_name else None


def _upload(by: Actor, memory: Memory, purpose: Purpose, **fields: Any) -> Upload:
    upload = Upload(
        account_id=memory.account_id,
        memory=memory,
        purpose=purpose,
        made_by=by.user.pk if by.user else None,
        **fields,
    )
    with domain_errors():
        upload.save(force_insert=True)
    return upload
