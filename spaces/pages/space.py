"""What changes one space: settings, archive, delete, and who may use it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from spaces.consequences import goes_with
from spaces.models import Space, SpaceAccess
from spaces.models.access import AccessLevel
from spaces.models.integrity import domain_errors
from spaces.permissions import can, get_space, require
from spaces.requests import SpacesRequest
from spaces_project.kit.pages import page, render_form, render_page, safe_next

from .editing import render_settings, saved
from .forms import GrantForm, SpaceForm
from .spaces import user_names


def manageable(request: SpacesRequest, pk: UUID, operation: str = "space.update") -> Space:
    """The space, when this person may change it; NotFound, or NotAllowed when it may only be read."""
    space = get_space(request.actor, pk)
    require(request.actor, operation, space)
    return space


# ------------------------------------------------------------------- settings


@page
@require_http_methods(["GET", "POST"])
def space_settings(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Edit everything of a space. 409 with both versions when another change came between."""
    space = manageable(request, pk)
    form = SpaceForm(request.POST or None, actor=request.actor, space=space)
    if saved(request, form, space):
        messages.success(request, "Your changes are saved.")
        return redirect("space_settings", space.pk)
    context = {"space": space, "user_names": user_names(request)}
    return render_settings(request, "spaces/space_settings.html", form, space, context)


@page
@require_POST
def space_archive(request: SpacesRequest, pk: UUID) -> HttpResponse:
    space = manageable(request, pk)
    if space.archive(request.actor):
        messages.success(request, "The space is archived: it can be read, and takes nothing new.")
    return redirect(safe_next(request, reverse("space_settings", args=[space.pk])))


@page
@require_POST
def space_unarchive(request: SpacesRequest, pk: UUID) -> HttpResponse:
    space = manageable(request, pk)
    if space.unarchive(request.actor):
        messages.success(request, "The space is out of the archive.")
    return redirect(safe_next(request, reverse("space_settings", args=[space.pk])))


@page
@require_safe
def space_delete_confirm(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """What goes with the space, by count."""
    space = manageable(request, pk, "space.delete")
    goes = goes_with(Space.objects.of(request.account).filter(pk=space.pk))
    return render_page(request, "spaces/space_delete.html", {"space": space, "goes": goes})


@page
@require_POST
def space_delete(request: SpacesRequest, pk: UUID) -> HttpResponse:
    space = manageable(request, pk, "space.delete")
    space.remove(request.actor)
    messages.success(request, f"“{space}” is deleted.")
    return redirect("space_list")


# --------------------------------------------------------------------- access


@page
@require_safe
def space_access(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Who may use the space; whoever manages it grants, changes and revokes."""
    space = get_space(request.actor, pk)
    return _access_page(request, space, GrantForm(actor=request.actor))


def _access_page(request: SpacesRequest, space: Space, form: GrantForm) -> HttpResponse:
    grants = SpaceAccess.objects.of(request.account).filter(space=space).select_related("user", "group")
    context = {
        "space": space,
        "grants": grants.order_by("group__name", "user__username"),
        "may_grant": can(request.actor, "space.grant", space),
        "levels": AccessLevel.choices,
    }
    return render_form(request, "spaces/space_access.html", form, context)


@page
@require_POST
def space_grant(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Give a user or group a level; replaces the one it had."""
    space = manageable(request, pk, "space.grant")
    form = GrantForm(request.POST, actor=request.actor)
    if not form.is_valid():
        return _access_page(request, space, form)
    with domain_errors():  # another grant to the same, or the group's end, at the same moment
        grant = SpaceAccess.grant(space, form.cleaned_data["holder"], form.cleaned_data["level"], request.actor)
    messages.success(request, f"{grant.holder} may now: {grant.get_level_display().partition(':')[0].lower()}.")
    return redirect("space_access", space.pk)


@page
@require_POST
def space_revoke(request: SpacesRequest, pk: UUID, grant_pk: UUID) -> HttpResponse:
    """Take a grant away. One that is gone already is no error: that is what was wanted."""
    space = manageable(request, pk, "space.grant")
    grant = SpaceAccess.objects.of(request.account).filter(space=space, pk=grant_pk).first()
    if grant is not None:
        grant.revoke(request.actor)
        messages.success(request, f"{grant.holder} has no grant here any more.")
    return redirect("space_access", space.pk)
