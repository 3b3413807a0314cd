"""What the file of a memory was before: to be looked at and brought back; and another file put in its place."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from memories.files import by_hand, restore
from memories.models import Memory, MemoryVersion
from memories.originals import open_original
from memories.pages.memory import changeable, head
from memories.pages.original import attached, is_pdf
from memories.pages.rows import type_name
from memories.pages.upload import CappedUpload, Outcome, mime_type_of, outcomes_of
from memories.permissions import get_memory
from spaces.errors import NotFound
from spaces.models import User
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.pages import page, render_page

from .forms import ReplaceForm

PDF = b"%PDF-"
PDF_POLICY = "default-src 'none'; frame-ancestors 'none'"  # in a sandbox no reader opens it


@page
@require_safe
def memory_versions(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """The file as it is, and what it was before, newest first."""
    return _page(request, pk, ReplaceForm())


def _page(request: SpacesRequest, pk: UUID, form: ReplaceForm, status: int = 200, **more: Any) -> HttpResponse:
    context = head(request, pk)
    memory: Memory = context["memory"]
    kept = list(MemoryVersion.objects.of(memory.account_id).filter(memory=memory).order_by("-number"))
    context |= {"versions": kept, "present": _present(memory, kept), "form": form, **more}
    _name_people(request, [*kept, context["present"]])
    context["most"] = limits.ORIGINAL_BYTES >> 20
    return render_page(request, "memories/memory_versions.html", context, status=status)


def _present(memory: Memory, kept: list[MemoryVersion]) -> MemoryVersion:
    """The file that is there as one more line of the table; a version that is stored nowhere."""
    last = kept[0] if kept else None
    return MemoryVersion(
        account_id=memory.account_id,
        number=last.number + 1 if last else 1,
        byte_size=memory.byte_size,
        mime_type=memory.mime_type,
        written_at=last.created_at if last else memory.created_at,
        written_by=last.archived_by if last else memory.created_by,
    )


def _name_people(request: SpacesRequest, rows: list[MemoryVersion]) -> None:
    """Give each row ``who`` and ``kind``."""
    users = User.objects.of(request.account).filter(pk__in={row.written_by for row in rows if row.written_by})
    names = {user.pk: str(user) for user in users}
    for row in rows:
        row.who, row.kind = names.get(row.written_by, ""), type_name(row.mime_type)  # type: ignore[attr-defined]


def _version(memory: Memory, pk: UUID) -> MemoryVersion:
    found: MemoryVersion | None = MemoryVersion.objects.of(memory.account_id).filter(memory=memory, pk=pk).first()
    if found is None:
        raise NotFound("Version not found")
    return found


@page
@require_safe
def memory_version(request: SpacesRequest, pk: UUID, version_pk: UUID) -> FileResponse:
    """The bytes of a version, to be downloaded."""
    memory = get_memory(request.actor, pk)
    version = _version(memory, version_pk)
    return attached(version, open_original(memory.account_id, version.original))


@page
@require_safe
def memory_version_restore_confirm(request: SpacesRequest, pk: UUID, version_pk: UUID) -> HttpResponse:
    """What bringing a version back does."""
    memory = changeable(request, pk)
    version = _version(memory, version_pk)
    _name_people(request, [version])
    return render_page(request, "memories/memory_version_restore.html", {**head(request, pk), "version": version})


@page
@require_POST
def memory_version_restore(request: SpacesRequest, pk: UUID, version_pk: UUID) -> HttpResponse:
    """Let the version's file be the memory's again; the present one becomes a version."""
    memory = changeable(request, pk)
    version = _version(memory, version_pk)
    restore(request.actor, memory, version)
    messages.success(request, f"Version {version.number} is back, and is being read.")
    return redirect("memory_versions", memory.pk)


# -------------------------------------------------------------------- replace


@csrf_exempt  # checked in `_replace`, after the handlers are set: reading the token reads the file
@page
@require_POST
def memory_replace(request: SpacesRequest, pk: UUID) -> HttpResponseBase:
    """Put another file in the place of the memory's, which becomes a version."""
    cap = CappedUpload(request)
    request.upload_handlers.insert(0, cap)
    return _replace(request, pk, cap)


@csrf_protect
def _replace(request: SpacesRequest, pk: UUID, cap: CappedUpload) -> HttpResponseBase:
    memory = changeable(request, pk)
    form = ReplaceForm(request.POST, request.FILES)
    outcomes = outcomes_of(form, cap, lambda file, name: _put(request, memory, file, name))
    if form.is_valid() and all(each.memory for each in outcomes):
        return redirect("memory_versions", memory.pk)
    _say(form, outcomes)
    return _page(request, pk, form, 422)


def _put(request: SpacesRequest, memory: Memory, file: UploadedFile[Any], name: str) -> Memory:
    if by_hand.replace(request.actor, memory, file, mime_type_of(name, file.content_type or "")):
        messages.success(request, f"“{name}” has taken the place of the file, and is being read.")
    else:
        messages.info(request, "It is the same file: nothing was changed.")
    return memory


def _say(form: ReplaceForm, outcomes: list[Outcome]) -> None:
    if form.is_valid():
        form.add_error("files", " ".join(each.error for each in outcomes if each.error))


# -------------------------------------------------------------------- preview


@page
@require_safe
def memory_preview(request: SpacesRequest, pk: UUID) -> HttpResponseBase:
    """The PDF to look at, shown by the browser's own reader; nothing in it may do anything."""
    memory = get_memory(request.actor, pk)
    if not preview_of(memory):
        raise NotFound("There is nothing to look at.")
    content = open_original(memory.account_id, preview_of(memory))
    if PDF not in content.read(1024):
        content.close()
        raise NotFound("There is nothing to look at.")
    content.seek(0)
    response = FileResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = "inline"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = PDF_POLICY
    return response


def preview_of(memory: Memory) -> str:
    """The SHA-256 of a PDF to look at: the one made for that, or the file itself when it is one; else empty."""
    return memory.preview or (memory.original if is_pdf(memory) else "")
