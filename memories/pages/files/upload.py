"""Files for a folder: dropped and sent one by one by a small module of ours, or all at once by a plain form."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from memories.files import by_hand
from memories.models import Folder, Memory
from memories.pages.upload import CappedUpload, as_json, mime_type_of, outcomes_of, wants_json
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.pages import page, render_page

from .forms import FilesForm
from .head import head, manageable


@csrf_exempt  # checked in `_upload`, after the handlers are set: reading the token reads the files
@page
@require_POST
def folder_upload(request: SpacesRequest, pk: UUID) -> HttpResponseBase:
    """Put each of ``files`` into the folder; those that cannot be say why. Answers JSON to what asks for it."""
    cap = CappedUpload(request)
    request.upload_handlers.insert(0, cap)
    return _upload(request, pk, cap)


@csrf_protect
def _upload(request: SpacesRequest, pk: UUID, cap: CappedUpload) -> HttpResponseBase:
    folder = manageable(request, pk, "folder.write")
    form = FilesForm(request.POST, request.FILES)
    outcomes = outcomes_of(form, cap, lambda file, name: _put(request, folder, file, name))
    if wants_json(request):
        return as_json(form, outcomes)
    if form.is_valid() and all(each.memory for each in outcomes):
        many = len(outcomes) > 1
        words = f"{len(outcomes)} files are added, and are" if many else f"“{outcomes[0].name}” is added, and is"
        messages.success(request, f"{words} being read.")
        return redirect("folder_detail", folder.pk)
    context = {**head(request, folder), "form": form, "outcomes": outcomes, "most": limits.ORIGINAL_BYTES >> 20}
    return render_page(request, "files/folder_upload.html", context, status=422)


def _put(request: SpacesRequest, folder: Folder, file: UploadedFile[Any], name: str) -> Memory:
    mime_type = mime_type_of(name, file.content_type or "")
    return by_hand.add(request.actor, folder, name, file, name=name, mime_type=mime_type)
