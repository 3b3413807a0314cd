"""/folder/add-access, /folder/remove-access and /folder/ingestion-config"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest

from memories.files.modes import check_configuration
from memories.models import Folder, FolderAccess
from memories.permissions import manageable_folders
from spaces.errors import InvalidInput, NotFound
from spaces.models import Group, User
from spaces.permissions import require
from spaces_project.api.operations import Response
from spaces_project.api.unique import folders
from spaces_project.api.unique.base import Operations
from spaces_project.api.unique.lookup import find_holder
from spaces_project.api.unique.serializers_folders import FolderConfiguration, FolderGrants
from spaces_project.kit import limits

Holder = User | Group


class FolderGrantOperations(Operations):
    """What is said of a folder and, with ``applyToSubScopes``, of those below it that this actor manages."""

    def configure(self, request: HttpRequest) -> Response:
        body = self.body(FolderConfiguration)
        folder = self.managed(body)
        config = body["ingestionConfig"]
        check_configuration(config)
        with transaction.atomic():
            for each in self.meant(folder, body):
                each.change(self.actor, ingestion=config)
        return self.whole(folder)

    def grant(self, request: HttpRequest) -> Response:
        body = self.body(FolderGrants)
        folder = self.managed(body)
        entries = self.entries(body)
        with transaction.atomic():
            for each in self.meant(folder, body):
                if each.pk == folder.pk or not each.inherits_access:  # the others inherit it
                    for holder, level in entries:
                        FolderAccess.add(each, holder, level, self.actor)
        return self.whole(folder)

    def revoke(self, request: HttpRequest) -> Response:
        body = self.body(FolderGrants)
        folder = self.managed(body)
        entries = self.entries(body)
        with transaction.atomic():
            held = self.held(self.meant(folder, body))
            taken = set()
            for holder, level in entries:
                for grant in held.get((holder.pk, level), ()):
                    grant.revoke(self.actor)
                    taken.add((grant.folder_id, holder.pk, level))
            for number, (holder, level) in enumerate(entries):
                if (folder.pk, holder.pk, level) not in taken:
                    raise NotFound(f"scopeAccesses[{number}]: Access not found")
        return self.whole(folder)

    def held(self, folders: list[Folder]) -> dict[tuple[UUID, str], list[FolderAccess]]:
        """The grants of these folders, by who holds them and the level."""
        found: dict[tuple[UUID, str], list[FolderAccess]] = {}
        rows = FolderAccess.objects.of(self.account).select_related("folder", "user", "group")
        for grant in rows.filter(folder__in=[each.pk for each in folders]):
            found.setdefault((grant.holder.pk, grant.level), []).append(grant)
        return found

    def managed(self, body: dict[str, Any]) -> Folder:
        folder = folders.named_folder(self.actor, body.get("scopeId"), body.get("folderPath"))
        require(self.actor, "folder.manage", folder)
        return folder

    def meant(self, folder: Folder, body: dict[str, Any]) -> list[Folder]:
        if not body["applyToSubScopes"]:
            return [folder]
        below = manageable_folders(self.actor).below(folder).exclude(pk=folder.pk).order_by("path")
        found = [folder, *below[: limits.FOLDERS_AT_ONCE]]
        if len(found) > limits.FOLDERS_AT_ONCE:
            raise InvalidInput(f"At most {limits.FOLDERS_AT_ONCE:,} folders are changed at once.")
        return found

    def entries(self, body: dict[str, Any]) -> list[tuple[Holder, str]]:
        return [
            (find_holder(self.actor, entry["entityType"], entry["entityId"], f"scopeAccesses[{number}].entityId"),
             entry["type"])
            for number, entry in enumerate(body["scopeAccesses"])
        ]  # fmt: skip

    def whole(self, folder: Folder) -> Response:
        folder.refresh_from_db()
        return Response(folders.whole(folder, self.actor))
