"""The vendor's routes that this product does not have: 404 ``NOT_IMPLEMENTED`` and one line in the log.

Not 501, which the vendor's client would send three times. A route that gets implemented moves to urls.py.
"""

from __future__ import annotations

import logging
from typing import Any, NoReturn

from django.http import HttpRequest

from spaces_project.api.errors import Unimplemented

from .base import Operations

logger = logging.getLogger("spaces.api.unimplemented")

ROUTES: tuple[tuple[str, str], ...] = (
    ("GET", "messages/tools"),
    ("POST", "messages/tools"),
    ("POST", "content/magic-table-sheets"),
    ("POST", "message-execution"),
    ("GET", "message-execution"),
    ("PATCH", "message-execution"),
    ("PATCH", "groups/{id}/configuration"),
    ("GET", "modules"),
    ("POST", "modules"),
    ("GET", "modules/{id}"),
    ("PATCH", "modules/{id}"),
    ("DELETE", "modules/{id}"),
    ("POST", "integrated/chat/stream-completions"),
    ("POST", "integrated/chat/stream-responses"),
    ("POST", "mcp/call-tool"),
    ("GET", "elicitation/pending"),
    ("GET", "scheduled-tasks"),
    ("POST", "scheduled-tasks"),
    ("GET", "company/acronyms"),
)


class UnimplementedOperations(Operations):
    """Answers for the routes of ROUTES with one path, the view's ``route``."""

    route = ""

    def refuse(self, request: HttpRequest, **_: Any) -> NoReturn:
        logger.warning("%s /public/%s", request.method, self.route)
        raise Unimplemented("This operation is not implemented here.")
