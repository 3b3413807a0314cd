"""Opening an export link: no sign-in, the right to read of its maker at this moment, filters fixed in the link."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from spaces.errors import SpacesError
from spaces.models import ExportLink
from spaces.requests import SpacesRequest

from .errors import error_page
from .exports import DOWNLOADS

FORMATS = ("csv", "xlsx", "jsonl")


@require_safe
def export_link_open(request: SpacesRequest, token: str, name: str, format: str) -> HttpResponseBase:
    """``/links/<token>/<any name>.<format>``. Whatever is wrong (the token, its end, its maker's rights): one 404."""
    link = ExportLink.objects.open(token)
    download = DOWNLOADS.get(link.path) if link else None
    if link is None or download is None or format not in FORMATS:
        return _nothing(request)
    link.touch()
    actor = link.actor(address=request.address, request_id=request.request_id)
    try:
        return download.response(actor, QueryDict(link.query), format, is_head=request.method == "HEAD")
    except SpacesError:
        return _nothing(request)


def _nothing(request: SpacesRequest) -> HttpResponse:
    """The same bytes for everybody, whether signed in or not."""
    request.user = AnonymousUser()  # type: ignore[assignment]
    response = error_page(request, HTTPStatus.NOT_FOUND)
    response["Cache-Control"] = "no-store"
    return response
