"""Bulk runs over chats: delete, move to another space, export; how they go is in spaces/pages/bulk_runs.py."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_POST, require_safe

from chats.bulk import CHATS, delete, move
from chats.permissions import changeable_chats, visible_chats
from chats.titles import give_titles
from spaces import bulk
from spaces.actors import Actor
from spaces.pages.bulk_runs import Action, BulkPages, NoOptions
from spaces.pages.choice import Choice
from spaces.permissions import manageable_spaces
from spaces.requests import SpacesRequest
from spaces_project.kit.pages import page

from .chats import filtered

SPACES_OFFERED = 300


class ManagedSpace(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A space that one manages, the default one last; a stranger's space is no choice."""

    def __init__(self, *, actor: Actor) -> None:
        spaces = manageable_spaces(actor).order_by("is_default", "name").only("id", "name", "is_default")
        super().__init__(spaces, label="To the space")
        self.choices = [("", "Choose…"), *((str(space.pk), str(space)) for space in spaces[:SPACES_OFFERED])]


class MoveForm(NoOptions):
    def __init__(self, data: Any = None, *, actor: Any) -> None:
        super().__init__(data, actor=actor)
        self.fields["space"] = ManagedSpace(actor=actor)


def _delete(actor: Actor, options: dict[str, Any], pks: Iterable[UUID]) -> Iterable[bulk.Outcome]:
    return bulk.run(actor, delete(), pks, CHATS)


def _move(actor: Actor, options: dict[str, Any], pks: Iterable[UUID]) -> Iterable[bulk.Outcome]:
    return bulk.run(actor, move(options["space"]), pks, CHATS)


def _chosen(request: SpacesRequest, choice: Choice) -> Any:
    if choice.is_all:
        return filtered(request, QueryDict(choice.query)).qs.newest_first()
    return visible_chats(request.actor).filter(pk__in=choice.ids).newest_first()


def _changeable(actor: Actor, chosen: Any) -> Any:
    return chosen.filter(pk__in=changeable_chats(actor).values("pk"))


def _some(chosen: Any) -> list[str]:
    chats = list(chosen.only("id", "account", "name"))
    give_titles(chats)
    return [chat.title for chat in chats]


ACTIONS = {
    "delete": Action(
        "Delete",
        "Their messages and files go with them. It cannot be undone.",
        "trash",
        NoOptions,
        _delete,
        danger=True,
    ),
    "move": Action("Move", "Who may read the chats changes with the space.", "swap", MoveForm, _move),
}
PAGES = BulkPages("chat", "chats", "chat", ACTIONS, _chosen, _changeable, _some)


@page
@require_POST
def chat_bulk_confirm(request: SpacesRequest, name: str) -> HttpResponse:
    return PAGES.confirm(request, name)


@page
@require_POST
def chat_bulk_run(request: SpacesRequest, name: str) -> HttpResponse:
    return PAGES.run(request, name)


@page
@require_safe
def chat_bulk_result(request: SpacesRequest) -> HttpResponse:
    return PAGES.result(request)


@page
@require_POST
def chat_bulk_export(request: SpacesRequest) -> HttpResponse:
    """The ticked chats, or with ``?rows=messages`` what was said in them."""
    return PAGES.export(request, "messages/" if request.GET.get("rows") == "messages" else "")
