"""What requests that write files may say, in the vendor's words."""

from __future__ import annotations

from spaces_project.kit import limits

from .fields import Body, Flag, Number, Object, Text

# ruff: noqa: N815 (the wire's names)

SIZE_MOST = 2**53


class FileInput(Body):
    """The file that is announced. Within ``metadata`` null removes a name."""

    key = Text(required=True, allow_blank=False, max_length=limits.MEMORY_KEY_CHARS)
    title = Text(source="name", max_length=limits.NAME_CHARS)
    mimeType = Text(source="mime_type", required=True, allow_blank=False, max_length=limits.MIME_TYPE_CHARS)
    description = Text()
    url = Text(max_length=limits.URL_CHARS)
    ownerType = Text()
    ownerId = Text()
    byteSize = Number(min_value=0, max_value=SIZE_MOST)
    ingestionConfig = Object()
    metadata = Object()


class UpsertBody(Body):
    """The body of content/upsert: with ``fileUrl`` (older: ``readUrl``) the file has come, and its ingestion begins."""

    input = FileInput()
    scopeId = Text()
    chatId = Text()
    fileUrl = Text(max_length=limits.URL_CHARS)
    readUrl = Text(max_length=limits.URL_CHARS)
    previewPdfFileName = Text(max_length=limits.NAME_CHARS)
    versioningEnabled = Flag()
    storeInternally = Flag()
    sourceOwnerType = Text()


class StateBody(Body):
    """The body of PATCH content/{id}/ingestion-state."""

    ingestionState = Text(required=True)
    chatId = Text()


class VersionRestore(Body):
    """The body of restoring a version; ``chatId`` for a file of a chat."""

    chatId = Text()
