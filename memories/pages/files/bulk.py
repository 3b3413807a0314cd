"""Bulk runs over files: retry, ingest again, move to a folder, delete, export."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_POST, require_safe

from memories import bulk as changes
from memories.bulk import MEMORIES
from memories.pages.bulk import ACTIONS as FOR_MEMORIES
from memories.permissions import changeable_memories, visible_files
from spaces import bulk
from spaces.actors import Actor
from spaces.models.integrity import domain_errors
from spaces.pages.bulk_runs import Action, BulkPages, NoOptions
from spaces.pages.choice import Choice
from spaces.requests import SpacesRequest
from spaces_project.kit.pages import page

from .browser import filtered
from .forms import FolderField


class MoveForm(NoOptions):
    def __init__(self, data: Any = None, *, actor: Any) -> None:
        super().__init__(data, actor=actor)
        self.fields["folder"] = FolderField(actor=actor, label="To the folder")


def _run(change: Callable[[Actor, dict[str, Any]], bulk.Change]) -> Any:
    """The change that the options make, carried out."""

    def run(actor: Actor, options: dict[str, Any], pks: Iterable[UUID]) -> Iterable[bulk.Outcome]:
        with domain_errors():  # a file of the same key, or the folder's end, at the same moment
            yield from bulk.run(actor, change(actor, options), pks, MEMORIES)

    return run


ACTIONS = {
    "retry": FOR_MEMORIES["retry"],
    "again": FOR_MEMORIES["again"],
    "move": Action(
        "Move",
        "Who may read the files, and which answers use them, changes with the folder. Their versions go with them.",
        "swap",
        MoveForm,
        _run(lambda actor, options: changes.move_to_folder(options["folder"])),
    ),
    "delete": FOR_MEMORIES["delete"],
}


def _chosen(request: SpacesRequest, choice: Choice) -> Any:
    if choice.is_all:
        return filtered(request, QueryDict(choice.query)).qs.newest_first()
    return visible_files(request.actor).filter(pk__in=choice.ids).newest_first()


def _changeable(actor: Actor, chosen: Any) -> Any:
    return chosen.filter(pk__in=changeable_memories(actor).order_by().values("pk"))


PAGES = BulkPages(
    "file",
    "files",
    "file",
    ACTIONS,
    _chosen,
    _changeable,
    lambda rows: rows.only("id", "name", "key"),
    detail="memory_detail",
)


@page
@require_POST
def file_bulk_confirm(request: SpacesRequest, name: str) -> HttpResponse:
    return PAGES.confirm(request, name)


@page
@require_POST
def file_bulk_run(request: SpacesRequest, name: str) -> HttpResponse:
    return PAGES.run(request, name)


@page
@require_safe
def file_bulk_result(request: SpacesRequest) -> HttpResponse:
    return PAGES.result(request)


@page
@require_POST
def file_bulk_export(request: SpacesRequest) -> HttpResponse:
    """The ticked files, or all that match."""
    return PAGES.export(request)
