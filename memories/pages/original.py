"""The file that a memory is made of, to be downloaded: never shown by the browser, which would run what is in it."""

from __future__ import annotations

from typing import IO
from uuid import UUID

from django.http import FileResponse
from django.views.decorators.http import require_safe

from memories.models import Memory
from memories.originals import open_original
from memories.permissions import get_memory
from spaces.errors import NotFound
from spaces.requests import SpacesRequest
from spaces_project.kit.pages import page

ENDS = {
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/html": ".html",
    "text/csv": ".csv",
    "application/json": ".json",
}


@page
@require_safe
def memory_original(request: SpacesRequest, pk: UUID) -> FileResponse:
    """The bytes as they came. NotFound when there is no file."""
    memory = get_memory(request.actor, pk)
    if not memory.original:
        raise NotFound("It has no file.")
    return attached(memory, open_original(memory.account_id, memory.original))


def attached(named: object, content: IO[bytes]) -> FileResponse:
    """The bytes as a download that no browser opens, called after ``named``: a memory or a version of one."""
    response = FileResponse(content, as_attachment=True, filename=file_name(named), content_type=_TYPE)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


_TYPE = "application/octet-stream"  # whatever it is, no browser opens it


def file_name(memory: object) -> str:
    """What it is saved as: its name, with an end that fits when it has none."""
    name = str(getattr(memory, "key", "") or memory).replace("/", "_").replace("\\", "_").strip() or "memory"
    mime_type = str(getattr(memory, "mime_type", "")).partition(";")[0]
    return name if "." in name[1:] else f"{name}{ENDS.get(mime_type, '')}"


def is_pdf(memory: Memory) -> bool:
    """Whether its file is a PDF, as it was said when it came."""
    return bool(memory.original) and memory.mime_type.partition(";")[0].strip().lower() == "application/pdf"
