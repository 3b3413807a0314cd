"""The operations that bring files, give them back, and tell of their versions."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes

from . import answers_reading as shown
from . import answers_writing as told
from . import serializers_writing as asked
from .operation import MADE, Operation, query, window

CHAT_OF_FILE = query("chatId", "The chat whose file it is.")
WRITES = (404, 409)

WRITING = (
    Operation("file.upsert", "upsertContent", "Announce a file, or have it ingested once it has come", shown.Content,
              asked.UpsertBody, fails=WRITES, status=MADE),
    Operation("file.download", "downloadContent", "Get the file of a content", OpenApiTypes.BINARY,
              query=(CHAT_OF_FILE,), fails=(404, 412, 416), media="*/*"),
    Operation("file.state", "updateIngestionState", "Have a content ingested again, or say how that went elsewhere",
              shown.ContentInfo, asked.StateBody, fails=WRITES),
    Operation("version.list", "getContentVersions", "List the earlier files of a content, newest first", told.Versions,
              query=(CHAT_OF_FILE, *window(50, 100))),
    Operation("version.address", "getContentVersionUrl", "Say where an earlier file can be got", told.VersionAddress,
              query=(CHAT_OF_FILE,)),
    Operation("version.restore", "restoreContentVersion", "Bring an earlier file back", shown.ContentInfo,
              asked.VersionRestore, fails=WRITES, status=MADE),
)  # fmt: skip
