"""The table's lines for the files and folders of the Unique dialect: alice manages ``folder``, ``other_folder``, and
``file`` in the first."""

from __future__ import annotations

from typing import Any

from .route import Route
from .stage import Stage
from .table_unique import unique

FOLDER, FILE = {"folder_id": "folder.unique"}, {"content_id": "file.unique"}
IN_FOLDER, OTHER = {"scopeId": "folder.unique"}, {"newParentId": "other_folder.unique"}
CONFIGURATION = {"ingestionConfig": {"chunkMaxTokens": 100}}


def _granted(who: str) -> Any:
    def data(stage: Stage) -> dict[str, Any]:
        user = getattr(stage.ours, who)
        return {"scopeAccesses": [{"entityId": user.username, "entityType": "USER", "type": "MANAGE"}]}

    return data


FOLDERS: tuple[Route, ...] = (
    unique("folders", "POST", data={"paths": ["/New/Newer"]}, outsider=201, writes=("folder", "folder")),
    unique(
        "folders",
        "POST",
        body={"parentScopeId": "folder.unique"},
        data={"relativePaths": ["New"], "inheritAccess": False},
        writes=("folder",),
    ),
    unique("folder.info", query=IN_FOLDER),
    unique("folder.infos", outsider=200),
    unique("folder.infos", query={"parentId": "folder.unique"}),
    unique("folder.path", path=FOLDER),
    unique("folder", "PATCH", path=FOLDER, data={"name": "changed"}, writes=("folder",)),
    unique("folder", "PATCH", path=FOLDER, body={"parentId": "other_folder.unique"}, writes=("folder",)),
    unique("folder", "DELETE", path=FOLDER, data={}, query={"recursive": "=True"}, writes=("folder", "memory")),
    unique("folder.move", "POST", path=FOLDER, body=OTHER, writes=("folder",)),
    unique("folder.configuration", "PATCH", body=IN_FOLDER, data=CONFIGURATION, writes=("folder",)),
    unique("folder.grant", "PATCH", body=IN_FOLDER, data=_granted("carol"), writes=("folder",)),
    unique("folder.revoke", "PATCH", body=IN_FOLDER, data=_granted("alice"), writes=("folder",)),
)

VERSION, OF_CHAT = {"version_id": "version.unique"}, {"content_id": "chat_file.unique"}
IN_CHAT, OF_SPACE = {"chatId": "uploads.unique"}, {"scopeId": "space.unique"}
NEW = {"input": {"key": "new.txt", "mimeType": "text/plain"}}
NAMED = {"input": {"key": "new.txt", "mimeType": "text/plain"}, "previewPdfFileName": "new.pdf"}


def _known(stage: Stage) -> dict[str, Any]:
    """The file that the folder has, announced again."""
    return {"input": {"key": stage.ours.file.key, "mimeType": "text/plain"}}


FILES: tuple[Route, ...] = (
    unique("content.upsert", "POST", body=IN_FOLDER, data=NEW, writes=("memory",)),
    unique("content.upsert", "POST", body=IN_FOLDER, data=_known, writes=("memory",)),
    unique("content.upsert", "POST", body=IN_CHAT, data=NAMED, writes=("memory",)),
    unique("content.upsert", "POST", body=OF_SPACE, data=NEW, writes=("memory",)),
    unique("content.file", path=FILE),
    unique("content.file", path=OF_CHAT, query=IN_CHAT),
    unique("content.state", "PATCH", path=FILE, data={"ingestionState": "QUEUED"}, writes=("memory",)),
    unique("content.versions", path=FILE),
    unique("content.versions", path=OF_CHAT, query=IN_CHAT),
    unique("content.version.url", path=VERSION),
    unique("content.version.restore", "POST", path=VERSION, writes=("memory",)),
)
QUESTION = {"searchString": "What is filed?", "searchType": "FULL_TEXT"}
TOLD = {"messages": [{"role": "user", "content": "Hello?"}]}

# Lists and searches show nobody what he may not read, and tell nobody that it is there.
READING: tuple[Route, ...] = (
    unique("content.search", "POST", outsider=200),
    unique("content.search", "POST", body=IN_CHAT),
    unique("content.info", "POST", body={"contentId": "file.unique"}, outsider=200),
    unique("content.info", "POST", body={"contentId": "chat_file.unique", **IN_CHAT}),
    unique("content.infos", "POST", outsider=200),
    unique("content.infos", "POST", body={"parentId": "folder.unique"}),
    unique("content", "PATCH", path=FILE, data={"title": "changed"}, writes=("memory",)),
    unique("content", "PATCH", path=FILE, body={"ownerId": "other_folder.unique"}, writes=("memory",)),
    unique("content", "PATCH", path=OF_CHAT, body=IN_CHAT, data={"title": "changed"}, writes=("memory",)),
    unique("content", "DELETE", path=FILE, writes=("memory",)),
    unique("content", "DELETE", path=OF_CHAT, query=IN_CHAT, writes=("memory",)),
    unique("search", "POST", data=QUESTION, outsider=200),
    unique("search", "POST", body=IN_CHAT, data=QUESTION),
    unique("search.phrase", "POST", data={"prompt": "What is filed?"}, outsider=200),
    unique("search.phrase", "POST", body=IN_CHAT, data={"prompt": "What is filed?"}),
    unique("models", outsider=200),
    unique("models.embed", "POST", data={"texts": []}, outsider=200),
    unique("models.complete", "POST", data=TOLD, outsider=409, answers=(409,)),
)
UNIQUE_FILES: tuple[Route, ...] = (*FOLDERS, *FILES, *READING)
