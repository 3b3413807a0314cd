"""Chunks of memories and their vectors."""

from __future__ import annotations

from typing import Any, ClassVar, Self
from uuid import UUID

from django.contrib.postgres.indexes import GinIndex
from django.db import models, transaction
from django.utils import timezone
from pgvector.django import HalfVectorField

from spaces import audit
from spaces.actors import Actor
from spaces_project.kit.search import SearchColumn, SearchQuerySet, search_manager
from spaces_project.kit.tenancy import NO_ACTION, TenantForeignKey, TenantModel, TenantQuerySet

from .embedders import Embedder
from .memories import Memory


class ChunkQuerySet(SearchQuerySet["Chunk"]):
    def in_order(self) -> Self:
        return self.order_by("memory", "order")

    def enabled(self) -> Self:
        return self.filter(is_disabled=False)


class Chunk(TenantModel):
    """A part of a memory's text: the characters from ``start`` to ``end``; ``order`` counts from 0.

    ``container_id`` is where it is searched: the memory's space, or its chat. A disabled chunk is kept and shown, and
    found by no search.
    """

    AUDIT_NAME = False
    AUDIT_VALUES = frozenset({"is_disabled"})
    ACCOUNT_OF_LINK = True

    memory = TenantForeignKey(Memory, related_name="chunks", db_index=False)
    container_id = models.UUIDField(editable=False)
    order = models.PositiveIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    text = models.TextField()
    tokens = models.PositiveIntegerField(default=0)
    first_page = models.PositiveIntegerField(null=True)
    last_page = models.PositiveIntegerField(null=True)
    is_disabled = models.BooleanField(default=False)
    updated_at = models.DateTimeField(default=timezone.now)
    search = SearchColumn("text", within="container_id")

    objects: ClassVar[Any] = search_manager(ChunkQuerySet)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "memory", "order"], name="memories_chunk_order"),
        ]
        indexes = [
            models.Index(fields=["account", "container_id"], name="memories_chunk_container"),
            models.Index(
                fields=["account", "id"], condition=models.Q(is_disabled=True), name="memories_chunk_disabled"
            ),
            # Each search would read all that waits to be put in the index, which takes longer than itself.
            GinIndex(fields=["search"], name="memories_chunk_search", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"Chunk {self.order + 1}"

    @transaction.atomic
    def disable(self, by: Actor, *, is_disabled: bool = True) -> bool:
        """Let no search find it (or again); says whether that changed anything."""
        changes = audit.assign(self, {"is_disabled": is_disabled})
        if changes:
            self.updated_at = timezone.now()
            self.save(update_fields=["is_disabled", "updated_at"])
            audit.record(by, "chunk.update", self, changes)
        return bool(changes)


class Embedding(TenantModel):
    """The vector of one chunk by one embedder, of length 1. Narrow and by itself: a search reads it from end to end."""

    container_id = models.UUIDField()
    memory_id = models.UUIDField(help_text="Of the chunk: what a filter leaves is known without reading chunks.")
    embedder = TenantForeignKey(Embedder, NO_ACTION, related_name="embeddings", db_index=False)
    chunk = TenantForeignKey("memories.Chunk", related_name="embeddings", db_index=False)
    emb = HalfVectorField()

    objects: ClassVar[Any] = TenantQuerySet["Embedding"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["container_id", "embedder", "chunk"], name="memories_embedding_once"),
        ]
        indexes = [
            models.Index(fields=["account", "chunk"], name="memories_embedding_of_chunk"),
            models.Index(fields=["embedder"], name="memories_embedding_by"),
        ]

    def __str__(self) -> str:
        return f"Vector of {self.chunk_id}"


class VectorIndex(TenantModel):
    """A partial HNSW index over the vectors of one container and embedder, built when there are many."""

    class State(models.TextChoices):
        WANTED = "wanted", "To be built"
        READY = "ready", "In use"
        FAILED = "failed", "Failed"

    container_id = models.UUIDField()
    embedder = TenantForeignKey(Embedder, related_name="indexes", db_index=False)
    state = models.CharField(max_length=6, choices=State, default=State.WANTED)
    rows = models.PositiveIntegerField(default=0)
    built_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True)

    objects: ClassVar[Any] = TenantQuerySet["VectorIndex"].as_manager()

    class Meta:
        verbose_name_plural = "vector indexes"
        constraints = [
            models.UniqueConstraint(fields=["container_id", "embedder"], name="memories_vectorindex_once"),
        ]

    def __str__(self) -> str:
        return self.index_name

    @property
    def index_name(self) -> str:
        """Its name in PostgreSQL, at most 63 letters."""
        return index_name(self.container_id, self.embedder_id)


def index_name(container: UUID, embedder: UUID) -> str:
    return f"hnsw_{container.hex[:26]}_{embedder.hex[:26]}"
