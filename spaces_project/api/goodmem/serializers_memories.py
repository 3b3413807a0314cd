"""What requests about memories may say."""

# ruff: noqa: N815 (the wire's names)
from __future__ import annotations

import re
from typing import Any

from rest_framework import serializers

from spaces_project.kit import limits

from .fields import Body, Choice, Flag, Identifier, Object, Objects, Text

STATUSES = ("PENDING", "PROCESSING", "COMPLETED", "FAILED")
MIME = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+*-]+(?:\s*;[ -~]*)?", re.ASCII)


class ContentType(Text):
    """A MIME type, parameters included."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": limits.MIME_TYPE_CHARS, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not MIME.fullmatch(text):
            raise serializers.ValidationError("Must be a MIME type, such as text/plain.")
        return text


class MemoryBody(Body):
    """One memory. In JSON exactly one of the two contents is given; in a form neither, but a file."""

    memoryId = Identifier("memory")
    spaceId = Identifier("space", required=True)
    originalContent = Text()
    originalContentB64 = Text()
    originalContentRef = Text(max_length=limits.URL_CHARS)
    contentType = ContentType(required=True)
    metadata = Object()
    chunkingConfig = Object()
    extractPageImages = Flag()
    fileField = Text(max_length=limits.NAME_CHARS)


class MemoriesBody(Body):
    """Many memories; what each says is read one by one, as one that is wrong does not stop the others."""

    requests = Objects(Object(), required=True, min_length=1, max_length=limits.BATCH_MEMORIES)


class MemoryIdsBody(Body):
    memoryIds = serializers.ListField(child=serializers.JSONField(), min_length=1, max_length=limits.BATCH_MEMORIES)
    includeContent = Flag(default=False)
    includeProcessingHistory = Flag(default=False)


class FilterSelector(Body):
    """The memories of one space that match."""

    spaceId = Identifier("space", required=True)
    statusFilter = Choice(STATUSES)
    filter = Text(max_length=limits.FILTER_CHARS)


class DeleteSelector(Body):
    """One memory, or all that match."""

    memoryId = Identifier("memory")
    filterSelector = FilterSelector(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError("Give either memoryId or filterSelector.")
        return attrs


class DeletionBody(Body):
    """``requests`` are DeleteSelectors, read one by one; ``memoryIds`` is what older clients send."""

    requests = Objects(Object(), max_length=limits.BATCH_MEMORIES)
    memoryIds = serializers.ListField(child=serializers.JSONField(), required=False, max_length=limits.BATCH_MEMORIES)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        ids = [{"memoryId": each} for each in attrs.get("memoryIds", [])]
        requests = [*attrs.get("requests", []), *ids]
        if not requests:
            raise serializers.ValidationError({"requests": "At least one is needed."})
        return {"requests": requests}
