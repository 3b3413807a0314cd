"""The second factors of others, for administrators: reset one, ask everybody for one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from spaces.models import User
from spaces.permissions import require
from spaces.requests import SpacesRequest
from spaces.sign_in import forget_failures
from spaces_project.kit.pages import page, render_page

from .members import get_member


@page
@require_safe
def member_second_factor_confirm(request: SpacesRequest, pk: UUID) -> HttpResponse:
    member = get_member(request, pk)
    return render_page(request, "settings/member_second_factor.html", {"member": member})


@page
@require_POST
def member_second_factor_reset(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Off for somebody who lost app and codes; his sessions end. Conflict for one's own."""
    member = get_member(request, pk)
    if member.reset_second_factor(request.actor):
        forget_failures(member)
        messages.success(request, f"“{member}” has no second factor any more, and every session has ended.")
    return redirect("member_detail", member.pk)


@page
@require_safe
def member_second_factors(request: SpacesRequest) -> HttpResponse:
    """Whether the account asks everybody, and who has none yet."""
    require(request.actor, "account.administer")
    active = User.objects.of(request.account).active()
    without = active.without_second_factor()
    context = {
        "is_required": request.account.requires_second_factor,
        "members": active.count(),
        "without": without.count(),
        "mine": request.user.has_second_factor,
    }
    return render_page(request, "settings/member_second_factors.html", context)


@page
@require_POST
def member_second_factors_require(request: SpacesRequest) -> HttpResponse:
    require(request.actor, "account.administer")
    if request.account.change(request.actor, requires_second_factor=True):
        messages.success(request, "Everybody is asked for a second factor from the next sign-in on.")
    return redirect("member_second_factors")


@page
@require_POST
def member_second_factors_waive(request: SpacesRequest) -> HttpResponse:
    require(request.actor, "account.administer")
    if request.account.change(request.actor, requires_second_factor=False):
        messages.success(request, "A second factor is left to everybody again.")
    return redirect("member_second_factors")
