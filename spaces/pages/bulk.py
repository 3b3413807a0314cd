"""Bulk runs over spaces; how they go is in bulk_runs.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_POST, require_safe

from spaces import bulk
from spaces.actors import Actor
from spaces.permissions import manageable_spaces, visible_spaces
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.pages import page
from spaces_project.kit.values import check_labels

from .bulk_runs import Action, BulkPages, NoOptions
from .choice import Choice
from .forms import UserField
from .spaces import filtered


class LabelForm(NoOptions):
    key = forms.CharField(max_length=limits.LABEL_KEY_CHARS)
    value = forms.CharField(max_length=limits.LABEL_VALUE_CHARS, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "key" in cleaned:
            check_labels({cleaned["key"]: cleaned.get("value", "")})
        return cleaned


class UnlabelForm(NoOptions):
    key = forms.CharField(max_length=limits.LABEL_KEY_CHARS)


class OwnerForm(NoOptions):
    def __init__(self, data: Any = None, *, actor: Any) -> None:
        super().__init__(data, actor=actor)
        self.fields["owner"] = UserField(actor=actor, label="New owner", help_text="A user name of this account.")


def _run(change: Callable[[dict[str, Any]], bulk.Change]) -> Any:
    """The change that the options make, carried out."""

    def run(actor: Actor, options: dict[str, Any], pks: Iterable[UUID]) -> Iterable[bulk.Outcome]:
        return bulk.run(actor, change(options), pks)

    return run


ACTIONS = {
    "archive": Action(
        "Archive",
        "They stay readable, are hidden from the list and take no new chats or memories.",
        "archive",
        NoOptions,
        _run(lambda options: bulk.archive(True)),
    ),
    "unarchive": Action(
        "Take out of the archive",
        "They are listed and take new content again.",
        "restore",
        NoOptions,
        _run(lambda options: bulk.archive(False)),
    ),
    "label": Action(
        "Label",
        "The label is set on each; a value it had under this key is replaced.",
        "tag",
        LabelForm,
        _run(lambda options: bulk.label({options["key"]: options["value"]})),
    ),
    "unlabel": Action(
        "Remove label from",
        "The label with this key is taken away where it is.",
        "tag",
        UnlabelForm,
        _run(lambda options: bulk.label({options["key"]: None})),
    ),
    "transfer": Action(
        "Transfer",
        "The new owner may do everything; the old one keeps only what was granted.",
        "swap",
        OwnerForm,
        _run(lambda options: bulk.transfer(options["owner"])),
    ),
    "delete": Action(
        "Delete",
        "This also deletes what they hold. It cannot be undone.",
        "trash",
        NoOptions,
        _run(lambda options: bulk.delete()),
        danger=True,
    ),
}


def _chosen(request: SpacesRequest, choice: Choice) -> Any:
    if choice.is_all:
        return filtered(request, QueryDict(choice.query)).qs.newest_first()
    return visible_spaces(request.actor).listed().filter(pk__in=choice.ids).newest_first()


def _changeable(actor: Actor, chosen: Any) -> Any:
    return chosen.filter(pk__in=manageable_spaces(actor).values("pk"))


PAGES = BulkPages(
    "space", "spaces", "space", ACTIONS, _chosen, _changeable, lambda rows: rows.only("id", "name", "is_default")
)


@page
@require_POST
def space_bulk_confirm(request: SpacesRequest, name: str) -> HttpResponse:
    return PAGES.confirm(request, name)


@page
@require_POST
def space_bulk_run(request: SpacesRequest, name: str) -> HttpResponse:
    return PAGES.run(request, name)


@page
@require_safe
def space_bulk_result(request: SpacesRequest) -> HttpResponse:
    return PAGES.result(request)


@page
@require_POST
def space_bulk_export(request: SpacesRequest) -> HttpResponse:
    return PAGES.export(request)
