"""Bulk runs over files: retry, ingest again, export, and with whole folders: move, delete.

A ticked folder stands for all files in it and below; only a move and a deletion are of the folder itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from memories.bulk import FILES, MEMORIES, move_to_folder
from memories.filtersets_files import FileFilter
from memories.pages.bulk import ACTIONS as FOR_MEMORIES
from memories.permissions import visible_folders
from spaces.errors import InvalidInput
from spaces.pages.bulk_runs import Action, BulkPages, NoOptions, changing
from spaces.pages.choice import Choice
from spaces.requests import SpacesRequest
from spaces_project.kit import limits

from .forms import FolderField
from .ticked import FIELD, Ticked, counted, folders_of
from .whole import FOLDER, WHOLE, Whole


class MoveForm(NoOptions):
    def __init__(self, data: Any = None, *, actor: Any) -> None:
        super().__init__(data, actor=actor)
        self.fields["folder"] = FolderField(actor=actor, label="To the folder")


ACTIONS = {
    "retry": FOR_MEMORIES["retry"],
    "again": FOR_MEMORIES["again"],
    "move": Action(
        "Move",
        "Who may read the files, and which answers use them, changes with the folder. Their versions go with them.",
        "swap",
        changing(MEMORIES, lambda options: move_to_folder(options["folder"])),
        MoveForm,
    ),
    "delete": FOR_MEMORIES["delete"],
}


class FilePages(BulkPages):
    """As of other rows, and of folders."""

    def chosen(self, request: SpacesRequest, choice: Choice) -> Any:
        """With the files of ticked folders."""
        files, folders = super().chosen(request, choice), folders_of(request)
        if not folders:
            return files
        below = visible_folders(request.actor).filter(path__overlap=[folder.pk for folder in folders])
        inside = Q(folder__in=below.order_by().values("pk"))
        return self.rows.readable(request.actor).filter(Q(pk__in=files.order_by().values("pk")) | inside).newest_first()

    def hidden(self, request: SpacesRequest) -> list[tuple[str, str]]:
        return [(FIELD, str(folder.pk)) for folder in folders_of(request)]

    def confirm(self, request: SpacesRequest, name: str) -> HttpResponse:
        whole = self._whole(request, name)
        return whole.confirm(request) if whole else super().confirm(request, name)

    def run(self, request: SpacesRequest, name: str) -> HttpResponse:
        whole = self._whole(request, name)
        return whole.run(request) if whole else super().run(request, name)

    def _whole(self, request: SpacesRequest, name: str) -> Whole | None:
        """The run of the folders themselves, where this action has one and folders are ticked."""
        folders = folders_of(request) if name in WHOLE else []
        choice = Choice.of(request)
        chosen = super().chosen(request, choice)
        return Whole(self, name, choice, Ticked(request.actor, folders, chosen)) if folders else None

    def ran(self, kept: Mapping[str, Any]) -> str:
        folders, files = kept["kinds"].get(FOLDER, 0), kept["kinds"].get("", 0)
        return f"{kept['total']:,} folders and files" if folders and files else counted(folders, files)

    def address(self, outcome: Mapping[str, Any]) -> str:
        return reverse("folder_detail", args=[outcome["pk"]]) if outcome["kind"] == FOLDER else super().address(outcome)

    def export(self, request: SpacesRequest) -> HttpResponse:
        """With all that lies in the ticked folders, beside the other files. InvalidInput for too many folders."""
        response, folders = super().export(request), folders_of(request)
        if not folders:
            return response
        if len(folders) > limits.ID_FILTERS:
            raise InvalidInput(f"An export names at most {limits.ID_FILTERS} folders: export the one that they are in.")
        address = urlsplit(response["Location"])
        query = [*parse_qsl(address.query), *(("tree", str(folder.pk)) for folder in folders)]
        return HttpResponseRedirect(address._replace(query=urlencode(query)).geturl())


PAGES = FilePages(FILES, "files", FileFilter, ACTIONS, detail="memory_detail")
file_bulk_confirm, file_bulk_run, file_bulk_result, file_bulk_export = PAGES.views()
