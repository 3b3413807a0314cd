"""Adding memories: files, one or many, or a text that is written. Works as plain forms; a small module of ours sends
dropped files one by one, so that each shows how far it is and what went wrong with it."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from memories import ingestion
from memories.models import Memory
from memories.texts import add_text
from spaces.errors import Conflict, InvalidInput, NotAllowed
from spaces.models import Space
from spaces.permissions import uploadable_spaces
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.ids import InvalidId, decode_any
from spaces_project.kit.pages import page, render_page

from .forms import UploadForm, WriteForm
from .samples import create_sample

UNKNOWN_TYPE = "application/octet-stream"
# what the table of the machine may not know, or knows under another name
SUFFIXES = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".txt": "text/plain",
    ".csv": "text/csv",
    ".json": "application/json",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
TOO_LARGE = f"Larger than {limits.ORIGINAL_BYTES >> 20} MiB, the most that a file may have."


@dataclass(frozen=True)
class Outcome:
    """What became of one file: its memory, or why there is none."""

    name: str
    memory: Memory | None = None
    error: str = ""


class CappedUpload(FileUploadHandler):
    """Before those that keep a file: leaves the rest of one that is too large unread, and remembers its name."""

    chunk_size = FileUploadHandler.chunk_size

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.too_large: list[str] = []
        self.received = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > limits.ORIGINAL_BYTES:
            self.too_large.append(self.file_name or "A file")
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def mime_type_of(name: str, declared: str) -> str:
    """The media type of a file by the end of its name, or as the browser says."""
    suffix = f".{name.rpartition('.')[2].lower()}"
    found = SUFFIXES.get(suffix) or mimetypes.guess_type(name)[0] or declared or UNKNOWN_TYPE
    return found[: limits.MIME_TYPE_CHARS]


def chosen_space(request: SpacesRequest) -> Space | None:
    """The space that the address names, if one may add memories there."""
    try:
        pk = decode_any(request.GET.get("space", ""))
    except InvalidId:
        return None
    found: Space | None = uploadable_spaces(request.actor).filter(pk=pk).first()
    return found


@page
@require_safe
def memory_create(request: SpacesRequest) -> HttpResponse:
    """Where files are dropped or chosen, and a text can be written."""
    return _form_page(request)


def _form_page(request: SpacesRequest, status: int = 200, **context: Any) -> HttpResponse:
    if not uploadable_spaces(request.actor).exists():
        raise NotAllowed()
    space = chosen_space(request)
    initial = {"space": space.pk if space else ""}
    context = {
        "form": UploadForm(actor=request.actor, initial=initial),
        "write_form": WriteForm(actor=request.actor, initial=initial, prefix="write"),
        "space": space,
        "most": limits.ORIGINAL_BYTES >> 20,
        "curl": create_sample(request, space),
        **context,
    }
    return render_page(request, "memories/memory_create.html", context, status=status)


# --------------------------------------------------------------------- files


@csrf_exempt  # checked in `_upload`, after the handlers are set: reading the token reads the files
@page
@require_POST
def memory_upload(request: SpacesRequest) -> HttpResponseBase:
    """Add each of ``files``; those that cannot be added say why. Answers JSON to what asks for it."""
    cap = CappedUpload(request)
    request.upload_handlers.insert(0, cap)
    return _upload(request, cap)


@csrf_protect
def _upload(request: SpacesRequest, cap: CappedUpload) -> HttpResponseBase:
    form = UploadForm(request.POST, request.FILES, actor=request.actor)
    outcomes = outcomes_of(form, cap, lambda file, name: _add(request, form, file, name))
    if wants_json(request):
        return as_json(form, outcomes)
    if form.is_valid() and all(each.memory for each in outcomes):
        return _done(request, [each.memory for each in outcomes if each.memory])
    return _form_page(request, 422, form=form, outcomes=outcomes)


def wants_json(request: SpacesRequest) -> bool:
    """Whether it is our module that asks, and no form."""
    return request.accepts("application/json") and not request.accepts("text/html")


def outcomes_of(form: Any, cap: CappedUpload, add: Callable[[UploadedFile[Any], str], Memory]) -> list[Outcome]:
    """What became of each of the form's ``files``, and of those that were too large; an error of the form for none."""
    outcomes = [Outcome(name, error=TOO_LARGE) for name in cap.too_large]
    if form.is_valid():
        outcomes = [*(_added(file, add) for file in form.cleaned_data["files"]), *outcomes]
        if not outcomes:
            form.add_error("files", "Choose at least one file.")
    return outcomes


def _added(file: UploadedFile[Any], add: Callable[[UploadedFile[Any], str], Memory]) -> Outcome:
    name = (file.name or "Untitled")[: limits.NAME_CHARS]
    if not file.size:
        return Outcome(name, error="The file is empty.")
    try:
        return Outcome(name, add(file, name))
    except (Conflict, InvalidInput) as error:
        return Outcome(name, error=str(error))
    except ValidationError as error:
        return Outcome(name, error=" ".join(error.messages))


def _add(request: SpacesRequest, form: UploadForm, file: UploadedFile[Any], name: str) -> Memory:
    title = form.cleaned_data["name"] if len(form.cleaned_data["files"]) == 1 else ""
    fields = {
        "name": title or name,
        "key": name,
        "mime_type": mime_type_of(name, file.content_type or ""),
        "contact": form.cleaned_data["contact"],
    }
    return ingestion.add(request.actor, form.cleaned_data["space"], file, **fields)


def as_json(form: Any, outcomes: list[Outcome]) -> JsonResponse:
    """``{"files": [{"name", "url"} or {"name", "error"}]}``; 422 with ``error`` when nothing was tried."""
    if not form.is_valid():
        said = " ".join(text for errors in form.errors.values() for text in map(str, errors))
        return JsonResponse({"error": said}, status=422)
    files = [
        {"name": each.name, "url": reverse("memory_detail", args=[each.memory.pk])}
        if each.memory
        else {"name": each.name, "error": each.error}
        for each in outcomes
    ]
    return JsonResponse({"files": files})


def _done(request: SpacesRequest, added: list[Memory]) -> HttpResponse:
    if len(added) == 1:
        messages.success(request, f"“{added[0]}” is added, and is being read.")
        return redirect("memory_detail", added[0].pk)
    messages.success(request, f"{len(added)} memories are added, and are being read.")
    return redirect(f"{reverse('memory_list')}?space={added[0].space_id}")


# ---------------------------------------------------------------------- text


@page
@require_POST
def memory_write(request: SpacesRequest) -> HttpResponse:
    """Add what was written as a memory."""
    form = WriteForm(request.POST, actor=request.actor, prefix="write")
    if form.is_valid() and (memory := _written(request, form)):
        return _done(request, [memory])
    return _form_page(request, 422, write_form=form)


def _written(request: SpacesRequest, form: WriteForm) -> Memory | None:
    values = dict(form.cleaned_data)
    space, text = values.pop("space"), values.pop("text")
    try:
        with form.refusals():
            return add_text(request.actor, space, text, **values)
    except InvalidInput as error:
        form.add_error("text", str(error))
    return None
