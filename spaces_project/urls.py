"""The URL map: a table one can read and grep."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from spaces_project import health
from spaces_project.api.chatbotkit.base import unknown_route
from spaces_project.api.goodmem.base import unknown_route as unknown_goodmem_route
from spaces_project.api.unique.base import unknown_route as unknown_unique_route

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("api", unknown_route),
    path("api/", include("spaces_project.api.urls")),
    path("public", unknown_unique_route),
    re_path(r"^public/(?:chat(?:-gen2)?/)?", include("spaces_project.api.unique.urls")),
    re_path(r"^(?:goodmem/)?v1/", include("spaces_project.api.goodmem.urls")),
    re_path(r"^(?:v1|goodmem(?:/.*)?)\Z", unknown_goodmem_route, name="goodmem_unknown"),
    path("", include("spaces_project.pages.urls")),
    path("", include("spaces.pages.urls")),
    path("", include("spaces.pages.settings.urls")),
    path("", include("memories.pages.urls")),
    path("", include("memories.pages.files.urls")),
    path("", include("chats.pages.urls")),
]

handler400 = "spaces_project.pages.errors.bad_request"
handler403 = "spaces_project.pages.errors.forbidden"
handler404 = "spaces_project.pages.errors.not_found"
handler500 = "spaces_project.pages.errors.server_error"
