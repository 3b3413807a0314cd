"""Bulk runs over spaces: choose, confirm with numbers the server counted, run, read what became of each row.

A choice is the ticked ``ids``, or ``all`` with the list's query string: everything that matches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_POST

from spaces import bulk
from spaces.consequences import goes_with
from spaces.filters import SpaceFilter
from spaces.permissions import manageable_spaces, visible_spaces
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.pages import page, render_page
from spaces_project.kit.values import check_labels

from .choice import Choice
from .forms import UserField

FORMATS = ("csv", "xlsx", "json", "jsonl")
SHOWN = 500


class NoOptions(forms.Form):
    """An action that needs nothing more."""

    def __init__(self, data: Any = None, *, actor: Any) -> None:
        super().__init__(data)


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


@dataclass(frozen=True)
class Action:
    """One bulk action: its words, the form of its options and the change these make."""

    verb: str
    sentence: str
    icon: str
    form: type[NoOptions]
    danger: bool = False

    def change(self, name: str, options: dict[str, Any]) -> bulk.Change:
        match name:
            case "archive" | "unarchive":
                return bulk.archive(name == "archive")
            case "label":
                return bulk.label({options["key"]: options["value"]})
            case "unlabel":
                return bulk.label({options["key"]: None})
            case "transfer":
                return bulk.transfer(options["owner"])
        return bulk.delete()


ACTIONS = {
    "archive": Action(
        "Archive",
        "They stay readable, are hidden from the list and take no new chats or memories.",
        "archive",
        NoOptions,
    ),
    "unarchive": Action("Take out of the archive", "They are listed and take new content again.", "restore", NoOptions),
    "label": Action("Label", "The label is set on each; a value it had under this key is replaced.", "tag", LabelForm),
    "unlabel": Action("Remove label from", "The label with this key is taken away where it is.", "tag", UnlabelForm),
    "transfer": Action(
        "Transfer", "The new owner may do everything; the old one keeps only what was granted.", "swap", OwnerForm
    ),
    "delete": Action(
        "Delete", "This also deletes what they hold. It cannot be undone.", "trash", NoOptions, danger=True
    ),
}


class SpaceChoice(Choice):
    def spaces(self, request: SpacesRequest) -> Any:
        """The chosen spaces that this person may read, newest first, at most BULK_ROWS."""
        mine = visible_spaces(request.actor).listed()
        if self.is_all:
            mine = SpaceFilter(QueryDict(self.query), mine, actor=request.actor).qs
        else:
            mine = mine.filter(pk__in=self.ids)
        return mine.newest_first()


def _action(name: str) -> Action:
    if name not in ACTIONS:
        raise Http404
    return ACTIONS[name]


@page
@require_POST
def space_bulk_confirm(request: SpacesRequest, name: str) -> HttpResponse:
    """How many match and what goes with them; nothing is changed yet."""
    action = _action(name)
    return _confirm(request, name, action.form(actor=request.actor), SpaceChoice.of(request))


def _confirm(
    request: SpacesRequest, name: str, form: NoOptions, choice: SpaceChoice, notice: str = "", status: int = 200
) -> HttpResponse:
    chosen = choice.spaces(request)
    count = chosen.count()
    action = ACTIONS[name]
    refused = count - chosen.filter(pk__in=manageable_spaces(request.actor).values("pk")).count()
    context = {
        "name": name,
        "action": action,
        "form": form,
        "choice": choice,
        "count": count,
        "refused": refused,
        "too_many": count > limits.BULK_ROWS,
        "most": limits.BULK_ROWS,
        "some": list(chosen.only("id", "name", "is_default")[:5]),
        "goes": goes_with(chosen) if action.danger and count else [],
        "notice": notice,
    }
    return render_page(request, "spaces/bulk_confirm.html", context, status=status)


@page
@require_POST
def space_bulk_run(request: SpacesRequest, name: str) -> HttpResponse:
    """Carry it out and show what became of each row. Asks again when another number matches now."""
    action, choice = _action(name), SpaceChoice.of(request)
    form = action.form(request.POST, actor=request.actor)
    pks = list(choice.spaces(request).values_list("pk", flat=True)[: limits.BULK_ROWS + 1])
    if not form.is_valid():
        return _confirm(request, name, form, choice, status=422)
    if request.POST.get("expected") != str(len(pks)) or len(pks) > limits.BULK_ROWS:
        notice = "Nothing was changed: another number of spaces matches now than was shown before."
        return _confirm(request, name, form, choice, notice, status=409)
    outcomes = list(bulk.run(request.actor, action.change(name, form.cleaned_data), pks))
    return render_page(request, "spaces/bulk_result.html", _result(name, action, outcomes))


def _result(name: str, action: Action, outcomes: list[bulk.Outcome]) -> dict[str, Any]:
    counts = {state: sum(each.state == state for each in outcomes) for state in ("done", "unchanged", "refused")}
    first = sorted(outcomes, key=lambda each: each.state != "refused")
    return {
        "name": name,
        "action": action,
        "outcomes": first[:SHOWN],
        "more": max(0, len(outcomes) - SHOWN),
        "total": len(outcomes),
        **counts,
        "gone": name == "delete",
    }


@page
@require_POST
def space_bulk_export(request: SpacesRequest) -> HttpResponse:
    """To the export's own address: with the ticked ids, or with the filters of the list."""
    choice, kind = SpaceChoice.of(request), request.POST.get("format", "csv")
    if kind not in FORMATS:
        raise Http404
    query = QueryDict(choice.query if choice.is_all else "", mutable=True)
    if not choice.is_all:
        query.setlist("id", [str(pk) for pk in choice.ids[: limits.ID_FILTERS]])
    return HttpResponseRedirect(f"{reverse('space_list')}export.{kind}?{query.urlencode()}")
