"""A server's key as GoodMem writes it: taken in, kept sealed, and told only to administrators who ask for it."""

from __future__ import annotations

import re
from typing import Any

from memories.models.remote import RemoteModel

from .errors import InvalidFields
from .records import Record
from .serializers_models import API_KEY

HEADER, PREFIX = "Authorization", "Bearer "
HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
NOT_FOR_KEYS = {"host", "connection", "content-length", "content-type", "transfer-encoding", "te", "upgrade", "expect"}


def key_fields(given: dict[str, Any]) -> dict[str, Any]:
    """The model's fields for the credentials of a request. InvalidFields for ways that are not supported here."""
    if given["kind"] != API_KEY:
        raise InvalidFields([("credentials.kind", "Only CREDENTIAL_KIND_API_KEY is supported here.")])
    key = given.get("apiKey") or {}
    if "secretRef" in key:
        raise InvalidFields([("credentials.apiKey.secretRef", "Only inlineSecret is supported here.")])
    if "inlineSecret" not in key:
        raise InvalidFields([("credentials.apiKey.inlineSecret", "This field is required.")])
    header, prefix = key.get("headerName", HEADER), key.get("prefix", PREFIX)
    if not HEADER_NAME.fullmatch(header) or header.lower() in NOT_FOR_KEYS:
        raise InvalidFields([("credentials.apiKey.headerName", "No header in which a key can be sent.")])
    if not (prefix.isascii() and prefix.isprintable()):
        raise InvalidFields([("credentials.apiKey.prefix", "Must be letters, digits and signs.")])
    return {"api_key": key["inlineSecret"], "key_header": header, "key_prefix": prefix}


def credentials(row: RemoteModel) -> Record | None:
    """The key in plain text; None when there is none. Raises CannotUnseal."""
    if not row.api_key:
        return None
    secret = {"inlineSecret": row.api_key.reveal(), "headerName": row.key_header, "prefix": row.key_prefix}
    return {"kind": API_KEY, "apiKey": secret}
