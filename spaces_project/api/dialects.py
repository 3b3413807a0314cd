"""Which dialect speaks under which path: its errors are told in its own words wherever they arise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from spaces.errors import SpacesError
from spaces_project.kit import limits

from .chatbotkit.errors import error_response as chatbotkit_error
from .chatbotkit.schema import document as chatbotkit_document
from .goodmem.errors import error_response as goodmem_error
from .goodmem.schema import document as goodmem_document
from .goodmem.uploads import body_bytes as goodmem_body_bytes
from .unique.errors import error_response as unique_error
from .unique.schema import document as unique_document
from .unique.views.addresses import body_bytes as unique_body_bytes


@dataclass(frozen=True)
class Dialect:
    """``prefix`` is the beginning of its paths (or several), ``base`` the address that clients are given; ``respond``
    makes its answer to an error, ``document`` its OpenAPI document; ``body_bytes`` says how large the body of a request
    may be."""

    name: str
    title: str
    prefix: str | tuple[str, ...]
    base: str
    client: str
    respond: Callable[[SpacesError], HttpResponse]
    document: Callable[[], dict[str, Any]]
    body_bytes: Callable[[Any], int] = lambda request: limits.JSON_BODY_BYTES


DOCS = "/api/docs/"
DIALECTS = (
    Dialect(
        name="chatbotkit",
        title="ChatBotKit",
        prefix="/api/",
        base="/api/v1/",
        client="npm @chatbotkit/sdk",
        respond=chatbotkit_error,
        document=chatbotkit_document,
    ),
    Dialect(
        name="unique",
        title="Unique",
        prefix="/public/",
        base="/public/chat-gen2",
        client="PyPI unique-sdk",
        respond=unique_error,
        document=unique_document,
        body_bytes=unique_body_bytes,
    ),
    Dialect(
        name="goodmem",
        title="GoodMem",
        prefix=("/v1/", "/goodmem/"),
        base="/v1/",
        client="PyPI goodmem and goodmem-client",
        respond=goodmem_error,
        document=goodmem_document,
        body_bytes=goodmem_body_bytes,
    ),
)


def dialect_of(path: str) -> Dialect | None:
    """The dialect that answers under ``path``; None for pages, the API's documentation among them."""
    if path.startswith(DOCS) or path == DOCS.rstrip("/"):
        return None
    return next((dialect for dialect in DIALECTS if path.startswith(dialect.prefix)), None)
