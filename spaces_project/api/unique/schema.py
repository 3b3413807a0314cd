"""The OpenAPI document of the Unique dialect."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.urls import include, path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings

from .urls import app_name, implemented

BASE = "public/chat-gen2/"
DESCRIPTION = """Spaces, chats and messages as Unique's own clients know them.

Send an API key as `Authorization: Bearer`. `x-user-id` names a user (another one than the key's needs the scope
`act_as`), `x-company-id` the account. Ids are opaque. Every error is `{"error": {"message", "code", "params"}}`.
Operations of the vendor that are not listed here answer 404 `NOT_IMPLEMENTED`.
"""
SETTINGS = {
    "TITLE": "Spaces: the Unique API",
    "DESCRIPTION": DESCRIPTION,
    "VERSION": "2023-12-06",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/public/chat-gen2",
    "SORT_OPERATIONS": False,
    "POSTPROCESSING_HOOKS": [],  # choices stay with their members
    "APPEND_COMPONENTS": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
}


@cache
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document, made once."""
    with patched_settings(SETTINGS):
        generator: Any = SchemaGenerator(patterns=[path(BASE, include((implemented, app_name)))])  # type: ignore[no-untyped-call]
        return generator.get_schema(request=None, public=True)  # type: ignore[no-any-return]
