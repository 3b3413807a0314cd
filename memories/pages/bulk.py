"""Bulk runs over memories: retry, ingest again, move, delete, export; how they go is in spaces/pages/bulk_runs.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_POST, require_safe

from memories.bulk import MEMORIES, again, delete, move, retry
from memories.permissions import changeable_memories, visible_memories
from spaces import bulk
from spaces.actors import Actor
from spaces.pages.bulk_runs import Action, BulkPages, NoOptions
from spaces.pages.choice import Choice
from spaces.requests import SpacesRequest
from spaces_project.kit.pages import page

from .fields import UploadSpace
from .memories import filtered


class MoveForm(NoOptions):
    def __init__(self, data: Any = None, *, actor: Any) -> None:
        super().__init__(data, actor=actor)
        self.fields["space"] = UploadSpace(actor=actor, label="To the space")


def _run(change: Callable[[dict[str, Any]], bulk.Change]) -> Any:
    """The change that the options make, carried out."""

    def run(actor: Actor, options: dict[str, Any], pks: Iterable[UUID]) -> Iterable[bulk.Outcome]:
        return bulk.run(actor, change(options), pks, MEMORIES)

    return run


ACTIONS = {
    "retry": Action(
        "Retry", "Those that failed are ingested once more.", "refresh", NoOptions, _run(lambda options: retry())
    ),
    "again": Action(
        "Ingest again",
        "They are read, cut and embedded as their spaces now say. Until that is done they are not found.",
        "refresh",
        NoOptions,
        _run(lambda options: again()),
    ),
    "move": Action(
        "Move",
        "Who may read the memories, and which answers use them, changes with the space.",
        "swap",
        MoveForm,
        _run(lambda options: move(options["space"])),
    ),
    "delete": Action(
        "Delete",
        "Their files, texts and chunks go with them, and no answer finds them any more. It cannot be undone.",
        "trash",
        NoOptions,
        _run(lambda options: delete()),
        danger=True,
    ),
}


def _chosen(request: SpacesRequest, choice: Choice) -> Any:
    if choice.is_all:
        return filtered(request, QueryDict(choice.query)).qs.newest_first()
    return visible_memories(request.actor).filter(pk__in=choice.ids).newest_first()


def _changeable(actor: Actor, chosen: Any) -> Any:
    return chosen.filter(pk__in=changeable_memories(actor).order_by().values("pk"))


PAGES = BulkPages(
    "memory", "memories", "memory", ACTIONS, _chosen, _changeable, lambda rows: rows.only("id", "name", "key")
)


@page
@require_POST
def memory_bulk_confirm(request: SpacesRequest, name: str) -> HttpResponse:
    return PAGES.confirm(request, name)


@page
@require_POST
def memory_bulk_run(request: SpacesRequest, name: str) -> HttpResponse:
    return PAGES.run(request, name)


@page
@require_safe
def memory_bulk_result(request: SpacesRequest) -> HttpResponse:
    return PAGES.result(request)


@page
@require_POST
def memory_bulk_export(request: SpacesRequest) -> HttpResponse:
    """The ticked memories, or with ``?rows=chunks`` their chunks."""
    return PAGES.export(request, "chunks/" if request.GET.get("rows") == "chunks" else "")
