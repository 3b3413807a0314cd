"""Memories, what they are made of, and what embeds, ranks and answers: to be looked at."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin

from memories.models import (
    Attempt,
    Chunk,
    Embedder,
    Embedding,
    LanguageModel,
    Memory,
    MemorySettings,
    Reranker,
    SearchLog,
    SpaceEmbedder,
    VectorIndex,
)

from .base import ReadOnlyAdmin

REMOTE = ("account", "name", "provider_type", "endpoint_url", "api_path", "model_identifier", "owner", "labels")
TIMES = ("id", "created_at", "updated_at")


class RemoteAdmin(ReadOnlyAdmin):
    """A model on a server, without its key."""

    list_select_related: ClassVar[Any] = ("account",)
    list_filter: ClassVar[Any] = ("provider_type", "account")
    search_fields = ("name", "model_identifier")


@admin.register(LanguageModel)
class LanguageModelAdmin(RemoteAdmin):
    list_display = ("name", "provider_type", "model_identifier", "is_default", "is_active", "account", "updated_at")
    list_filter = ("provider_type", "is_active", "account")
    fields = (
        *REMOTE,
        *("temperature", "max_tokens", "max_context_length", "timeout_seconds", "is_default", "is_active"),
        *TIMES,
    )


@admin.register(Embedder)
class EmbedderAdmin(RemoteAdmin):
    list_display = (
        "name",
        "provider_type",
        "model_identifier",
        "dimensionality",
        "is_default",
        "account",
        "updated_at",
    )
    fields = (*REMOTE, "dimensionality", "max_sequence_length", "builtin", "is_default", *TIMES)


@admin.register(Reranker)
class RerankerAdmin(RemoteAdmin):
    list_display = ("name", "provider_type", "model_identifier", "account", "updated_at")
    fields = (*REMOTE, *TIMES)


@admin.register(Memory)
class MemoryAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "space", "state", "mime_type", "byte_size", "chunk_count", "account", "created_at")
    list_select_related = ("space", "account")
    list_filter = ("state", "account")
    search_fields = ("name",)
    search_help_text = "Words, beginnings of words, or an id in any dialect's spelling."
    fields = (
        *("account", "space", "folder", "chat", "contact", "name", "description", "key", "url", "original_ref"),
        *("mime_type", "byte_size", "original", "preview", "meta", "chunking", "state", "failure_code", "failure"),
        *("generation", "chunk_count"),
        *("expires_at", "bot_id", "completed_at", *TIMES),
    )

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.matching(search_term), False


class PartAdmin(ReadOnlyAdmin):
    list_select_related: ClassVar[Any] = ("account",)
    list_filter: ClassVar[Any] = ("account",)


@admin.register(Chunk)
class ChunkAdmin(PartAdmin):
    list_display = ("__str__", "memory", "start", "end", "tokens", "is_disabled", "account")
    list_select_related = ("memory", "account")
    fields = ("account", "memory", "order", "start", "end", "text", "tokens", "first_page", "last_page", "is_disabled")


@admin.register(Embedding)
class EmbeddingAdmin(PartAdmin):
    list_display = ("__str__", "embedder", "account", "created_at")
    list_select_related = ("embedder", "account")
    fields = ("account", "chunk", "embedder", "container_id", "memory_id", "id", "created_at")


@admin.register(Attempt)
class AttemptAdmin(PartAdmin):
    list_display = ("memory", "generation", "number", "stage", "is_ok", "failure", "account", "created_at")
    list_select_related = ("memory", "account")
    list_filter = ("is_ok", "stage", "account")
    fields = (
        *("account", "memory", "generation", "number", "stage", "done", "total", "is_ok", "failure_code", "failure"),
        *("worker", "finished_at", *TIMES),
    )


@admin.register(VectorIndex)
class VectorIndexAdmin(PartAdmin):
    list_display = ("index_name", "embedder", "state", "rows", "built_at", "account")
    list_select_related = ("embedder", "account")
    list_filter = ("state", "account")
    fields = ("account", "container_id", "embedder", "state", "rows", "built_at", "failure", "id", "created_at")


@admin.register(MemorySettings)
class MemorySettingsAdmin(PartAdmin):
    list_display = ("space", "reranker", "account", "updated_at")
    list_select_related = ("space", "reranker", "account")
    fields = ("account", "space", "chunking", "reranker", *TIMES)


@admin.register(SpaceEmbedder)
class SpaceEmbedderAdmin(PartAdmin):
    list_display = ("space", "embedder", "weight", "account", "updated_at")
    list_select_related = ("space", "embedder", "account")
    fields = ("account", "space", "embedder", "weight", *TIMES)


@admin.register(SearchLog)
class SearchLogAdmin(PartAdmin):
    list_display = ("question", "space", "source", "found_count", "milliseconds", "account", "created_at")
    list_select_related = ("space", "account")
    list_filter = ("source", "account")
    fields = (
        *("account", "space", "user", "source", "question", "found_count", "milliseconds", "explanation"),
        *("id", "created_at"),
    )
