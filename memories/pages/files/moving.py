"""Putting one memory into a folder."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from memories.pages.memory import changeable
from memories.pages.settings import settings_page
from spaces.errors import Conflict
from spaces.requests import SpacesRequest
from spaces_project.kit.pages import page

from .forms import MoveFileForm


@page
@require_POST
def memory_move_to_folder(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Put the memory into a folder in which one may write; out of its space, or out of another folder."""
    memory = changeable(request, pk)
    form = MoveFileForm(request.POST, actor=request.actor)
    if form.is_valid():
        folder = form.cleaned_data["folder"]
        try:
            memory.change(request.actor, folder=folder)
            messages.success(request, f"The file is in “{folder}” now.")
            return redirect("memory_detail", memory.pk)
        except Conflict as error:
            form.add_error("folder", str(error))
        except ValidationError as error:  # its name may not be a file's
            form.add_error("folder", " ".join(error.messages))
    return settings_page(request, memory, folder_form=form)
