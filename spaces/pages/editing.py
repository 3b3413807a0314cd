"""Forms that store a row: what a model refuses stands beside its field, and nobody's change is overwritten unseen.

A settings page carries a ``stamp``, when the row was last changed. It is stored only while that is so; else the page
comes back with status 409, what is stored now beside what was typed, and the new stamp: saving again overwrites
knowingly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse

from spaces.actors import Actor
from spaces.errors import AlreadyExists, Conflict, NotFound
from spaces.permissions import visible_contacts
from spaces.requests import SpacesRequest
from spaces_project.kit.pages import render_form


class Refusals:
    """Hands what a verb refuses (ValidationError, Conflict) to a form."""

    def __init__(self, form: RowForm) -> None:
        self.form = form

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if isinstance(error, ValidationError | Conflict):
            self.form.refuse(error)
            return True
        return False


class RowForm(forms.Form):
    """The form of a row; ``values()`` is what its ``create`` and ``change`` take.

    ``unique`` is the field beside which stands that its value is taken, ``refused`` the one for any other conflict
    (None: above all fields). ``overtaken`` is the row as somebody else stored it since the form was opened; of its
    values the ``unseen`` are not shown.
    """

    unique: ClassVar[str | None] = None
    refused: ClassVar[str | None] = None
    unseen: ClassVar[frozenset[str]] = frozenset()
    overtaken: Any = None

    def values(self) -> dict[str, Any]:
        """All fields, as the model calls them."""
        return {name: self.cleaned_data[name] for name in self.fields}

    def refusals(self) -> Refusals:
        """Around a verb of the model: what it refuses becomes errors of this form, and goes no further."""
        return Refusals(self)

    def refuse(self, error: ValidationError | Conflict) -> None:
        """Say it beside the field that it is about, or above all of them."""
        if isinstance(error, ValidationError):
            for name, said in getattr(error, "message_dict", {None: error.messages}).items():
                self._refuse(name, said)
        else:
            self._refuse(self.unique if isinstance(error, AlreadyExists) else self.refused, str(error))

    def _refuse(self, name: str | None, said: Any) -> None:
        self.add_error(name if name in self.fields else None, said)

    # ------------------------------------------------------------ both versions

    def called(self, name: str) -> str:
        """What the page calls one of ``values()``."""
        return str(self[name].label)

    def said(self, value: Any) -> str:
        """A value in words."""
        return str(value or "")

    def differing(self, actor: Actor) -> list[dict[str, str]]:
        """The values in which what is stored now and what was typed are not the same, in words."""
        mine = {name: value for name, value in self.values().items() if name not in self.unseen}
        now = {name: getattr(self.overtaken, name) for name in mine}
        return [
            {"field": self.called(name), "theirs": self._theirs(actor, name, now[name]), "mine": self.said(mine[name])}
            for name in mine
            if now[name] != mine[name] and self.said(now[name]) != self.said(mine[name])
        ]

    def _theirs(self, actor: Actor, name: str, value: Any) -> str:
        """Of a contact that this person may not read no more than that there is one."""
        if name == "contact" and value and not visible_contacts(actor).filter(pk=value.pk).exists():
            return "One that you may not read"
        return self.said(value)


def stamp(row: Any) -> str:
    """What the form carries to notice that another change came between."""
    return str(row.updated_at.isoformat())


def saved(request: SpacesRequest, form: RowForm, row: Any, change: Callable[[Any], object] | None = None) -> bool:
    """Whether what was sent is stored, by ``change`` (else the row's own), which gets the row locked; else the form
    says why not. NotFound when the row is gone."""
    if request.method != "POST" or not form.is_valid():
        return False
    with form.refusals(), transaction.atomic():
        rows = type(row).objects.of(request.account).select_for_update(no_key=True)
        current = rows.filter(pk=row.pk).first()
        if current is None:
            raise NotFound(f"{type(row).__name__} not found")
        if stamp(current) != request.POST.get("stamp"):
            form.overtaken = current
            return False
        if change is None:
            current.change(request.actor, **form.values())
        else:
            change(current)
        return True
    return False


def render_settings(
    request: SpacesRequest, template: str, form: RowForm, row: Any, context: dict[str, Any]
) -> HttpResponse:
    """The page of the form: as it is stored, as it was typed with what is wrong, or with both versions."""
    if form.overtaken is not None:
        context |= {"stamp": stamp(form.overtaken), "differing": form.differing(request.actor)}
        return render_form(request, template, form, context, status=409)
    context["stamp"] = stamp(row) if request.method == "GET" else request.POST.get("stamp", "")
    return render_form(request, template, form, context)
