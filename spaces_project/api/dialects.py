"""Which dialect speaks under which path: its errors are told in its own words wherever they arise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpResponse

from spaces.errors import SpacesError

from .chatbotkit.errors import error_response as chatbotkit_error


@dataclass(frozen=True)
class Dialect:
    """``prefix`` is the beginning of its paths; ``respond`` makes its answer to an error."""

    name: str
    prefix: str
    respond: Callable[[SpacesError], HttpResponse]


DOCS = "/api/docs/"
DIALECTS = (Dialect("chatbotkit", "/api/", chatbotkit_error),)


def dialect_of(path: str) -> Dialect | None:
    """The dialect that answers under ``path``; None for pages, the API's documentation among them."""
    if path.startswith(DOCS) or path == DOCS.rstrip("/"):
        return None
    return next((dialect for dialect in DIALECTS if path.startswith(dialect.prefix)), None)
