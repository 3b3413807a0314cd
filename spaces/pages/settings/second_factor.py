"""One's own second factor: set up, new recovery codes, turn off. For operators as well, who have no other settings."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from spaces import totp
from spaces.errors import Conflict
from spaces.models import User
from spaces.models.second_factor import typed
from spaces.pages.second_factor_forms import WRONG_EITHER, WRONG_FIRST_CODE, FirstCodeForm, PasswordAndCodeForm, sheet
from spaces.requests import SpacesRequest
from spaces.sign_in import attempt, forget_new_secret, new_secret
from spaces_project.kit.pages import render_form, render_page, signed_in

from .once import DAY_SECONDS

SALT = "spaces.once-recovery-codes"
WRONG_PASSWORD = "That is not your password now."  # noqa: S105 (what is said of a wrong one)


@signed_in
@require_safe
def second_factor(request: SpacesRequest) -> HttpResponse:
    """Whether it is on, since when, and how many recovery codes are left."""
    return render_page(
        request,
        "settings/second_factor.html",
        {
            "me": request.user,
        },
    )


@signed_in
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "POST"])
def second_factor_setup(request: SpacesRequest) -> HttpResponse:
    """The secret as a picture and a text; with the password and a first code it is on, and codes are shown."""
    user = request.user
    if user.has_second_factor:
        return _say(request, "Two-factor sign-in is on. Recovery codes are shown once: make new ones if they got lost.")
    secret, form = new_secret(request, user), FirstCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (step := _first_step(request, secret, form)):
        codes = user.turn_on_second_factor(request.actor, secret, step)
        forget_new_secret(request)
        update_session_auth_hash(request, user)
        return _show_codes(request, codes, is_new=True)
    return render_form(request, "settings/second_factor_setup.html", form, shown(secret, user))


def shown(secret: str, user: User) -> dict[str, str]:
    """The secret for an app, and for typing."""
    address = totp.address(secret, user.username, account_name(user))
    return {"picture": totp.picture(address), "secret": totp.in_groups(secret), "address": address}


def account_name(user: User) -> str:
    return str(user.account) if user.account else "operator"


def _first_step(request: SpacesRequest, secret: str, form: forms.Form) -> int | None:
    """The step of the first code, when the password is right as well; says else what is not."""
    password, code = form.cleaned_data["password"], typed(form.cleaned_data["code"])
    if not attempt(request, request.user, lambda user: user.check_password(password)):
        form.add_error("password", WRONG_PASSWORD)
    elif step := totp.step_of(secret, code):
        return step
    else:
        form.add_error("code", WRONG_FIRST_CODE)
    return None


@signed_in
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "POST"])
def second_factor_codes(request: SpacesRequest) -> HttpResponse:
    """New recovery codes for a password and a code, shown once: sent again, the form makes none."""
    user = request.user
    if not user.has_second_factor:
        return _say(request, "Two-factor sign-in is off.")
    if request.method == "POST" and not _fits(user, request.POST.get("once", "")):
        return _say(request, "New codes were made already and shown once. Make new ones if they got lost.")
    form = PasswordAndCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _confirmed(request, form):
        return _show_codes(request, user.renew_recovery_codes(request.actor), is_new=False)
    return render_form(request, "settings/second_factor_codes.html", form, {"once": recovery_note(user)})


@signed_in
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "POST"])
def second_factor_off(request: SpacesRequest) -> HttpResponse:
    """Off, for a password and a code; not where the account asks everybody for one."""
    user, form = request.user, PasswordAndCodeForm(request.POST or None)
    if not user.has_second_factor:
        return _say(request, "Two-factor sign-in is off.")
    if user.is_asked_for_second_factor:
        raise Conflict("Your account asks everybody for a second factor, so it cannot be turned off.")
    if request.method == "POST" and form.is_valid() and _confirmed(request, form):
        user.turn_off_second_factor(request.actor)
        update_session_auth_hash(request, user)
        messages.success(request, "Two-factor sign-in is off. Other sessions of yours are signed out.")
        return redirect("second_factor")
    return render_form(request, "settings/second_factor_off.html", form)


def _confirmed(request: SpacesRequest, form: forms.Form) -> bool:
    """Whether password and code are right; the one error does not say which of them was not."""
    password, code, by = form.cleaned_data["password"], form.cleaned_data["code"], request.actor
    if attempt(request, request.user, lambda user: user.check_password(password) and user.take_code(by, code)):
        request.user.refresh_from_db()
        return True
    form.add_error(None, WRONG_EITHER)
    return False


def _show_codes(request: SpacesRequest, codes: list[str], *, is_new: bool) -> HttpResponse:
    context = {**sheet(codes, request.user.username, account_name(request.user)), "is_new": is_new}
    return render_page(request, "settings/second_factor_made.html", context, status=201)


def _say(request: HttpRequest, text: str) -> HttpResponse:
    messages.warning(request, text)
    return redirect("second_factor")


def recovery_note(user: User) -> str:
    """Fits as long as the last recovery code is that of now."""
    return signing.dumps(_codes_of_now(user), salt=SALT)


def _fits(user: User, note: str) -> bool:
    try:
        return bool(signing.loads(note, salt=SALT, max_age=DAY_SECONDS) == _codes_of_now(user))
    except signing.BadSignature:
        return False


def _codes_of_now(user: User) -> list[str]:
    return [str(user.pk), salted_hmac(SALT, "".join(user.recovery_codes[-1:])).hexdigest()]
