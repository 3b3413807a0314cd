"""The operations on folders."""

from __future__ import annotations

from . import answers_folders as answers
from . import serializers_folders as serializers
from .operation import MADE, Operation, query, window

BY_ID, BY_PATH = query("scopeId", "The folder's id."), query("folderPath", "Or its path: `/A/B`.")
PARENT = query("parentId", "The folder to list; absent: the root, and what one may read in folders one may not.")
RECURSIVE = query("recursive", "`True`: with everything in it.", bool)
CHANGES = (404, 409)

FOLDERS: tuple[Operation, ...] = (
    Operation("folder.info", "getFolderInfo", "Fetch a folder", answers.FolderInfo, query=(BY_ID, BY_PATH)),
    Operation("folder.infos", "getFolderInfos", "List the folders in a folder, by name", answers.FolderInfos,
              query=(PARENT, *window(50, 100))),
    Operation("folder.path", "getFolderPath", "Tell the path of a folder", answers.FolderPath),
    Operation("folder.create", "createFolders", "Make what is missing of paths", answers.CreatedFolders,
              serializers.PathsBody, fails=CHANGES, status=MADE),
    Operation("folder.modify", "updateFolder", "Rename or move a folder", answers.FolderInfo,
              serializers.FolderChange, fails=CHANGES),
    Operation("folder.remove", "deleteFolder", "Delete a folder, empty or with everything in it",
              answers.DeletedFolders, query=(RECURSIVE,)),
    Operation("folder.move", "moveFolder", "Move a folder with everything in it", answers.FolderMoved,
              serializers.FolderMove, fails=CHANGES),
    Operation("foldergrant.configure", "updateFolderIngestionConfig", "Say how files of a folder are ingested",
              answers.Folder, serializers.FolderConfiguration),
    Operation("foldergrant.grant", "addFolderAccess", "Grant access to a folder", answers.Folder,
              serializers.FolderGrants),
    Operation("foldergrant.revoke", "removeFolderAccess", "Take grants of a folder away", answers.Folder,
              serializers.FolderGrants),
)  # fmt: skip
