"""What is ticked in the browser of files: folders among the files, each standing for all that lies in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Q

from memories.models import Folder, FolderAccess, Memory
from memories.permissions import changeable_memories, manageable_folders, visible_folders
from spaces.actors import Actor
from spaces.consequences import Consequence, goes_with
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.ids import InvalidId, decode_any

FIELD = "folders"
NAMED = 5


def folders_of(request: SpacesRequest) -> list[Folder]:
    """The ticked folders that this person may read, by name, without those that lie in another of them."""
    pks = {pk for text in request.POST.getlist(FIELD)[: limits.BULK_ROWS] if (pk := _id(text))}
    found = visible_folders(request.actor).filter(pk__in=pks).by_name() if pks else ()
    return [folder for folder in found if not pks & set(folder.path[:-1])]


def _id(text: str) -> UUID | None:
    try:
        return decode_any(text)
    except InvalidId:
        return None


def counted(folders: int, files: int) -> str:
    """``2 folders and 3 files``."""
    words = ((folders, "folder", "folders"), (files, "file", "files"))
    return " and ".join(f"{count:,} {one if count == 1 else many}" for count, one, many in words if count)


@dataclass(frozen=True)
class Ticked:
    """Folders, and a queryset of files; those that lie in one of the folders go with it and are not counted twice."""

    actor: Actor
    folders: list[Folder]
    chosen: Any

    @cached_property
    def files(self) -> Any:
        return self.chosen.exclude(folder__in=self._below(self.folders).order_by().values("pk"))

    @cached_property
    def file_count(self) -> int:
        return int(self.files.order_by()[: limits.BULK_ROWS + 1].count())

    @cached_property
    def count(self) -> int:
        """Of what is ticked itself."""
        return len(self.folders) + self.file_count

    def __str__(self) -> str:
        return counted(len(self.folders), self.file_count)

    @property
    def some(self) -> list[str]:
        first = [str(folder) for folder in self.folders[:NAMED]]
        left = NAMED - len(first)
        return first + [str(file) for file in self.files.only("id", "name", "key")[:left]] if left else first

    @cached_property
    def free(self) -> list[Folder]:
        """The folders with which this person may do so: they, and for a deletion all that lie in them."""
        managed = manageable_folders(self.actor).filter(pk__in=[folder.pk for folder in self.folders])
        pks = set(managed.values_list("pk", flat=True))
        return [folder for folder in self.folders if folder.pk in pks]

    @cached_property
    def whole(self) -> list[Folder]:
        """Of the free ones those that hold none which is not this person's to delete."""
        below = self._below(self.free)
        managed = manageable_folders(self.actor).order_by().values("pk")
        held = {pk for path in below.exclude(pk__in=managed).values_list("path", flat=True) for pk in path}
        return [folder for folder in self.free if folder.pk not in held]

    @cached_property
    def refused_files(self) -> int:
        mine = self.files.filter(pk__in=changeable_memories(self.actor).order_by().values("pk"))
        return self.file_count - int(mine.order_by()[: limits.BULK_ROWS + 1].count())

    def goes(self) -> list[Consequence]:
        """What a deletion takes along, beside what is ticked: of the folders only those that go as a whole."""
        below = self._below(self.whole)
        inside = Memory.objects.of(self._account).filter(folder__in=below.order_by().values("pk"))
        mine = changeable_memories(self.actor).filter(pk__in=self.files.order_by().values("pk"))
        going = Memory.objects.of(self._account).filter(Q(pk__in=inside.values("pk")) | Q(pk__in=mine.values("pk")))
        found = zip(("folders in them", "files in them"), self.inside(), strict=True)
        parts = [Consequence(words, count, goes=True) for words, count in found if count]
        return [*parts, *goes_with(below, only=(FolderAccess,)), *goes_with(going)]

    def inside(self) -> tuple[int, int]:
        """How many folders and files lie in those that a deletion takes."""
        below = self._below(self.whole)
        files = Memory.objects.of(self._account).filter(folder__in=below.order_by().values("pk"))
        return below.count() - len(self.whole), files.count()

    def _below(self, folders: list[Folder]) -> Any:
        return Folder.objects.of(self._account).filter(path__overlap=[folder.pk for folder in folders])

    @property
    def _account(self) -> Any:
        return self.actor.account
