"""Signing in and out, and changing one's password. Django's views with our words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash, views
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django_htmx.http import HttpResponseClientRefresh

from spaces.sign_in import begin, needs_second_step


class SignInForm(AuthenticationForm):
    """User name and password. The one error does not say which of the two was wrong."""

    remember = forms.BooleanField(label="Keep me signed in for 14 days", required=False)
    error_messages = {
        "invalid_login": "That user name and password do not match. Check both and try again.",
        "inactive": "This user has been deactivated. Ask an administrator of your account.",
    }

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = "User name"


class SignIn(views.LoginView):
    """``next`` is followed only within this site. A part of a page asked for without a session reloads the page.

    Whoever has a second factor, or needs one, is signed in by the second step (second_step.py) and not here.
    """

    template_name = "account/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.htmx and request.method == "GET":
            return HttpResponseClientRefresh()
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        user, remember = form.get_user(), form.cleaned_data["remember"]
        if needs_second_step(user):
            begin(self.request, user, remember=remember, target=self.get_success_url())
            return redirect("sign_in_code")
        response = super().form_valid(form)
        if not remember:
            self.request.session.set_expiry(0)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class SignOut(views.LogoutView):
    """POST only."""

    next_page = "sign_in"


class PasswordForm(PasswordChangeForm):
    error_messages = {
        **PasswordChangeForm.error_messages,
        "password_incorrect": "That is not your password now.",
        "password_mismatch": "The two new passwords differ.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "Password now"
        self.fields["new_password1"].label = "New password"
        self.fields["new_password2"].label = "New password again"
        self.fields["new_password2"].help_text = ""


class PasswordChange(views.PasswordChangeView):
    """Other sessions of the user end with it: their hash no longer fits."""

    template_name = "account/password_change.html"
    form_class = PasswordForm
    success_url = reverse_lazy("password_change")

    def form_valid(self, form: Any) -> HttpResponse:
        request: Any = self.request
        form.user.reset_password(request.actor, form.cleaned_data["new_password1"])
        update_session_auth_hash(request, form.user)
        messages.success(request, "Your password is changed. Other sessions of yours are signed out.")
        return redirect(self.get_success_url())

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)
