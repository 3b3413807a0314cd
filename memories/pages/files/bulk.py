"""Bulk runs over files: retry, ingest again, move to a folder, delete, export."""

from __future__ import annotations

from typing import Any

from memories.bulk import FILES, MEMORIES, move_to_folder
from memories.filtersets_files import FileFilter
from memories.pages.bulk import ACTIONS as FOR_MEMORIES
from spaces.pages.bulk_runs import Action, BulkPages, NoOptions, changing

from .forms import FolderField


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
PAGES = BulkPages(FILES, "files", FileFilter, ACTIONS, detail="memory_detail")
file_bulk_confirm, file_bulk_run, file_bulk_result, file_bulk_export = PAGES.views()
