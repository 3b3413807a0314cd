"""Bulk runs over spaces; how they go is in bulk_runs.py."""

from __future__ import annotations

from typing import Any

from django import forms

from spaces import bulk
from spaces.bulk import SPACES
from spaces.filters import SpaceFilter
from spaces_project.kit import limits
from spaces_project.kit.values import check_labels

from .bulk_runs import Action, BulkPages, NoOptions, changing
from .forms import UserField


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


ACTIONS = {
    "archive": Action(
        "Archive",
        "They stay readable, are hidden from the list and take no new chats or memories.",
        "archive",
        changing(SPACES, lambda options: bulk.archive(True)),
    ),
    "unarchive": Action(
        "Take out of the archive",
        "They are listed and take new content again.",
        "restore",
        changing(SPACES, lambda options: bulk.archive(False)),
    ),
    "label": Action(
        "Label",
        "The label is set on each; a value it had under this key is replaced.",
        "tag",
        changing(SPACES, lambda options: bulk.label({options["key"]: options["value"]})),
        LabelForm,
    ),
    "unlabel": Action(
        "Remove label from",
        "The label with this key is taken away where it is.",
        "tag",
        changing(SPACES, lambda options: bulk.label({options["key"]: None})),
        UnlabelForm,
    ),
    "transfer": Action(
        "Transfer",
        "The new owner may do everything; the old one keeps only what was granted.",
        "swap",
        changing(SPACES, lambda options: bulk.transfer(options["owner"])),
        OwnerForm,
    ),
    "delete": Action(
        "Delete",
        "This also deletes what they hold. It cannot be undone.",
        "trash",
        changing(SPACES, lambda options: bulk.delete()),
        danger=True,
    ),
}
PAGES = BulkPages(SPACES, "spaces", SpaceFilter, ACTIONS)
space_bulk_confirm, space_bulk_run, space_bulk_result, space_bulk_export = PAGES.views()
