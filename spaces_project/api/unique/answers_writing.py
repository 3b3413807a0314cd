"""What answers about versions look like, for the OpenAPI document only: shapes_writing.py makes them."""

from __future__ import annotations

from .answers import _shape, maybe, number, text, time

Version = _shape(
    "ContentVersion",
    "A file that another one took the place of.",
    id=text(),
    object=text(),
    contentId=text(),
    versionNumber=number(),
    reason=text(),
    blobObjectKey=text(),
    key=text(),
    title=maybe(),
    description=maybe(),
    url=maybe(),
    byteSize=number(),
    mimeType=text(),
    ownerType=text(),
    ownerId=text(),
    contentHash=maybe(),
    archivedAt=time(),
    archivedBy=maybe(),
    originalCreatedAt=time(),
    originalCreatedBy=maybe(),
    createdBy=maybe(),
)
Versions = _shape("ContentVersions", "Versions of a content, newest first.", object=text(), data=Version(many=True))
VersionAddress = _shape("ContentVersionAddress", "Where a version can be got.", id=text(), object=text(), url=text())
