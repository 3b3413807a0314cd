"""The OpenAPI document of the ChatBotKit dialect."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.urls import include, path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings

from .urls import app_name, implemented

DESCRIPTION = """Spaces, contacts, conversations and memories as ChatBotKit's own clients know them.

Send an API key as `Authorization: Bearer` or `x-api-key`. Ids are opaque; `@alias` works wherever an id of a space or a
contact does.
Every error is `{"message", "code"}`. Operations of the vendor that are not listed here answer 501.
"""
SETTINGS = {
    "TITLE": "Spaces: the ChatBotKit API",
    "DESCRIPTION": DESCRIPTION,
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SORT_OPERATIONS": False,
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer"},
            "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
        }
    },
}


@cache
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document, made once."""
    with patched_settings(SETTINGS):
        generator: Any = SchemaGenerator(patterns=[path("api/v1/", include((implemented, app_name)))])  # type: ignore[no-untyped-call]
        return generator.get_schema(request=None, public=True)  # type: ignore[no-any-return]
