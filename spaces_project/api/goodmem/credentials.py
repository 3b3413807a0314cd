"""A server's key as GoodMem writes it: taken in, kept sealed, and told only to administrators who ask for it."""

from __future__ import annotations

from typing import Any

from memories.models.remote import RemoteModel

from .errors import InvalidFields
from .records import Record
from .serializers_models import API_KEY

HEADER, PREFIX = "Authorization", "Bearer "


def key_fields(given: dict[str, Any]) -> dict[str, Any]:
    """The model's fields for the credentials of a request. InvalidFields for ways that are not supported here."""
    if given["kind"] != API_KEY:
        raise InvalidFields([("credentials.kind", "Only CREDENTIAL_KIND_API_KEY is supported here.")])
    key = given.get("apiKey") or {}
    if "secretRef" in key:
        raise InvalidFields([("credentials.apiKey.secretRef", "Only inlineSecret is supported here.")])
    if "inlineSecret" not in key:
        raise InvalidFields([("credentials.apiKey.inlineSecret", "This field is required.")])
    named = {"key_header": key.get("headerName", HEADER), "key_prefix": key.get("prefix", PREFIX)}
    return {"api_key": key["inlineSecret"], **named}


def credentials(row: RemoteModel) -> Record | None:
    """The key in plain text; None when there is none. Raises CannotUnseal."""
    if not row.api_key:
        return None
    secret = {"inlineSecret": row.api_key.reveal(), "headerName": row.key_header, "prefix": row.key_prefix}
    return {"kind": API_KEY, "apiKey": secret}
