"""Memories of GoodMem: finding, making and deleting them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import IO, Any
from uuid import UUID

from django.db import transaction
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from memories import chunking, ingestion
from memories.filters import expressions
from memories.models import Memory
from memories.permissions import changeable_memories, get_memory
from spaces import audit
from spaces.actors import Actor
from spaces.errors import AlreadyExists, InvalidInput, NotAllowed, NotFound
from spaces.models import Space
from spaces.permissions import get_space, readable_space, require
from spaces_project.kit import limits

from .errors import InvalidFields
from .records_memories import STATES
from .uploads import Files

DELETED_AT_ONCE = 1_000


def missing(pk: Any) -> NotFound:
    return NotFound(f"Memory not found: {pk}")


def readable_memory(reader: Actor | None, pk: UUID) -> Memory:
    """The memory with its space, if this reader may read that; None reads what is public. NotFound."""
    memory = Memory.objects.filter(pk=pk, folder=None).shared().select_related("space__account").first()
    if memory is None:
        raise missing(pk)
    try:
        readable_space(reader, memory.space_id)
    except NotFound:
        raise missing(pk) from None
    return memory  # type: ignore[no-any-return]


def own_memory(actor: Actor, pk: UUID) -> Memory:
    """The memory with its space, if it is of the actor's account and readable for him. NotFound."""
    try:
        return get_memory(actor, pk)
    except NotFound:
        raise missing(pk) from None


def found_space(actor: Actor, pk: UUID) -> Space:
    """A space of the actor's account that he may read, with its account. NotFound."""
    try:
        space = get_space(actor, pk)
    except NotFound:
        raise NotFound(f"Space not found: {pk}") from None
    space.account = actor.account
    return space


def matching(rows: Any, status: str | None, text: str | None) -> Any:
    """The memories with this status whose metadata this filter expression matches. InvalidExpression."""
    if status:
        rows = rows.filter(state__in=STATES[status])
    if not text:
        return rows
    sql, params = expressions.parse(text).sql('"memories_memory"."meta"')
    return rows.filter(RawSQL(sql, params, BooleanField()))  # noqa: S611 (the expression binds every literal)


# ----------------------------------------------------------------------- making


def create_memory(by: Actor, given: dict[str, Any], files: Files, *, is_form: bool) -> Memory:
    """A new memory, to be ingested soon; ``files`` are those of the form.

    Raises NotFound for the space, NotAllowed, Conflict in an archived space, AlreadyExists for an id that is taken,
    TooLarge, InvalidInput on a field.
    """
    space = found_space(by, given["spaceId"])
    require(by, "space.upload", space)
    content = _content(given, files, is_form=is_form)
    plan = chunking.as_json(chunking.parse(given["chunkingConfig"])) if "chunkingConfig" in given else None
    if "memoryId" in given and Memory.objects.filter(pk=given["memoryId"]).exists():
        raise AlreadyExists("A memory with this ID already exists")
    fields = {"chunking": plan, "meta": given.get("metadata", {}), "mime_type": given["contentType"]}
    chosen = {"id": given["memoryId"]} if "memoryId" in given else {}
    name = {"name": title(given), "key": file_name(content), "original_ref": given.get("originalContentRef", "")}
    return ingestion.add(by, space, content, **chosen, **fields, **name)


def _content(given: dict[str, Any], files: Files, *, is_form: bool) -> bytes | IO[bytes]:
    """The file, which comes in exactly one way."""
    text, coded = given.get("originalContent"), given.get("originalContentB64")
    file = _file(given, files) if is_form else None
    ways = [way for way in (text, coded, file) if way is not None]
    if len(ways) != 1:
        file_first = "a file (of many memories, fileField names each one's), " if is_form else ""
        raise InvalidFields(
            [("originalContent", f"Give exactly one of {file_first}originalContent and originalContentB64.")]
        )
    if coded is not None:
        return decoded(coded)
    return file if text is None else text.encode()  # type: ignore[return-value]  # exactly one is not None


def _file(given: dict[str, Any], files: Files) -> Any:
    """The file that ``fileField`` names, else the only one."""
    if "fileField" in given:
        if given["fileField"] not in files:
            raise InvalidFields([("fileField", "The form has no file of this name.")])
        return files[given["fileField"]]
    if len(files) > 1:
        raise InvalidFields([("fileField", "Say which of the files is meant.")])
    return next(iter(files.values()), None)


def decoded(text: str) -> bytes:
    """What the Base64 spells. InvalidFields for anything else."""
    if len(text) * 3 // 4 > limits.UPLOAD_JSON_BYTES:
        raise InvalidInput("The content is too large.")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidFields([("originalContentB64", f"Invalid Base64: {error}.")]) from error


def title(given: dict[str, Any]) -> str:
    """A text ``title`` at the top of the metadata is the memory's name, as far as it may be one."""
    text = given.get("metadata", {}).get("title")
    if not isinstance(text, str):
        return ""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[: limits.NAME_CHARS]


def file_name(content: Any) -> str:
    """The name that an uploaded file came with, as far as it may be a key."""
    name = getattr(content, "name", None) or ""
    return "".join(char for char in name if char.isprintable())[: limits.MEMORY_KEY_CHARS]


# --------------------------------------------------------------------- deleting


def delete_matching(by: Actor, space: Space, status: str | None, text: str | None) -> int:
    """Delete all memories of the space that match; how many. NotAllowed when one of them is not his to delete."""
    rows = matching(Memory.objects.of(space.account_id).in_space(space), status, text)
    mine = matching(changeable_memories(by).in_space(space), status, text)
    require(by, "space.upload", space)
    if rows.exclude(pk__in=mine.values("pk")).exists():
        raise NotAllowed("Some of these memories may not be deleted.")
    count = 0
    while batch := list(mine.only("id", "account", "name", "key")[:DELETED_AT_ONCE]):
        count += _delete(by, batch)
    return count


@transaction.atomic
def _delete(by: Actor, memories: Sequence[Memory]) -> int:
    rows = Memory.objects.of(by.account).filter(pk__in=[memory.pk for memory in memories])
    there = set(rows.select_for_update(of=("self",)).values_list("pk", flat=True))
    gone = [memory for memory in memories if memory.pk in there]
    rows.delete()
    audit.record_many(by, "memory.delete", [(memory, {}) for memory in gone])
    return len(gone)
