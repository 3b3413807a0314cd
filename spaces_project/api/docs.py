"""The documentation of the API, offline and for everybody: an index, a page per dialect and its OpenAPI document."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .dialects import DIALECTS, Dialect


def _dialect(name: str) -> Dialect:
    for dialect in DIALECTS:
        if dialect.name == name:
            return dialect
    raise Http404


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What the server speaks, and where."""
    base = "base.html" if request.user.is_authenticated else "gate.html"
    return render(request, "api/docs.html", {"dialects": DIALECTS, "base": base})


@require_safe
def reference(request: HttpRequest, dialect: str) -> HttpResponse:
    """The operations of one dialect, to read and to try (Swagger UI, from the installed package)."""
    return render(request, "api/reference.html", {"dialect": _dialect(dialect)})


@require_safe
def openapi(request: HttpRequest, dialect: str) -> HttpResponse:
    """The OpenAPI 3.1 document of one dialect."""
    return JsonResponse(_dialect(dialect).document())
