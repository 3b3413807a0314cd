"""What ends or restores a member's way in: deactivate, reactivate, a new password. Each asks first."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from spaces import bulk
from spaces.bootstrap import new_password
from spaces.errors import Conflict
from spaces.models import ApiKey, Space, User
from spaces.requests import SpacesRequest
from spaces.sign_in import forget_failures
from spaces_project.kit.pages import page, render_form, render_page

from .member_forms import TransferForm
from .members import get_member
from .once import password_fits, password_note

NAMES_SUGGESTED = 200


@page
@require_safe
def member_deactivate_confirm(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """What stops working and what the member owns, by count."""
    member = get_member(request, pk)
    return _confirm(request, member, TransferForm(member=member))


def _confirm(request: SpacesRequest, member: User, form: TransferForm, status: int | None = None) -> HttpResponse:
    owned = Space.objects.of(request.account).filter(owner=member)
    context = {
        "member": member,
        "owned": owned.listed().count(),
        "owns_default": owned.filter(is_default=True).exists(),
        "keys": ApiKey.objects.of(request.account).usable().filter(user=member).count(),
        "links": member.export_links.usable().count(),
        "user_names": form.candidates.order_by("username").values_list("username", flat=True)[:NAMES_SUGGESTED],
    }
    return render_form(request, "settings/member_deactivate.html", form, context, status=status)


@page
@require_POST
def member_deactivate(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Deactivate, and hand the spaces over when a new owner is named; both or neither."""
    member = get_member(request, pk)
    form = TransferForm(request.POST, member=member)
    if not form.is_valid():
        return _confirm(request, member, form)
    try:
        _deactivate(request, member, form.cleaned_data["owner"])
    except Conflict as error:
        form.add_error(None, str(error))
        return _confirm(request, member, form, status=409)
    messages.success(request, f"“{member}” is deactivated: signing in and keys stopped working.")
    return redirect("member_detail", member.pk)


@transaction.atomic
def _deactivate(request: SpacesRequest, member: User, owner: User | None) -> None:
    member.deactivate(request.actor)
    if owner is None:
        return
    owned = Space.objects.of(request.account).filter(owner=member)
    for space in owned.filter(is_default=True):  # bulk runs leave the default space alone
        space.change(request.actor, owner=owner)
    for _ in bulk.run(request.actor, bulk.transfer(owner), owned.listed().values_list("pk", flat=True).iterator()):
        pass


@page
@require_POST
def member_reactivate(request: SpacesRequest, pk: UUID) -> HttpResponse:
    member = get_member(request, pk)
    if member.reactivate(request.actor):
        messages.success(request, f"“{member}” may sign in again.")
    return redirect("member_detail", member.pk)


@page
@require_safe
def member_password_confirm(request: SpacesRequest, pk: UUID) -> HttpResponse:
    member = get_member(request, pk)
    context = {"member": member, "once": password_note(request.user, member)}
    return render_page(request, "settings/member_reset.html", context)


@page
@require_POST
def member_password(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """A new generated password, shown once; a form sent again does nothing and says so."""
    member = get_member(request, pk)
    if not password_fits(request.user, member, request.POST.get("once", "")):
        messages.warning(request, "That password was set already and shown once. Reset it again if it got lost.")
        return redirect("member_detail", member.pk)
    password = new_password()
    member.reset_password(request.actor, password)
    forget_failures(member)
    return render_page(request, "settings/member_password.html", {"member": member, "password": password})
