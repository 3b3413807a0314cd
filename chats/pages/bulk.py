"""Bulk runs over chats: delete, move to another space, export; how they go is in spaces/pages/bulk_runs.py."""

from __future__ import annotations

from typing import Any

from django import forms

from chats.bulk import CHATS, delete, move
from chats.filters import ChatFilter
from spaces.actors import Actor
from spaces.pages.bulk_runs import Action, BulkPages, NoOptions, changing
from spaces.permissions import manageable_spaces

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


ACTIONS = {
    "delete": Action(
        "Delete",
        "Their messages and files go with them. It cannot be undone.",
        "trash",
        changing(CHATS, lambda options: delete()),
        danger=True,
    ),
    "move": Action(
        "Move",
        "Who may read the chats changes with the space.",
        "swap",
        changing(CHATS, lambda options: move(options["space"])),
        MoveForm,
    ),
}
PAGES = BulkPages(CHATS, "chats", ChatFilter, ACTIONS, parts=("messages",))
chat_bulk_confirm, chat_bulk_run, chat_bulk_result, chat_bulk_export = PAGES.views()
