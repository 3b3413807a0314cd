"""What answers about folders look like, for the OpenAPI document only: folders.py makes them."""

from __future__ import annotations

from .answers import _shape, flag, free, maybe, number, text, time

INFO = {
    "id": text(),
    "object": text(),
    "name": text(),
    "parentId": maybe(),
    "externalId": maybe(),
    "ingestionConfig": free(),
    "createdAt": time(),
    "updatedAt": time(),
}
FolderInfo = _shape("FolderInfo", "A folder.", **INFO)
FolderInfos = _shape(
    "FolderInfos", "Some folders, by name, and how many there are.", folderInfos=FolderInfo(many=True),
    totalCount=number(),
)  # fmt: skip
FolderPath = _shape("FolderPath", "Where a folder lies, from the root.", folderPath=text())
CreatedFolder = _shape(
    "CreatedFolder", "A folder that was made.", id=text(), object=text(), name=text(), parentId=maybe()
)
CreatedFolders = _shape(
    "CreatedFolders", "What was made, each behind those above it.", createdFolders=CreatedFolder(many=True)
)
DeletedFolder = _shape("DeletedFolder", "A folder that went.", id=text(), name=text(), path=text())
FailedFolder = _shape(
    "FailedFolder", "A folder that stayed, and why.", id=text(), name=text(), path=text(), failReason=text()
)
DeletedFolders = _shape(
    "DeletedFolders", "What became of each folder.", successFolders=DeletedFolder(many=True),
    failedFolders=FailedFolder(many=True),
)  # fmt: skip
FolderMoved = _shape(
    "FolderMoved",
    "A folder and all in it is where it should be.",
    object=text(),
    scopeId=text(),
    asyncMetadataRebuild=flag(),
    jobId=maybe(),
    affectedFiles=number(),
    message=text(),
)
FolderAccess = _shape(
    "ScopeAccess", "A grant.", id=text(), entityId=text(), entityType=text(), type=text(), createdAt=time()
)
Child = _shape("FolderChild", "A folder in it.", id=text(), name=text())
Folder = _shape(
    "Folder",
    "A folder with its grants and the first folders in it.",
    **INFO,
    scopeAccess=FolderAccess(many=True),
    children=Child(many=True),
)
