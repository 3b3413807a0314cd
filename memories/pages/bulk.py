"""Bulk runs over memories: retry, ingest again, move, delete, export; how they go is in spaces/pages/bulk_runs.py."""

from __future__ import annotations

from typing import Any

from memories.bulk import MEMORIES, again, delete, move, retry
from memories.filtersets import MemoryFilter
from spaces.pages.bulk_runs import Action, BulkPages, NoOptions, changing

from .fields import UploadSpace


class MoveForm(NoOptions):
    def __init__(self, data: Any = None, *, actor: Any) -> None:
        super().__init__(data, actor=actor)
        self.fields["space"] = UploadSpace(actor=actor, label="To the space")


ACTIONS = {
    "retry": Action(
        "Retry",
        "Those that failed are ingested once more.",
        "refresh",
        changing(MEMORIES, lambda options: retry()),
    ),
    "again": Action(
        "Ingest again",
        "They are read, cut and embedded as their spaces now say. Until that is done they are not found.",
        "refresh",
        changing(MEMORIES, lambda options: again()),
    ),
    "move": Action(
        "Move",
        "Who may read the memories, and which answers use them, changes with the space.",
        "swap",
        changing(MEMORIES, lambda options: move(options["space"])),
        MoveForm,
    ),
    "delete": Action(
        "Delete",
        "Their files, texts and chunks go with them, and no answer finds them any more. It cannot be undone.",
        "trash",
        changing(MEMORIES, lambda options: delete()),
        danger=True,
    ),
}
PAGES = BulkPages(MEMORIES, "memories", MemoryFilter, ACTIONS)
memory_bulk_confirm, memory_bulk_run, memory_bulk_result, memory_bulk_export = PAGES.views()
