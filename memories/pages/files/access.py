"""Who may read, write in and manage a folder."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from memories.models import Folder, FolderAccess, FolderLevel
from memories.permissions import get_folder, visible_folders
from spaces.models.integrity import domain_errors
from spaces.requests import SpacesRequest
from spaces_project.kit.pages import page, render_form

from .forms import FolderGrantForm
from .head import head, manageable


@page
@require_safe
def folder_access(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """The grants of this folder and those that reach it from above; whoever manages it changes its own."""
    return _access_page(request, get_folder(request.actor, pk), FolderGrantForm(actor=request.actor))


def _access_page(request: SpacesRequest, folder: Folder, form: FolderGrantForm) -> HttpResponse:
    grants = FolderAccess.objects.of(request.account).filter(folder__in=folder.access_path)
    found = list(grants.select_related("user", "group").order_by("group__name", "user__username"))
    context = {
        **head(request, folder),
        "grants": [grant for grant in found if grant.folder_id == folder.pk],
        "inherited": _inherited(request, folder, found),
        "levels": FolderLevel.choices,
        "has_parent": folder.parent_id is not None,
    }
    return render_form(request, "files/folder_access.html", form, context)


def _inherited(request: SpacesRequest, folder: Folder, grants: list[Any]) -> list[Any]:
    """The grants from above, each with its folder if that may be read."""
    above = [grant for grant in grants if grant.folder_id != folder.pk]
    pks = {grant.folder_id for grant in above}
    known = visible_folders(request.actor).filter(pk__in=pks).only("id", "account", "name").in_bulk() if pks else {}
    for grant in above:
        grant.known_folder = known.get(grant.folder_id)
    return above


@page
@require_POST
def folder_grant(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Give a user or group a level; replaces the one it had."""
    folder = manageable(request, pk)
    form = FolderGrantForm(request.POST, actor=request.actor)
    if not form.is_valid():
        return _access_page(request, folder, form)
    with domain_errors():  # another grant to the same, or the group's end, at the same moment
        grant = FolderAccess.grant(folder, form.cleaned_data["holder"], form.cleaned_data["level"], request.actor)
    messages.success(request, f"{grant.holder} may now: {grant.get_level_display().partition(':')[0].lower()}.")
    return redirect("folder_access", folder.pk)


@page
@require_POST
def folder_revoke(request: SpacesRequest, pk: UUID, grant_pk: UUID) -> HttpResponse:
    """Take a grant away. One that is gone already is no error: that is what was wanted."""
    folder = manageable(request, pk)
    grant = FolderAccess.objects.of(request.account).filter(folder=folder, pk=grant_pk).first()
    if grant is not None:
        grant.revoke(request.actor)
        messages.success(request, f"{grant.holder} has no grant here any more.")
    return redirect("folder_access", folder.pk)


@page
@require_POST
def folder_inherit(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Let the grants of the folders above count here."""
    return _inherit(request, pk, is_inherited=True)


@page
@require_POST
def folder_separate(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Let only the grants of this folder count in it and below."""
    return _inherit(request, pk, is_inherited=False)


def _inherit(request: SpacesRequest, pk: UUID, *, is_inherited: bool) -> HttpResponse:
    folder = manageable(request, pk)
    if folder.inherit_access(request.actor, is_inherited=is_inherited):
        words = (
            "The grants of the folders above count here." if is_inherited else "Only the grants of this folder count."
        )
        messages.success(request, words)
    return redirect("folder_access", folder.pk)
