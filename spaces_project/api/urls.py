"""/api/: the dialects, their documentation, and JSON for everything else."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from . import docs
from .chatbotkit.base import unknown_route

urlpatterns: list[URLPattern | URLResolver] = [
    path("docs/", docs.index, name="api_docs"),
    path("docs/<slug:dialect>/", docs.reference, name="api_docs_reference"),
    path("docs/<slug:dialect>/openapi.json", docs.openapi, name="api_docs_openapi"),
    path("v1/", include("spaces_project.api.chatbotkit.urls")),
    re_path(r"^", unknown_route, name="api_unknown"),
]
