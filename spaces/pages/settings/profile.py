"""One's own name and e-mail. The password has a page of its own (spaces_project/pages/accounts.py)."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from spaces.models import User
from spaces.requests import SpacesRequest
from spaces_project.kit.pages import page, render_form

from .member_forms import ProfileForm


@page
@require_safe
def settings_home(request: SpacesRequest) -> HttpResponse:
    return redirect("profile")


@page
@require_http_methods(["GET", "POST"])
def profile(request: SpacesRequest) -> HttpResponse:
    """Who one is here, and one's groups and role, which an administrator sets."""
    user = User.objects.of(request.account).get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, initial={"name": user.name, "email": user.email})
    if request.method == "POST" and form.is_valid() and _saved(request, user, form):
        messages.success(request, "Your profile is saved.")
        return redirect("profile")
    groups = user.memberships.select_related("group").order_by("group__name")
    context = {"me": request.user, "groups": [each.group for each in groups]}
    return render_form(request, "settings/profile.html", form, context)


def _saved(request: SpacesRequest, user: User, form: ProfileForm) -> bool:
    try:
        user.change(request.actor, **form.cleaned_data)
        return True
    except ValidationError as error:
        form.take(error)
    return False
