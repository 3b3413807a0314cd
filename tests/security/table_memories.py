"""The table's lines for the pages of memories, of searches in them, and of what embeds and ranks them."""

from __future__ import annotations

from typing import Any

from .route import EXPORT, Route, admin, page
from .stage import Stage

MEMORY, SPACE = {"pk": "memory"}, {"pk": "space"}
CHUNK = {**MEMORY, "chunk_pk": "chunk"}
CHOSEN, ONE = {"ids": "memory"}, {"expected": "1"}
SERVER = {
    "name": "Changed",
    "provider_type": "TEI",
    "endpoint_url": "https://tei.example.com/v2",
    "api_path": "/embed",
    "model_identifier": "n",
    "dimensionality": "8",
}


def _file(stage: Stage) -> dict[str, Any]:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return {"files": SimpleUploadedFile("note.txt", b"Something new", "text/plain")}


def _settings(stage: Stage) -> dict[str, Any]:
    return {"stamp": stage.ours.memory.updated_at.isoformat(), "name": "changed", "meta": "{}"}


def _text(stage: Stage) -> dict[str, Any]:
    return {"text": "Another text", "generation": str(stage.ours.memory.generation)}


def _space_settings(stage: Stage) -> dict[str, Any]:
    return {f"use_{stage.ours.embedder.pk}": "on", "kind": "sentence", "most": "400", "least": "50"}


MEMORY_LISTS: tuple[Route, ...] = (
    page("memory_list", query={"id": "memory", "space": "space.wire", "contact": "contact.wire"}, outsider=200),
    page("memory_list", query={"q": "memory.wire"}, outsider=200),
    page("memory_states", query={"id": "memory"}, outsider=200),
    page("memory_columns", "POST", data={"col": ["space"]}, outsider=302),
    page("memory_bulk_export", "POST", body=CHOSEN, outsider=302),
    *(
        page("memory_bulk_confirm", "POST", {"name": f"={name}"}, body=CHOSEN, outsider=200)
        for name in ("retry", "again", "move", "delete")
    ),
    *(
        page("memory_bulk_run", "POST", {"name": f"={name}"}, body=CHOSEN, data=ONE, outsider=409, writes=("memory",))
        for name in ("again", "delete")
    ),
    page(
        "memory_bulk_run",
        "POST",
        {"name": "=move"},
        body={**CHOSEN, "space": "other_space"},
        data=ONE,
        outsider=422,
        writes=("memory",),
    ),
    page("memory_bulk_result", outsider=302),
    page("space_memories", path=SPACE),
    page("contact_memories", path={"pk": "contact"}),
    Route("memory_export", EXPORT, path={"format": "=jsonl"}, query={"id": "memory"}, outsider=200),
    Route("memory_export", EXPORT, path={"format": "=csv"}, query={"space": "space.wire"}, outsider=200),
    Route("chunk_export", EXPORT, path={"format": "=jsonl"}, query={"id": "memory"}, outsider=200),
)
MEMORY_PAGES: tuple[Route, ...] = (
    page("memory_create", query={"space": "space.wire"}, outsider=200),
    page("memory_upload", "POST", body={"space": "space"}, data=_file, outsider=422, writes=("memory",)),
    page(
        "memory_write",
        "POST",
        body={"write-space": "space", "write-contact": "contact.wire"},
        data={"write-text": "Something new"},
        outsider=422,
        writes=("memory",),
    ),
    *(
        page(f"memory_{name}", path=MEMORY)
        for name in (
            *("detail", "progress", "chunks", "attempts", "details", "history", "api", "original", "settings"),
            *("text", "delete_confirm"),
        )
    ),
    page("memory_chunk_disable", "POST", CHUNK, writes=("chunk",)),
    page("memory_chunk_enable", "POST", CHUNK),
    page("memory_again", "POST", MEMORY, writes=("memory",)),
    page("memory_settings", "POST", MEMORY, body={"contact": "contact.wire"}, data=_settings, writes=("memory",)),
    page("memory_text", "POST", MEMORY, data=_text, writes=("memory",)),
    page("memory_move", "POST", MEMORY, body={"space": "other_space"}, writes=("memory",)),
    page("memory_delete", "POST", MEMORY, writes=("memory",)),
    page("retrieval", query={"text": "=canary", "mode": "=full_text", "spaces": "space"}, outsider=422),
    page("retrieval", query={"text": "=canary", "mode": "=full_text", "why": "memory"}, outsider=200),
    page("retrieval_history", outsider=200),
    page("space_search", path=SPACE, query={"text": "=canary", "mode": "=full_text", "why": "chunk"}),
    page("space_memory_settings", path=SPACE),
    page(
        "space_memory_settings",
        "POST",
        SPACE,
        body={"reranker": "reranker"},
        data=_space_settings,
        writes=("spaceembedder", "memorysettings"),
    ),
    page("space_memory_preview", "POST", SPACE, data=_space_settings),
)
REMOTE_PAGES: tuple[Route, ...] = tuple(
    line
    for kind in ("embedder", "reranker")
    for line in (
        admin(f"{kind}_list"),
        admin(f"{kind}_create"),
        admin(f"{kind}_create", "POST", data=SERVER, writes=(kind,)),
        admin(f"{kind}_detail", path={"pk": kind}),
        admin(f"{kind}_detail", "POST", {"pk": kind}, data=SERVER, writes=(kind,)),
        admin(f"{kind}_test", "POST", {"pk": kind}),
        admin(f"{kind}_delete_confirm", path={"pk": kind}),
        admin(f"{kind}_delete", "POST", {"pk": kind}, writes=(kind,)),
    )
)
MEMORIES = (
    *MEMORY_LISTS,
    *MEMORY_PAGES,
    *REMOTE_PAGES,
    admin("embedder_default", "POST", {"pk": "embedder"}, writes=("embedder", "embedder", "spaceembedder")),
)
