"""Which memories an actor may read. What he may do with them is in the table of spaces/permissions.py."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q

from spaces.actors import Actor
from spaces.errors import NotFound
from spaces.permissions import (
    Level,
    level,
    manageable_spaces,
    sees_account,
    uploadable_spaces,
    visible_spaces,
)

from .models import Embedder, LanguageModel, Memory, Reranker, SearchLog


def visible_memories(actor: Actor) -> Any:
    """The memories this actor may read, as a MemoryQuerySet. Files of chats are not among them: chats show those."""
    memories = Memory.objects.of(actor.account).shared()
    if actor.only_chat is not None:
        return memories.none()
    return memories if sees_account(actor) else memories.filter(space__in=visible_spaces(actor).values("pk"))


def changeable_memories(actor: Actor) -> Any:
    """The memories for which ``can(actor, "memory.update", memory)`` holds, as one condition."""
    memories = visible_memories(actor)
    mine = Q(pk__in=[])
    if actor.user is not None:
        mine = Q(created_by=actor.user.pk, space__in=uploadable_spaces(actor).values("pk"))
    return memories.filter(mine | Q(space__in=manageable_spaces(actor).values("pk")))


def get_memory(actor: Actor, pk: UUID) -> Memory:
    """The memory with its space, if this actor may read it and it is no file of a chat; NotFound."""
    found = Memory.objects.of(actor.account).shared().select_related("space__account").filter(pk=pk).first()
    if found is None or actor.only_chat is not None or level(actor, found.space, Level.READ) < Level.READ:
        raise NotFound("Memory not found")
    return found  # type: ignore[no-any-return]


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
