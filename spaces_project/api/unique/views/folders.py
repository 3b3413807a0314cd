"""/folder, /folder/info, /folder/infos and /folder/{id}"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from memories.models import Folder
from memories.permissions import top_folders, visible_files, visible_folders
from memories.trees import create_paths, remove_tree
from spaces.errors import InvalidInput
from spaces.permissions import require
from spaces_project.api.body import read_object
from spaces_project.api.operations import Response
from spaces_project.api.unique import folders
from spaces_project.api.unique.base import Operations
from spaces_project.api.unique.lookup import find_folder
from spaces_project.api.unique.serializers_folders import FolderChange, FolderMove, PathsBody

TAKE, MOST = 50, 100


class FolderOperations(Operations):
    def info(self, request: HttpRequest) -> Response:
        folder = folders.named_folder(self.actor, self.query.text("scopeId"), self.query.text("folderPath"))
        require(self.actor, "folder.list")
        return Response(folders.info(folder))

    def infos(self, request: HttpRequest) -> Response:
        parent = self.query.text("parentId")
        if parent is None:
            found = top_folders(self.actor)
        else:
            found = visible_folders(self.actor).inside(find_folder(self.actor, parent))
        require(self.actor, "folder.list")
        window = found.by_name()[self.query.window(TAKE, MOST)]
        return Response({"folderInfos": [folders.info(folder) for folder in window], "totalCount": found.count()})

    def path(self, request: HttpRequest, folder_id: str) -> Response:
        folder = find_folder(self.actor, folder_id)
        require(self.actor, "folder.list")
        return Response({"folderPath": folders.path_of(folder)})

    def create(self, request: HttpRequest) -> Response:
        body = self.body(PathsBody)
        parent = find_folder(self.actor, body["parentScopeId"]) if "parentScopeId" in body else None
        require(self.actor, "folder.create")
        paths = body.get("paths") or [f"/{path.removeprefix('/')}" for path in body["relativePaths"]]
        made = create_paths(self.actor, paths, parent, inherits_access=body["inheritAccess"])
        return Response({"createdFolders": [folders.created(folder) for folder in made]}, status=201)

    def modify(self, request: HttpRequest, folder_id: str) -> Response:
        folder = self.managed(folder_id)
        fields = self.body(FolderChange)
        named = {"name": fields["name"]} if "name" in fields else {}
        parent = self.place(folder, "parentId")
        if parent is folder:
            folder.change(self.actor, **named)
        else:
            folder.move(self.actor, parent, **named)
        return Response(folders.info(folder))

    def remove(self, request: HttpRequest, folder_id: str) -> Response:
        folder = self.managed(folder_id)
        done = remove_tree(self.actor, folder, is_recursive=self.query.flag("recursive"))
        return Response(folders.removal(done))

    def move(self, request: HttpRequest, folder_id: str) -> Response:
        folder = self.managed(folder_id)
        self.body(FolderMove)
        if "newParentId" not in read_object(request):
            raise InvalidInput("newParentId: This field is required.", field="newParentId")
        parent = self.place(folder, "newParentId")
        if parent is not folder:
            folder.move(self.actor, parent)
        below = Folder.objects.of(self.account).below(folder).values("pk")
        files = visible_files(self.actor).filter(folder__in=below)
        return Response(folders.moved(folder, files.count()))

    def managed(self, folder_id: str) -> Folder:
        folder = find_folder(self.actor, folder_id)
        require(self.actor, "folder.manage", folder)
        return folder

    def place(self, folder: Folder, member: str) -> Folder | None:
        """Where the body says that the folder goes: another folder, None for the root, the folder itself when it stays
        where it is. NotFound, NotAllowed for where this actor may put nothing."""
        body: dict[str, Any] = read_object(self.request)
        if member not in body:
            return folder
        parent = find_folder(self.actor, body[member]) if body[member] is not None else None
        if folder.parent_id == (parent.pk if parent else None):
            return folder
        require(self.actor, "folder.write" if parent else "folder.create", parent)
        return parent
