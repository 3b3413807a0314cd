"""What changes a memory as a whole: its settings, its text, its space, its end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from memories import ingestion
from memories.models import Memory
from memories.permissions import get_memory
from memories.texts import replace_text
from spaces.consequences import goes_with
from spaces.errors import Conflict
from spaces.pages.editing import render_settings, saved, stamp
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.pages import page, render_form, render_page

from .files.forms import MoveFileForm
from .forms import MoveForm, SettingsForm, TextForm
from .memory import changeable, head
from .rows import type_name


@page
@require_http_methods(["GET", "POST"])
def memory_settings(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Title, contact, metadata and how it is cut. 409 with both versions when another change came between."""
    memory = changeable(request, pk)
    form = SettingsForm(request.POST or None, actor=request.actor, memory=memory)
    if saved(request, form, memory, lambda current: _change(request, current, form.values())):
        return redirect("memory_detail", memory.pk)
    return render_settings(request, "memories/memory_settings.html", form, memory, _context(request, memory))


def _context(request: SpacesRequest, memory: Memory) -> dict[str, Any]:
    return {
        **head(request, memory.pk),
        "move_form": MoveForm(actor=request.actor),
        "folder_form": MoveFileForm(actor=request.actor),
        "editable": _is_editable(memory),
    }


def _is_editable(memory: Memory) -> bool:
    """Whether its text is there, made here, and small enough for a form."""
    return (
        not ingestion.why_not_again(memory) and not memory.is_unfinished and memory.byte_size <= 4 * limits.STRING_BYTES
    )


def _change(request: SpacesRequest, memory: Memory, values: dict[str, Any]) -> None:
    """Store what was given; another way of cutting has it ingested again."""
    if values["chunking"] != memory.chunking and memory.original:
        ingestion.again(request.actor, memory, **values)
        messages.success(request, "Saved. It is cut and embedded again.")
    else:
        memory.change(request.actor, **values)
        messages.success(request, "Your changes are saved.")


# ------------------------------------------------------------------------ text


@page
@require_http_methods(["GET", "POST"])
def memory_text(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Edit the text; what is saved takes the place of the file, and is ingested under the same id."""
    memory = changeable(request, pk)
    if not _is_editable(memory):
        raise Conflict("Its text cannot be edited now: it is not ingested, or it is too long for a form.")
    form = TextForm(request.POST or None, initial={"text": "" if request.method == "POST" else _text(memory)})
    if request.method == "POST" and form.is_valid():
        if memory.generation != _number(request.POST.get("generation")):
            form.add_error(None, "Somebody replaced the text meanwhile. Copy what you need and open the page again.")
            return render_form(request, "memories/memory_text.html", form, _of(memory), status=409)
        replace_text(request.actor, memory, form.cleaned_data["text"])
        messages.success(request, "The text is saved, and is being cut and embedded.")
        return redirect("memory_detail", memory.pk)
    return render_form(request, "memories/memory_text.html", form, _of(memory))


def _of(memory: Memory) -> dict[str, Any]:
    return {"memory": memory, "space": memory.space, "kind": type_name(memory.mime_type)}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _text(memory: Memory) -> str:
    rows = Memory.objects.of(memory.account_id).filter(pk=memory.pk)
    return str(rows.values_list("text", flat=True).get())


# ------------------------------------------------------------------- move, delete


@page
@require_POST
def memory_move(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Put the memory into another space, to which one may add."""
    memory = changeable(request, pk)
    form = MoveForm(request.POST, actor=request.actor)
    if form.is_valid():
        try:
            memory.change(request.actor, space=form.cleaned_data["space"])
            messages.success(request, f"The memory is in “{form.cleaned_data['space']}” now.")
            return redirect("memory_detail", memory.pk)
        except Conflict as error:
            form.add_error("space", str(error))
    return settings_page(request, memory, move_form=form)


def settings_page(request: SpacesRequest, memory: Memory, **forms: Any) -> HttpResponse:
    """The settings with a form beside them that was not accepted."""
    form = SettingsForm(actor=request.actor, memory=get_memory(request.actor, memory.pk))
    context = {**_context(request, memory), "form": form, "stamp": stamp(memory), **forms}
    return render_page(request, "memories/memory_settings.html", context, status=422)


@page
@require_safe
def memory_delete_confirm(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """What goes with the memory, by count."""
    memory = changeable(request, pk, "memory.delete")
    goes = goes_with(Memory.objects.of(request.account).filter(pk=memory.pk))
    context = {"memory": memory, "space": memory.space, "folder": memory.folder, "goes": goes}
    return render_page(request, "memories/memory_delete.html", context)


@page
@require_POST
def memory_delete(request: SpacesRequest, pk: UUID) -> HttpResponse:
    memory = changeable(request, pk, "memory.delete")
    memory.remove(request.actor)
    messages.success(request, f"“{memory}” is deleted.")
    if memory.folder_id is not None:
        return redirect("folder_detail", memory.folder_id)
    return redirect("space_memories", memory.space_id)
