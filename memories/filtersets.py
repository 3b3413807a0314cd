"""The filters of the memories list: the same query string filters the page, its exports and bulk runs."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError

from spaces.filters import ListFilter, day_filters, to_uuid
from spaces.permissions import visible_spaces
from spaces_project.kit import limits

from .extraction import types
from .models import Chunk, State
from .models.memories import MemoryQuerySet

VIEWS = (("all", "All"), ("unfinished", "In progress"), ("failed", "Failed"))
# what people call them, and how they are stored
TYPES = {
    "pdf": ("PDF", "application/pdf"),
    "docx": ("Word", types.DOCX),
    "pptx": ("PowerPoint", types.PPTX),
    "xlsx": ("Excel", types.XLSX),
    "text": ("Plain text", "text/plain"),
    "markdown": ("Markdown", "text/markdown"),
    "html": ("HTML", "text/html"),
    "csv": ("CSV", "text/csv"),
    "tsv": ("TSV", "text/tab-separated-values"),
    "json": ("JSON", "application/json"),
    "xml": ("XML", "application/xml"),
}
SIZE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*([kmg]?)i?b?", re.IGNORECASE)
UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


class SizeField(forms.CharField):
    """``500``, ``10 KB``, ``2.5 MB`` as bytes."""

    def clean(self, value: Any) -> int | None:
        text = super().clean(value).strip()
        if not text:
            return None
        found = SIZE.fullmatch(text)
        if found is None:
            raise ValidationError("Write a size such as 500, 10 KB or 2 MB.")
        return min(round(float(found[1]) * UNITS[found[2].lower()]), 2**62)


class SizeFilter(filters.Filter):  # type: ignore[misc]
    field_class = SizeField


class MemoryFilter(ListFilter):
    """Parameters: id*, q, view, space, contact, state, type, text, meta*, size_min, size_max, created_ and updated_
    after and before."""

    view = filters.ChoiceFilter(choices=VIEWS, method="of_view")
    space = filters.CharFilter(method="of_space", max_length=limits.NAME_CHARS)
    contact = filters.CharFilter(method="about", max_length=limits.NAME_CHARS)
    state = filters.ChoiceFilter(choices=State.choices, field_name="state")
    type = filters.CharFilter(method="of_type", max_length=limits.MIME_TYPE_CHARS)
    text = filters.CharFilter(method="saying", max_length=limits.SEARCH_QUERY_CHARS)
    size_min = SizeFilter(field_name="byte_size", lookup_expr="gte")
    size_max = SizeFilter(field_name="byte_size", lookup_expr="lte")
    created_after, created_before = day_filters("created_at")
    updated_after, updated_before = day_filters("updated_at")

    LABELS: ClassVar[dict[str, str]] = {
        "id": "Id",
        "space": "Space",
        "contact": "Contact",
        "state": "State",
        "type": "Type",
        "text": "Text",
        "meta": "Meta",
        "size_min": "At least",
        "size_max": "At most",
        "created_after": "Added since",
        "created_before": "Added until",
        "updated_after": "Changed since",
        "updated_before": "Changed until",
    }

    def of_view(self, queryset: MemoryQuerySet, name: str, value: str) -> MemoryQuerySet:
        if value == "failed":
            return queryset.failed()
        return queryset.unfinished() if value == "unfinished" else queryset

    def of_space(self, queryset: MemoryQuerySet, name: str, value: str) -> MemoryQuerySet:
        """A space's id in any dialect, or words from its name or alias; only spaces that may be read. Files of folders
        are in none, though the default space's rows hold them."""
        queryset, pk = queryset.filter(folder=None), to_uuid(value)
        if pk is not None:
            return queryset.filter(space=pk)
        return queryset.filter(space__in=visible_spaces(self.actor).matching(value).values("pk"))

    def about(self, queryset: MemoryQuerySet, name: str, value: str) -> MemoryQuerySet:
        """A contact's id in any dialect, or words from its name, e-mail or alias."""
        pk = to_uuid(value)
        found = self.contacts_named(value).values("pk")
        return queryset.filter(contact=pk) if pk else queryset.filter(contact__in=found)

    def of_type(self, queryset: MemoryQuerySet, name: str, value: str) -> MemoryQuerySet:
        """One of TYPES, or a media type as it is stored; its parameters do not count."""
        _, mime_type = TYPES.get(value.lower(), ("", value.lower()))
        return queryset.filter(mime_type__iregex=rf"^{re.escape(mime_type)}(\s*;|$)")

    def saying(self, queryset: MemoryQuerySet, name: str, value: str) -> MemoryQuerySet:
        """One of whose chunks has all these words; also those far behind in a long text."""
        found = Chunk.objects.of(self.actor.account).matching(value)
        return queryset.filter(pk__in=found.order_by().values("memory"))
