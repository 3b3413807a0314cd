"""The vendor's operations that this product does not have: 501 and one line in the log, so that a user sees why.

An operation that gets implemented moves from this table to urls.py.
"""

from __future__ import annotations

import logging
from typing import Any, NoReturn

from django.http import HttpRequest

from spaces_project.api.errors import Unimplemented

from .base import Operations

logger = logging.getLogger("spaces.api.unimplemented")

GET, POST = "GET", "POST"
CRUD = ((GET, "list"), (POST, "create"), (GET, "{id}/fetch"), (POST, "{id}/update"), (POST, "{id}/delete"))


def _crud(base: str) -> tuple[tuple[str, str], ...]:
    return tuple((method, f"{base}/{operation}") for method, operation in CRUD)


ROUTES: tuple[tuple[str, str], ...] = (
    (GET, "space/{id}/storage/list"),
    (GET, "space/{id}/storage/list/{path}"),
    (GET, "space/{id}/storage/download/{path}"),
    (POST, "space/{id}/storage/upload/{path}"),
    (POST, "space/{id}/storage/delete/{path}"),
    (POST, "space/{id}/storage/copy/{path}"),
    (POST, "space/{id}/storage/move/{path}"),
    *_crud("space/{id}/site"),
    (GET, "contact/{id}/secret/list"),
    (POST, "contact/{id}/secret/{id}/authenticate"),
    (POST, "contact/{id}/secret/{id}/revoke"),
    (POST, "contact/{id}/secret/{id}/verify"),
    (GET, "contact/{id}/task/list"),
    (POST, "conversation/dispatch"),
    (POST, "conversation/{id}/attachment/upload"),
    (POST, "conversation/{id}/compact"),
    (POST, "conversation/{id}/dispatch"),
    (GET, "conversation/{id}/usage/fetch"),
    (POST, "conversation/{id}/message/{id}/synthesize"),
    (POST, "Attachment/{id}/upload"),
    *_crud("bot"),
    *_crud("dataset"),
    (POST, "dataset/{id}/search"),
    *_crud("dataset/{id}/record"),
    (GET, "dataset/{id}/record/export"),
    (GET, "dataset/{id}/file/list"),
    (POST, "dataset/{id}/file/{id}/attach"),
    (POST, "dataset/{id}/file/{id}/detach"),
    (POST, "dataset/{id}/file/{id}/sync"),
    *_crud("file"),
    (GET, "file/{id}/download"),
    (POST, "file/{id}/sync"),
    (POST, "file/{id}/upload"),
    *_crud("skillset"),
    *_crud("skillset/{id}/ability"),
    (GET, "skillset/{id}/ability/export"),
    *_crud("secret"),
    *_crud("blueprint"),
    *_crud("task"),
    (GET, "task/export"),
    (POST, "task/{id}/cancel"),
    (POST, "task/{id}/trigger"),
    (POST, "task/{id}/subscribe"),
    (GET, "task/{id}/execution/list"),
    (POST, "task/{id}/execution/{id}/cancel"),
    (GET, "event/log/list"),
    (GET, "event/log/export"),
    (POST, "event/log/subscribe"),
    (POST, "channel/{id}/publish"),
    (POST, "channel/{id}/subscribe"),
)


class UnimplementedOperations(Operations):
    """Answers for one route of ROUTES, named by the view's ``route``."""

    route = ""

    def refuse(self, request: HttpRequest, **_: Any) -> NoReturn:
        logger.warning("%s /api/v1/%s", request.method, self.route)
        raise Unimplemented()
