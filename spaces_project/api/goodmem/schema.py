"""The OpenAPI document of the GoodMem dialect."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.urls import include, path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings

from .urls import app_name, implemented

BASE = "v1/"
DESCRIPTION = """Spaces, embedders, memories and retrieval as GoodMem's own clients know them.

Send an API key as `x-api-key`. Ids are UUIDs, times milliseconds since 1970. Query parameters may be spelled in camel
case or snake case, labels as `label.key=` or `label[key]=`. Every error has a text `error`, `status` and `timestamp`,
and `errors` when fields are to blame. Operations of the vendor that are not listed here answer 501.
"""
SETTINGS = {
    "TITLE": "Spaces: the GoodMem API",
    "DESCRIPTION": DESCRIPTION,
    "VERSION": "v1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/v1",
    "SORT_OPERATIONS": False,
    "POSTPROCESSING_HOOKS": [],  # choices stay with their members
    "APPEND_COMPONENTS": {"securitySchemes": {"apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"}}},
}


@cache
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document, made once."""
    with patched_settings(SETTINGS):
        generator: Any = SchemaGenerator(patterns=[path(BASE, include((implemented, app_name)))])  # type: ignore[no-untyped-call]
        return generator.get_schema(request=None, public=True)  # type: ignore[no-any-return]
