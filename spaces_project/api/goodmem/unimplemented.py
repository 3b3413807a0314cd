"""The vendor's routes that this product does not have: 501 and one line in the log, so that a user sees why.

Both clients raise their server error at once for it and repeat nothing. A route that gets implemented moves to urls.py.
"""

from __future__ import annotations

import logging
from typing import Any, NoReturn

from django.http import HttpRequest

from spaces_project.api.errors import Unimplemented

from .base import Operations

logger = logging.getLogger("spaces.api.unimplemented")

GET, POST, PUT, DELETE = "GET", "POST", "PUT", "DELETE"


def _crud(base: str) -> tuple[tuple[str, str], ...]:
    return ((GET, base), (POST, base), (GET, f"{base}/{{id}}"), (PUT, f"{base}/{{id}}"), (DELETE, f"{base}/{{id}}"))


ROUTES: tuple[tuple[str, str], ...] = (
    (POST, "ocr:document"),
    (POST, "admin:drain"),
    (POST, "admin:transferInstanceOwnership"),
    (POST, "admin/background-jobs:purge"),
    (POST, "admin/license:reload"),
    *_crud("admin/retrieve-memory-log-policies"),
    *_crud("access-policy/grants"),
    *_crud("access-policy/role-assignments"),
    (POST, "access-policy:check"),
    *_crud("service-identities"),
    (POST, "service-identities/{id}:transferOwnership"),
    *_crud("decision-models"),
    (POST, "decision-models/{id}/decide"),
    (GET, "users"),
    (POST, "users"),
    (GET, "users/{id}/enrollments"),
    (POST, "users/{id}/enrollments"),
    (GET, "users/{id}/enrollments/{id}"),
    (DELETE, "users/{id}/enrollments/{id}"),
    (POST, "user-enrollments:complete"),
)


class UnimplementedOperations(Operations):
    """Answers for the routes of ROUTES with one path, the view's ``route``."""

    route = ""

    def refuse(self, request: HttpRequest, **_: Any) -> NoReturn:
        logger.warning("%s /v1/%s", request.method, self.route)
        raise Unimplemented("This operation is not implemented here.")
