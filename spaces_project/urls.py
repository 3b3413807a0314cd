"""The URL map: a table one can read and grep."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from spaces_project import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
