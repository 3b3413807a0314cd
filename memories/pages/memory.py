"""The page of one memory: its text with the chunks in it, and the tabs beside it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from memories import ingestion
from memories.chunking import as_json, parse
from memories.models import Attempt, Chunk, Memory, MemorySettings, MemoryVersion
from memories.permissions import get_memory
from spaces.errors import NotFound
from spaces.models import AuditEntry
from spaces.pages.history import history_count, history_page
from spaces.permissions import can, require, visible_contacts
from spaces.requests import SpacesRequest
from spaces_project.kit.pages import Count, Tab, page, render_page, tabs_of

from .attempts import Try, tries_of
from .chunks import TEXT_CHUNKS, chunk_page, with_vectors
from .files.head import trail
from .files.history import lines_with_folders
from .original import is_pdf
from .rows import latest_attempts, progress_of, type_name
from .samples import memory_samples
from .text import beginning, pieces_of

TRIES_SHOWN = 50
TABS = (
    ("Text", "memory_detail"),
    ("Chunks", "memory_chunks"),
    ("Attempts", "memory_attempts"),
    ("Details", "memory_details"),
    ("Versions", "memory_versions"),
    ("Settings", "memory_settings"),
    ("History", "memory_history"),
    ("API", "memory_api"),
)
FOR_CHANGERS = ("memory_settings",)


def head(request: SpacesRequest, pk: UUID) -> dict[str, Any]:
    """What the head of every tab shows, and what one may do with the memory. NotFound."""
    memory = _found(request, pk)
    may_update = can(request.actor, "memory.update", memory)
    return {
        "memory": memory,
        "space": memory.space,
        "folder": memory.folder,
        "trail": trail(request.actor, memory.folder) if memory.folder else [],
        "kind": type_name(memory.mime_type),
        "has_preview": bool(memory.preview) or is_pdf(memory),
        "may_update": may_update,
        "tabs": _tabs(request, memory, may_update),
        **_state(memory),
    }


def _state(memory: Memory) -> dict[str, Any]:
    attempt = latest_attempts(memory.account_id, [memory]).get(memory.pk)
    return {"progress": progress_of(memory, attempt), "attempt": attempt and Try(attempt)}


def _tabs(request: SpacesRequest, memory: Memory, may_update: bool) -> list[Tab]:
    counts = {
        "memory_chunks": Count(memory.chunk_count),
        "memory_versions": _version_count(memory),
        "memory_attempts": Count(Attempt.objects.of(memory.account_id).filter(memory=memory).count()),
        "memory_history": history_count(_entries(memory)),
    }
    shown = [(label, name) for label, name in TABS if may_update or name not in FOR_CHANGERS]
    return tabs_of(request, memory.pk, shown, counts)


def _version_count(memory: Memory) -> Count | None:
    """With the file as it is; none when there was no other."""
    kept = MemoryVersion.objects.of(memory.account_id).filter(memory=memory).count()
    return Count(kept + 1) if kept else None


def _entries(memory: Memory) -> Any:
    return AuditEntry.objects.of(memory.account_id).about(memory.pk)


def _found(request: SpacesRequest, pk: UUID) -> Memory:
    """The memory. NotFound. The page of one in a folder is one of the files."""
    memory = get_memory(request.actor, pk)
    if memory.folder_id is not None:
        request.lies_in = "file_list"
    return memory


def changeable(request: SpacesRequest, pk: UUID, operation: str = "memory.update") -> Memory:
    """The memory, when this person may change it; NotFound, or NotAllowed when it may only be read."""
    memory = _found(request, pk)
    require(request.actor, operation, memory)
    return memory


# ------------------------------------------------------------------------ text


@page
@require_safe
def memory_detail(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """The stored text, with the chunks marked in it; so many chunks at a time."""
    context = head(request, pk)
    memory: Memory = context["memory"]
    listing = chunk_page(request, memory, TEXT_CHUNKS)
    contact = visible_contacts(request.actor).filter(pk=memory.contact_id).first() if memory.contact_id else None
    context |= {
        "page": listing,
        "pieces": pieces_of(memory, listing.rows),
        "linked_contact": contact,
        "plan": _plan(memory),
        **_unmarked(memory),
    }
    return render_page(request, "memories/memory_detail.html", context, fragment="memories/_memory_text.html")


def _plan(memory: Memory) -> dict[str, Any]:
    """How it is cut, in GoodMem's words, and whether by a configuration of its own."""
    plan = parse(memory.chunking) if memory.chunking else MemorySettings.of(memory.space).plan
    kind, values = next((name, found) for name, found in as_json(plan).items() if found is not None)
    return {"kind": kind, "values": values, "is_own": bool(memory.chunking)}


def _unmarked(memory: Memory) -> dict[str, Any]:
    """The beginning of a text that is stored already, and not cut up yet."""
    return {} if memory.chunk_count else {"beginning": beginning(memory)}


@page
@require_safe
def memory_progress(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """How far ingestion is, for a page that looks again; when it has ended the whole page comes anew."""
    memory = get_memory(request.actor, pk)
    context = {"memory": memory, "space": memory.space, "may_update": False, **_state(memory)}
    response = render_page(request, "memories/_memory_progress.html", context)
    if not memory.is_unfinished:
        response["HX-Refresh"] = "true"
    return response


# ----------------------------------------------------------------------- chunks


@page
@require_safe
def memory_chunks(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """The chunks in their order: what is in them, on which page, and by which embedders they are found."""
    context = head(request, pk)
    listing = chunk_page(request, context["memory"])
    context |= {"page": listing, "embedders": with_vectors(context["memory"], listing.rows)}
    return render_page(request, "memories/memory_chunks.html", context, fragment="memories/_memory_chunks.html")


@page
@require_POST
def chunk_disable(request: SpacesRequest, pk: UUID, chunk_pk: UUID) -> HttpResponse:
    """Let no search find the chunk."""
    return _switched(request, pk, chunk_pk, is_disabled=True)


@page
@require_POST
def chunk_enable(request: SpacesRequest, pk: UUID, chunk_pk: UUID) -> HttpResponse:
    """Let searches find the chunk again."""
    return _switched(request, pk, chunk_pk, is_disabled=False)


def _switched(request: SpacesRequest, pk: UUID, chunk_pk: UUID, *, is_disabled: bool) -> HttpResponse:
    memory = changeable(request, pk)
    chunk = Chunk.objects.of(memory.account_id).filter(memory=memory, pk=chunk_pk).first()
    if chunk is None:
        raise NotFound("Chunk not found")
    chunk.disable(request.actor, is_disabled=is_disabled)
    return redirect(f"{reverse('memory_chunks', args=[memory.pk])}?chunk={chunk.order + 1}#chunk-{chunk.order + 1}")


# ------------------------------------------------------------------- other tabs


@page
@require_safe
def memory_attempts(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Every try to ingest it, the newest first, with its stages and what went wrong."""
    context = head(request, pk)
    context["tries"] = tries_of(context["memory"], TRIES_SHOWN)
    return render_page(request, "memories/memory_attempts.html", context)


@page
@require_POST
def memory_again(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Ingest it once more: after a failure, or as its space now cuts and embeds."""
    memory = changeable(request, pk)
    ingestion.again(request.actor, memory)
    return redirect("memory_detail", memory.pk)


@page
@require_safe
def memory_details(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """The file as it came, where it is from, and the metadata."""
    return render_page(request, "memories/memory_details.html", head(request, pk))


@page
@require_safe
def memory_history(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Who changed what, newest first. Of texts and metadata the history keeps nothing."""
    context = head(request, pk)
    entries = _entries(context["memory"])
    return history_page(request, "memories/memory_history.html", context, entries, lines_with_folders)


@page
@require_safe
def memory_api(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """The requests that return what these pages show."""
    context = head(request, pk)
    return render_page(
        request, "memories/memory_api.html", {**context, "groups": memory_samples(request, context["memory"])}
    )
