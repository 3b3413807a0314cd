"""Bulk runs from a list: choose, confirm with numbers the server counted, run, read what became of each row.

A choice is the ticked ``ids``, or ``all`` with the list's query string: everything that matches. A run ends in a
redirect, so that reloading its result runs nothing again; the result of the last run waits in the session.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from spaces.actors import Actor
from spaces.bulk import Change, Outcome, Rows
from spaces.bulk import run as run_change
from spaces.consequences import goes_with
from spaces.models.integrity import domain_errors
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.pages import View, page, render_page

from .choice import Choice

FORMATS = ("csv", "xlsx", "json", "jsonl")
SHOWN = 500
NAMED = 5
RESULT = "bulk_result"  # where the session keeps the last one

Options = dict[str, Any]  # what the form of an action gave
Run = Callable[[Actor, Options, Iterable[UUID]], Iterable[Outcome]]


class NoOptions(forms.Form):
    """An action that needs nothing more."""

    def __init__(self, data: Any = None, *, actor: Any) -> None:
        super().__init__(data)


@dataclass(frozen=True)
class Action:
    """One bulk action: its words, the form of its options and what it does with the rows of these ids.

    ``about`` names a template with more that one should know before; its context is the confirmation's.
    """

    verb: str
    sentence: str
    icon: str
    run: Run
    form: type[NoOptions] = NoOptions
    danger: bool = False
    about: str = ""


def changing(rows: Rows, change: Callable[[Options], Change]) -> Run:
    """The run that makes the change of these options to ``rows``; what somebody did at the same moment is refused."""

    def run(actor: Actor, options: Options, pks: Iterable[UUID]) -> Iterable[Outcome]:
        with domain_errors():
            yield from run_change(actor, change(options), pks, rows)

    return run


@dataclass(frozen=True)
class BulkPages:
    """The pages of the bulk runs over one kind of rows; their routes are called after what one row is.

    ``filter`` is the filterset of the list; ``more`` is what else the confirmation shows; ``parts`` are what of a row
    has an export of its own (``?rows=``); ``detail`` is the route of one row's page, where it is called otherwise.
    """

    rows: Rows
    many: str
    filter: Callable[..., Any]
    actions: Mapping[str, Action]
    more: Callable[[SpacesRequest, Any], dict[str, Any]] = lambda request, chosen: {}
    parts: tuple[str, ...] = ()
    detail: str = ""

    def views(self) -> tuple[View, View, View, View]:
        """What the URL map names: to confirm, to run, the result, the export."""
        confirm, run, export = (page(require_POST(view)) for view in (self.confirm, self.run, self.export))
        return confirm, run, page(require_safe(self.result)), export

    @property
    def one(self) -> str:
        return self.rows.word

    @property
    def list_url(self) -> str:
        return reverse(f"{self.one}_list")

    def chosen(self, request: SpacesRequest, choice: Choice) -> Any:
        """The rows of a choice that the person may read, newest first."""
        readable = self.rows.readable(request.actor)
        if choice.is_all:
            return self.filter(QueryDict(choice.query), readable, actor=request.actor).qs.newest_first()
        return readable.filter(pk__in=choice.ids).newest_first()

    def hidden(self, request: SpacesRequest) -> list[tuple[str, str]]:
        """What else of the choice the confirmation hands on, as fields of its form."""
        return []

    def _changeable(self, actor: Actor, chosen: Any) -> Any:
        return chosen.filter(pk__in=self.rows.changeable(actor).order_by().values("pk"))

    def action(self, name: str) -> Action:
        if name not in self.actions:
            raise Http404
        return self.actions[name]

    def counted(self, count: int) -> str:
        """``3 chats``."""
        return f"{count:,} {self.one if count == 1 else self.many}"

    # ------------------------------------------------------------ confirmation

    def confirm(self, request: SpacesRequest, name: str) -> HttpResponse:
        """How many match and what goes with them; nothing is changed yet."""
        return self._ask(request, name, self.action(name).form(actor=request.actor), Choice.of(request))

    def _ask(
        self, request: SpacesRequest, name: str, form: NoOptions, choice: Choice, status: int = 200, **more: str
    ) -> HttpResponse:
        chosen, action = self.chosen(request, choice), self.actions[name]
        count = chosen.order_by()[: limits.BULK_ROWS + 1].count()
        context = {
            **more,
            "bulk": self,
            "name": name,
            "action": action,
            "form": form,
            "choice": choice,
            "hidden": self.hidden(request),
            "count": count,
            "counted": self.counted(count),
            "refused": count - self._changeable(request.actor, chosen).order_by()[: limits.BULK_ROWS + 1].count(),
            "too_many": count > limits.BULK_ROWS,
            "most": limits.BULK_ROWS,
            "some": list(self.rows.names(chosen[:NAMED]).values()),
            "goes": goes_with(chosen) if action.danger and count else [],
            "run_url": reverse(f"{self.one}_bulk_run", args=[name]),
            "must_type": action.danger and count > limits.UNTYPED_DELETIONS,
            **(self.more(request, chosen) if count else {}),
        }
        return render_page(request, "bulk/confirm.html", context, status=status)

    # -------------------------------------------------------------------- run

    def run(self, request: SpacesRequest, name: str) -> HttpResponse:
        """Carry it out and go to what became of each row. Asks again when another number matches now."""
        action, choice = self.action(name), Choice.of(request)
        form = action.form(request.POST, actor=request.actor)
        pks = list(self.chosen(request, choice).values_list("pk", flat=True)[: limits.BULK_ROWS + 1])
        if not form.is_valid():
            return self._ask(request, name, form, choice, 422)
        if request.POST.get("expected") != str(len(pks)) or len(pks) > limits.BULK_ROWS:
            notice = f"Nothing was changed: another number of {self.many} matches now than was shown before."
            return self._ask(request, name, form, choice, 409, notice=notice)
        if action.danger and not typed(request, len(pks)):
            return self._ask(request, name, form, choice, 422, untyped=f"Type {len(pks)} to confirm.")
        outcomes = list(action.run(request.actor, form.cleaned_data, pks))
        keep(request, self, name, choice, outcomes)
        return redirect(f"{self.one}_bulk_result")

    def result(self, request: SpacesRequest) -> HttpResponse:
        """What became of each row of the last run; back to the list when that was of other rows."""
        kept = request.session.get(RESULT) or {}
        if kept.get("of") != self.one:
            return redirect(self.list_url)
        action = self.action(kept["name"])
        context = {
            **kept,
            "bulk": self,
            "action": action,
            "counted": self.ran(kept),
            "more": kept["total"] - len(kept["outcomes"]),
            "outcomes": [self._line(each, action) for each in kept["outcomes"]],
        }
        return render_page(request, "bulk/result.html", context)

    def ran(self, kept: Mapping[str, Any]) -> str:
        """How many rows a run was about, in words."""
        return self.counted(kept["total"])

    def _line(self, outcome: dict[str, str], action: Action) -> dict[str, str]:
        is_gone = action.danger and outcome["state"] == "done"
        return {**outcome, "url": "" if is_gone else self.address(outcome)}

    def address(self, outcome: Mapping[str, Any]) -> str:
        """Of the page of a row that is still there."""
        return reverse(self.detail or f"{self.one}_detail", args=[outcome["pk"]])

    # ----------------------------------------------------------------- export

    def export(self, request: SpacesRequest) -> HttpResponse:
        """To the export's own address: with the ticked ids, or with the filters of the list."""
        choice, kind, part = Choice.of(request), request.POST.get("format", "csv"), request.GET.get("rows", "")
        folder = f"{part}/" if part in self.parts else ""
        if kind not in FORMATS:
            raise Http404
        query = QueryDict(choice.query if choice.is_all else "", mutable=True)
        if not choice.is_all:
            query.setlist("id", [str(pk) for pk in choice.ids[: limits.ID_FILTERS]])
        return HttpResponseRedirect(f"{self.list_url}{folder}export.{kind}?{query.urlencode()}")


def typed(request: SpacesRequest, count: int) -> bool:
    """Whether the person typed how many rows go, where so many go that it is asked for."""
    return count <= limits.UNTYPED_DELETIONS or request.POST.get("typed", "").replace(",", "").strip() == str(count)


def keep(request: SpacesRequest, pages: BulkPages, name: str, choice: Choice, outcomes: list[Outcome]) -> None:
    """Leave what became of each row to the page of the result."""
    request.session[RESULT] = {"of": pages.one, "name": name, "query": choice.query, **_kept(outcomes)}


def _kept(outcomes: list[Outcome]) -> dict[str, Any]:
    """What the session keeps of a run: the counts, and the first rows, refused ones before others."""
    counts = {state: sum(each.state == state for each in outcomes) for state in ("done", "unchanged", "refused")}
    first = sorted(outcomes, key=lambda each: each.state != "refused")[:SHOWN]
    shown = [{**asdict(each), "pk": str(each.pk)} for each in first]
    return {"outcomes": shown, "total": len(outcomes), "kinds": Counter(each.kind for each in outcomes), **counts}
