"""Which memories an actor may read. What he may do with them is in the table of spaces/permissions.py."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q

from spaces.actors import Actor
from spaces.errors import NotFound
from spaces.permissions import (
    Level,
    capped,
    few,
    granted_to,
    level,
    level_in_account,
    manageable_spaces,
    reaches_account,
    sees_account,
    uploadable_spaces,
    visible_spaces,
)

from .models import Embedder, Folder, FolderAccess, FolderLevel, LanguageModel, Memory, Reranker, SearchLog

READING = tuple(FolderLevel)
WRITING = (FolderLevel.WRITE, FolderLevel.MANAGE)


def visible_folders(actor: Actor) -> Any:
    """The folders this actor may read, as a FolderQuerySet."""
    return _folders(actor, Level.READ, READING)


def writable_folders(actor: Actor) -> Any:
    """The folders for which ``can(actor, "folder.write", folder)`` holds, as one condition."""
    folders = _folders(actor, Level.UPLOAD, WRITING)
    return folders if capped(actor, Level.MANAGE) == Level.MANAGE else folders.none()


def manageable_folders(actor: Actor) -> Any:
    """The folders for which ``can(actor, "folder.manage", folder)`` holds, as one condition."""
    folders = _folders(actor, Level.MANAGE, (FolderLevel.MANAGE,))
    return folders if capped(actor, Level.MANAGE) == Level.MANAGE else folders.none()


def _folders(actor: Actor, enough: Level, levels: tuple[FolderLevel, ...]) -> Any:
    """All of them for who may do so much in the whole account, else those that grants of these levels reach."""
    folders = Folder.objects.of(actor.account)  # type: ignore[arg-type]
    if not reaches_account(actor):
        return folders.none()
    held = level_in_account(actor)
    if held >= enough:
        return folders
    if held > Level.NONE:
        return folders.none()
    return folders.filter(access_path__overlap=granted_folders(actor, levels))


def granted_folders(actor: Actor, levels: tuple[FolderLevel, ...] = READING) -> list[UUID]:
    """The folders that grants to this actor's user name themselves; what lies below them is reached too."""
    if actor.user is None:
        return []
    grants = FolderAccess.objects.of(actor.account).filter(granted_to(actor.user), level__in=levels)  # type: ignore[arg-type]
    return list(grants.values_list("folder", flat=True).distinct())


def top_folders(actor: Actor) -> Any:
    """Of the folders this actor may read those at the root, and those that lie in one he may not read."""
    folders = visible_folders(actor)
    if reaches_account(actor) and level_in_account(actor) >= Level.READ:
        return folders.roots()
    return folders.filter(Q(parent=None) | ~Q(parent__in=folders.order_by().values("pk")))


def get_folder(actor: Actor, pk: UUID) -> Folder:
    """The folder, if this actor may read it; NotFound."""
    folder = Folder.objects.of(actor.account).filter(pk=pk).first()  # type: ignore[arg-type]
    if folder is None or folder.level_of(actor) < Level.READ:
        raise NotFound("Folder not found")
    return folder


def visible_memories(actor: Actor) -> Any:
    """The memories this actor may read, files of folders among them, as a MemoryQuerySet. Files of chats are not: chats
    show those."""
    memories = Memory.objects.of(actor.account).shared()
    if actor.only_chat is not None:
        return memories.none()
    if sees_account(actor):
        return memories
    in_spaces = Q(folder=None, space__in=visible_spaces(actor).values("pk"))
    return memories.filter(in_spaces | _in_folders(visible_folders(actor)))


def visible_files(actor: Actor) -> Any:
    """Of the visible memories those that lie in folders."""
    if not reaches_account(actor):
        return Memory.objects.none()
    return Memory.objects.of(actor.account).shared().filter(folder__isnull=False).filter(_files(actor))


def _files(actor: Actor) -> Q:
    return Q() if sees_account(actor) else _in_folders(visible_folders(actor))


def _in_folders(folders: Any) -> Q:
    return Q(folder__in=few(folders))


def changeable_memories(actor: Actor) -> Any:
    """The memories for which ``can(actor, "memory.update", memory)`` holds, as one condition."""
    memories = visible_memories(actor)
    allowed = Q(folder=None, space__in=manageable_spaces(actor).values("pk")) | _in_folders(writable_folders(actor))
    if actor.user is not None:
        allowed |= Q(folder=None, created_by=actor.user.pk, space__in=uploadable_spaces(actor).values("pk"))
    return memories.filter(allowed)


def get_memory(actor: Actor, pk: UUID) -> Memory:
    """The memory with its space and folder, if this actor may read it and it is no file of a chat; NotFound."""
    rows = Memory.objects.of(actor.account).shared().select_related("space__account", "folder")
    found = rows.filter(pk=pk).first()
    if found is None or not _reads(actor, found):
        raise NotFound("Memory not found")
    return found  # type: ignore[no-any-return]


def _reads(actor: Actor, memory: Memory) -> bool:
    if actor.only_chat is not None:
        return False
    if memory.folder_id is not None:
        return bool(memory.folder.level_of(actor) >= Level.READ)
    return level(actor, memory.space, Level.READ) >= Level.READ


def visible_searches(actor: Actor) -> Any:
    """The searches this actor may look at: his own, those in spaces he manages, all for who reads the account."""
    searches = SearchLog.objects.of(actor.account)  # type: ignore[arg-type]
    if actor.only_chat is not None:
        return searches.none()
    if sees_account(actor):
        return searches
    mine = Q(user=actor.user) if actor.user is not None else Q(pk__in=[])
    return searches.filter(mine | Q(space__in=manageable_spaces(actor).values("pk")))


def get_embedder(actor: Actor, pk: UUID) -> Embedder:
    """An embedder of the actor's account: all of its people may name it, administrators change it. NotFound."""
    return _of_account(Embedder, actor, pk, "Embedder not found")  # type: ignore[no-any-return]


def get_reranker(actor: Actor, pk: UUID) -> Reranker:
    return _of_account(Reranker, actor, pk, "Reranker not found")  # type: ignore[no-any-return]


def get_language_model(actor: Actor, pk: UUID) -> LanguageModel:
    return _of_account(LanguageModel, actor, pk, "LLM not found")  # type: ignore[no-any-return]


def _of_account(model: Any, actor: Actor, pk: UUID, sentence: str) -> Any:
    found = model.objects.of(actor.account).filter(pk=pk).first()
    if found is None:
        raise NotFound(sentence)
    return found
