"""The pages of memories."""

from __future__ import annotations

from django.urls import path

from . import bulk, memories, memory, original, retrieval, settings, space_settings, upload

urlpatterns = [
    path("memories/", memories.memory_list, name="memory_list"),
    path("memories/columns/", memories.memory_columns, name="memory_columns"),
    path("memories/states/", memories.memory_states, name="memory_states"),
    path("memories/new/", upload.memory_create, name="memory_create"),
    path("memories/upload/", upload.memory_upload, name="memory_upload"),
    path("memories/write/", upload.memory_write, name="memory_write"),
    path("memories/bulk/export/", bulk.memory_bulk_export, name="memory_bulk_export"),
    path("memories/bulk/result/", bulk.memory_bulk_result, name="memory_bulk_result"),
    path("memories/bulk/<slug:name>/", bulk.memory_bulk_confirm, name="memory_bulk_confirm"),
    path("memories/bulk/<slug:name>/run/", bulk.memory_bulk_run, name="memory_bulk_run"),
    path("memories/<uuid:pk>/", memory.memory_detail, name="memory_detail"),
    path("memories/<uuid:pk>/progress/", memory.memory_progress, name="memory_progress"),
    path("memories/<uuid:pk>/chunks/", memory.memory_chunks, name="memory_chunks"),
    path("memories/<uuid:pk>/chunks/<uuid:chunk_pk>/disable/", memory.chunk_disable, name="memory_chunk_disable"),
    path("memories/<uuid:pk>/chunks/<uuid:chunk_pk>/enable/", memory.chunk_enable, name="memory_chunk_enable"),
    path("memories/<uuid:pk>/attempts/", memory.memory_attempts, name="memory_attempts"),
    path("memories/<uuid:pk>/again/", memory.memory_again, name="memory_again"),
    path("memories/<uuid:pk>/details/", memory.memory_details, name="memory_details"),
    path("memories/<uuid:pk>/history/", memory.memory_history, name="memory_history"),
    path("memories/<uuid:pk>/api/", memory.memory_api, name="memory_api"),
    path("memories/<uuid:pk>/original/", original.memory_original, name="memory_original"),
    path("memories/<uuid:pk>/settings/", settings.memory_settings, name="memory_settings"),
    path("memories/<uuid:pk>/text/", settings.memory_text, name="memory_text"),
    path("memories/<uuid:pk>/move/", settings.memory_move, name="memory_move"),
    path("memories/<uuid:pk>/delete/", settings.memory_delete_confirm, name="memory_delete_confirm"),
    path("memories/<uuid:pk>/delete/run/", settings.memory_delete, name="memory_delete"),
    path("search/retrieval/", retrieval.retrieval, name="retrieval"),
    path("search/retrieval/history/", retrieval.retrieval_history, name="retrieval_history"),
    path("spaces/<uuid:pk>/search/", retrieval.space_search, name="space_search"),
    path("spaces/<uuid:pk>/memory-settings/", space_settings.space_memory_settings, name="space_memory_settings"),
    path(
        "spaces/<uuid:pk>/memory-settings/preview/",
        space_settings.space_memory_preview,
        name="space_memory_preview",
    ),
]
