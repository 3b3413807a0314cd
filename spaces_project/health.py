"""The two probes: is this process alive, and is it ready to serve.

They answer whatever the Host header says (a load balancer names an address) and before any other work.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import resolve
from django.views.decorators.http import require_safe

from spaces_project.env import DATA_DIR

PROBES = ("/healthz", "/readyz")
LEAST_FREE_DISK = 0.10  # of the data folder's file system

View = Callable[[HttpRequest], HttpResponse]


class HealthMiddleware:
    """Answers the probes before hosts, redirects and sessions are looked at; must stand first."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in PROBES:
            response: HttpResponse = resolve(request.path_info).func(request)
            return response
        return self.get_response(request)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process can answer; touches nothing else."""
    return JsonResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when every check passes, else 503; the body says `ok` or what is wrong for each check."""
    checks = {"database": _database(), "migrations": _migrations(), "disk": _disk()}
    ready = all(said == "ok" for said in checks.values())
    body: dict[str, Any] = {"status": "ok" if ready else "unavailable", "checks": checks}
    return JsonResponse(body, status=200 if ready else 503, headers={"Cache-Control": "no-store"})


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    return "ok"


def _migrations() -> str:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "unknown"
    return f"{len(missing)} not applied" if missing else "ok"


def _disk() -> str:
    usage = shutil.disk_usage(DATA_DIR)
    free = usage.free / usage.total
    return "ok" if free > LEAST_FREE_DISK else f"{free:.0%} free, at least {LEAST_FREE_DISK:.0%} needed"
