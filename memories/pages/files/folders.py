"""What makes, changes and deletes a folder, and what there is to know of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from memories.models import Folder, Memory
from memories.permissions import get_folder, manageable_folders
from spaces.consequences import goes_with
from spaces.errors import AlreadyExists, Conflict, InvalidInput, NotAllowed, NotFound
from spaces.pages.history import history_page
from spaces.permissions import require
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.pages import page, render_form, render_page

from .forms import MoveFolderForm, NameForm
from .head import entries, head, manageable, trail
from .history import lines_with_folders
from .samples import folder_samples

# ------------------------------------------------------------------------ make


@page
@require_http_methods(["GET", "POST"])
def folder_create(request: SpacesRequest) -> HttpResponse:
    """A new folder at the top of the tree."""
    require(request.actor, "folder.create")
    return _create(request, None)


@page
@require_http_methods(["GET", "POST"])
def folder_create_in(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """A new folder in this one."""
    return _create(request, manageable(request, pk, "folder.write"))


def _create(request: SpacesRequest, parent: Folder | None) -> HttpResponse:
    form = NameForm(request.POST or None)
    if form.is_valid():
        try:
            made = Folder.create(request.actor, request.account, parent, form.cleaned_data["name"])
            return redirect("folder_detail", made.pk)
        except (AlreadyExists, Conflict) as error:
            form.add_error("name", str(error))
        except ValidationError as error:
            form.add_error("name", error.messages)
    above = trail(request.actor, parent) if parent else []
    return render_form(request, "files/folder_create.html", form, {"parent": parent, "trail": above})


# ------------------------------------------------------------------- settings


@page
@require_safe
def folder_settings(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Its name, where it lies, its end."""
    return _settings(request, manageable(request, pk))


def _settings(request: SpacesRequest, folder: Folder, status: int = 200, **forms: Any) -> HttpResponse:
    context = {
        "name_form": NameForm(initial={"name": folder.name}),
        "move_form": MoveFolderForm(actor=request.actor, folder=folder),
        **head(request, folder),
        **forms,
    }
    return render_page(request, "files/folder_settings.html", context, status=status)


@page
@require_POST
def folder_rename(request: SpacesRequest, pk: UUID) -> HttpResponse:
    folder, form = manageable(request, pk), NameForm(request.POST)
    if form.is_valid():
        try:
            if folder.change(request.actor, name=form.cleaned_data["name"]):
                messages.success(request, f"The folder is called “{folder}” now.")
            return redirect("folder_settings", folder.pk)
        except AlreadyExists as error:
            form.add_error("name", str(error))
        except ValidationError as error:
            form.add_error("name", error.messages)
        folder = get_folder(request.actor, pk)
    return _settings(request, folder, 422, name_form=form)


@page
@require_POST
def folder_move(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Put it, with everything in it, into another folder or to the top."""
    folder = manageable(request, pk)
    form = MoveFolderForm(request.POST, actor=request.actor, folder=folder)
    if form.is_valid():
        into = form.cleaned_data["to"]
        try:
            if into is None:
                require(request.actor, "folder.create")
            if folder.move(request.actor, into):
                where = f"in “{into}”" if into else "at the top of the tree"
                messages.success(request, f"“{folder}” is {where} now, with everything in it.")
            return redirect("folder_detail", folder.pk)
        except Folder.DoesNotExist as error:
            raise NotFound("Folder not found") from error
        except (Conflict, InvalidInput) as error:
            form.add_error("to", str(error))
        folder = get_folder(request.actor, pk)
    return _settings(request, folder, 422, move_form=form)


# --------------------------------------------------------------------- delete


@page
@require_safe
def folder_delete_confirm(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """What goes with the folder, by count."""
    return _confirm(request, manageable(request, pk))


def _goes(folder: Folder) -> tuple[int, int]:
    """How many folders below it and files in all of them go with it."""
    below = Folder.objects.of(folder.account_id).below(folder)
    files = Memory.objects.of(folder.account_id).filter(folder__in=below.order_by().values("pk"))
    return below.count() - 1, files.count()


def _held(request: SpacesRequest, folder: Folder) -> int:
    """How many folders in it this person may not delete, and therefore not the whole."""
    below = Folder.objects.of(folder.account_id).below(folder)
    return int(below.exclude(pk__in=manageable_folders(request.actor).order_by().values("pk")).count())


def _confirm(request: SpacesRequest, folder: Folder, status: int = 200, untyped: str = "") -> HttpResponse:
    folders, files = _goes(folder)
    below = Folder.objects.of(folder.account_id).below(folder)
    context = {
        **head(request, folder),
        "folder_count": folders,
        "file_count": files,
        "kept": _held(request, folder),
        "goes": [each for each in goes_with(below) if each.words.startswith("grant")],
        "must_type": folders + files > limits.UNTYPED_DELETIONS,
        "untyped": untyped,
    }
    return render_page(request, "files/folder_delete.html", context, status=status)


@page
@require_POST
def folder_delete(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Delete it with everything in it; what many go with is typed first."""
    folder = manageable(request, pk)
    if _held(request, folder):
        raise NotAllowed
    count = sum(_goes(folder))
    if count > limits.UNTYPED_DELETIONS and request.POST.get("typed", "").strip() != folder.name:
        return _confirm(request, folder, 422, f"Type “{folder.name}” to confirm.")
    above = trail(request.actor, folder)[:-1]
    folder.remove(request.actor)
    messages.success(request, f"“{folder}” is deleted.")
    return redirect("folder_detail", above[-1].pk) if above else redirect("file_list")


# ----------------------------------------------------------------- other tabs


@page
@require_safe
def folder_history(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Who changed what of the folder, newest first."""
    folder = get_folder(request.actor, pk)
    context = head(request, folder)
    return history_page(request, "files/folder_history.html", context, entries(folder), lines_with_folders)


@page
@require_safe
def folder_api(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """The requests that do what these pages do."""
    folder = get_folder(request.actor, pk)
    context = {**head(request, folder), "samples": folder_samples(request, folder)}
    return render_page(request, "files/folder_api.html", context)
