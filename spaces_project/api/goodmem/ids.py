"""Ids in paths: one segment without a colon, and in it a UUID in its plain spelling.

The vendor's client puts ids into paths as they are given (``../memories/…``, ``…?x=1``); what is not a UUID names
nothing.
"""

from __future__ import annotations

import re
from uuid import UUID

from django.urls import register_converter

from .errors import InvalidFields

UUID_FORM = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Segment:
    """One part of a path, up to a slash or to the colon of a verb (``…:transferOwnership``)."""

    regex = "[^/:]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: object) -> str:
        return str(value)


register_converter(Segment, "segment")


def is_uuid(text: object) -> bool:
    """Whether it is a text of 36 characters that spells a UUID, in either case."""
    return isinstance(text, str) and UUID_FORM.fullmatch(text) is not None


def uuid_of(text: str, what: str, field: str = "id") -> UUID:
    """The UUID in ``text``; InvalidFields ("Invalid space ID format") for everything else."""
    if not is_uuid(text):
        raise InvalidFields([(field, f"Invalid {what} ID format")])
    return UUID(text)
