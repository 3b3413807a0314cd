"""Bulk runs in which folders themselves are ticked: they move and are deleted with everything in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect

from memories.bulk import MEMORIES, delete, move_to_folder
from memories.models import Folder
from memories.trees import HELD_BACK, HOLDS_OTHERS, MISSING
from spaces.actors import Actor
from spaces.bulk import Outcome
from spaces.errors import Conflict, InvalidInput, NotAllowed
from spaces.pages.bulk_runs import BulkPages, NoOptions, Options, Run, changing, keep, typed
from spaces.pages.choice import Choice
from spaces.permissions import can, require
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.pages import render_page

from .forms import FolderField
from .ticked import Ticked

FOLDER = "folder"  # the kind of its outcomes
NOT_MANAGED = "You may not move this folder."
MOST = f"At most {limits.BULK_ROWS:,} files are ticked in one run: filter the list further, or tick their folder."


class MoveForm(NoOptions):
    """Where folders, and files with them, are put; folders alone may go to the top as well."""

    def __init__(self, data: Any = None, *, ticked: Ticked) -> None:
        super().__init__(data, actor=ticked.actor)
        top = not ticked.file_count and can(ticked.actor, "folder.create")
        self.fields["folder"] = FolderField(
            actor=ticked.actor, top=top, without=ticked.folders, label="Into the folder" if top else "To the folder"
        )


class DeleteForm(NoOptions):
    def __init__(self, data: Any = None, *, ticked: Ticked) -> None:
        super().__init__(data, actor=ticked.actor)


def _move(actor: Actor, folder: Folder, options: Options) -> Outcome:
    into: Folder | None = options["folder"]
    try:
        require(actor, "folder.manage", folder)
        if into is None:
            require(actor, "folder.create")
        changed = folder.move(actor, into)
    except NotAllowed:
        return _refused(folder, NOT_MANAGED)
    except Folder.DoesNotExist:
        return _refused(folder, MISSING)
    except (Conflict, InvalidInput) as error:
        return _refused(folder, str(error))
    where = f"“{into}”" if into else "the top of the tree"
    words = f"Moved to {where}, with everything in it" if changed else f"Was in {where} already"
    return Outcome(folder.pk, str(folder), "done" if changed else "unchanged", words, FOLDER)


def _delete(actor: Actor, folder: Folder, options: Options) -> Outcome:
    now = Ticked(actor, [folder], None)
    if not now.whole:
        return _refused(folder, HOLDS_OTHERS if now.free else HELD_BACK)
    folder.remove(actor)
    return Outcome(folder.pk, str(folder), "done", "Deleted, with everything in it", FOLDER)


def _refused(folder: Folder, words: str) -> Outcome:
    return Outcome(folder.pk, str(folder), "refused", words, FOLDER)


@dataclass(frozen=True)
class Way:
    """What a run does with a folder, and with the files beside it."""

    sentence: str
    form: Callable[..., NoOptions]
    folder: Callable[[Actor, Folder, Options], Outcome]
    files: Run


WHOLE = {
    "move": Way(
        "Who may read what is in them, and which answers use it, changes with the place.",
        MoveForm,
        _move,
        changing(MEMORIES, lambda options: move_to_folder(options["folder"])),
    ),
    "delete": Way(
        "Everything in the folders goes with them, and no answer finds it any more. It cannot be undone.",
        DeleteForm,
        _delete,
        changing(MEMORIES, lambda options: delete()),
    ),
}


@dataclass(frozen=True)
class Whole:
    """One such run over what is ticked."""

    pages: BulkPages
    name: str
    choice: Choice
    ticked: Ticked

    @property
    def is_deletion(self) -> bool:
        return self.pages.actions[self.name].danger

    def count(self) -> int:
        """What is ticked; for a deletion with all that is in the folders that go."""
        return self.ticked.count + (sum(self.ticked.inside()) if self.is_deletion else 0)

    def confirm(self, request: SpacesRequest) -> HttpResponse:
        """What is ticked, by name and number, and what goes with it; nothing is changed yet."""
        return self._ask(request, WHOLE[self.name].form(ticked=self.ticked))

    def _ask(self, request: SpacesRequest, form: NoOptions, status: int = 200, **more: str) -> HttpResponse:
        ticked, count = self.ticked, self.count()
        refused = len(ticked.folders) - len(ticked.whole if self.is_deletion else ticked.free) + ticked.refused_files
        context = {
            **more,
            "bulk": self.pages,
            "name": self.name,
            "action": self.pages.actions[self.name],
            "way": WHOLE[self.name],
            "form": form,
            "choice": self.choice,
            "ticked": ticked,
            "count": count,
            "refused": refused,
            "too_many": MOST if ticked.file_count > limits.BULK_ROWS else "",
            "goes": ticked.goes() if self.is_deletion else [],
            "must_type": self.is_deletion and count > limits.UNTYPED_DELETIONS,
        }
        return render_page(request, "files/bulk_confirm.html", context, status=status)

    def run(self, request: SpacesRequest) -> HttpResponse:
        """Carry it out and go to what became of each. Asks again when there is more or less of it now."""
        form = WHOLE[self.name].form(request.POST, ticked=self.ticked)
        if not form.is_valid():
            return self._ask(request, form, 422)
        count = self.count()
        if request.POST.get("expected") != str(count) or self.ticked.file_count > limits.BULK_ROWS:
            return self._ask(request, form, 409, notice="Nothing was changed: what is ticked is not as it was shown.")
        if self.is_deletion and not typed(request, count):
            return self._ask(request, form, 422, untyped=f"Type {count} to confirm.")
        outcomes = list(self._outcomes(request.actor, form.cleaned_data))
        keep(request, self.pages, self.name, self.choice, outcomes)
        return redirect(f"{self.pages.one}_bulk_result")

    def _outcomes(self, actor: Actor, options: Options) -> Iterator[Outcome]:
        way, pks = WHOLE[self.name], list(self.ticked.files.values_list("pk", flat=True))
        for folder in self.ticked.folders:
            yield way.folder(actor, folder, options)
        if pks:
            yield from way.files(actor, options, pks)
