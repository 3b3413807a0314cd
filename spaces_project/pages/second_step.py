"""The second step of signing in: the code, or setting up a second factor where the account asks everybody for one.

Nobody is signed in on these pages, see spaces/sign_in.py: every other page sends such a visitor to the sign-in.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from spaces import totp
from spaces.models.second_factor import typed
from spaces.pages.second_factor_forms import (
    WRONG_CODE,
    WRONG_FIRST_CODE,
    WRONG_RECOVERY_CODE,
    CodeForm,
    RecoveryForm,
    sheet,
)
from spaces.pages.settings.second_factor import account_name, shown
from spaces.sign_in import HalfSignIn, actor_of, attempt, half_signed_in, new_secret
from spaces_project.kit.pages import render_form, render_page

FEW = 3  # recovery codes left, of which one is told


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def sign_in_code(request: Any) -> HttpResponse:
    """A code of the app; with ``?recovery`` a recovery code. Either field takes both."""
    half = half_signed_in(request)
    if half is None or not half.user.has_second_factor:
        return redirect("sign_in_setup") if half else _again(request)
    is_recovery = "recovery" in request.GET
    form: forms.Form = (RecoveryForm if is_recovery else CodeForm)(request.POST or None)
    if request.method == "POST" and form.is_valid() and _opens(request, half, form.cleaned_data["code"]):
        half.finish(request)
        _tell_of_codes_left(request, half)
        return redirect(half.target)
    if form.is_valid():
        form.add_error("code", WRONG_RECOVERY_CODE if is_recovery else WRONG_CODE)
    return render_form(request, "account/sign_in_code.html", form, {"half": half, "is_recovery": is_recovery})


def _opens(request: Any, half: HalfSignIn, code: str) -> bool:
    by = actor_of(request, half.user)
    return attempt(request, half.user, lambda user: user.take_code(by, code))


def _tell_of_codes_left(request: Any, half: HalfSignIn) -> None:
    """After one was used: they run out unnoticed otherwise."""
    before = len(half.user.recovery_codes)
    half.user.refresh_from_db()
    left = len(half.user.recovery_codes)
    if left < before:
        advice = " Make new ones under Settings, Two-factor." if left <= FEW else ""
        messages.warning(request, f"That recovery code is used up. You have {left} left.{advice}")


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def sign_in_setup(request: Any) -> HttpResponse:
    """Set up what the account asks for; a first code signs in, and the answer shows the recovery codes."""
    half = half_signed_in(request)
    if half is None or half.user.has_second_factor or not half.user.is_asked_for_second_factor:
        return redirect("sign_in_code") if half and half.user.has_second_factor else _again(request)
    secret, form = new_secret(request, half.user), CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if step := totp.step_of(secret, typed(form.cleaned_data["code"])):
            return _set_up(request, half, secret, step)
        form.add_error("code", WRONG_FIRST_CODE)
    context = {"half": half, **shown(secret, half.user)}
    return render_form(request, "account/sign_in_setup.html", form, context)


def _set_up(request: Any, half: HalfSignIn, secret: str, step: int) -> HttpResponse:
    codes = half.user.turn_on_second_factor(actor_of(request, half.user), secret, step)
    half.finish(request)
    context = {**sheet(codes, half.user.username, account_name(half.user)), "target": half.target}
    return render_page(request, "account/sign_in_made.html", context, status=201)


def _again(request: Any) -> HttpResponse:
    """There is nobody whose password was right, or not any more."""
    if not request.user.is_authenticated:
        messages.warning(request, "That took too long, or your password changed meanwhile. Sign in again.")
    return redirect("sign_in")
