"""``/admin/``: Django's admin for the operators of the installation, and for nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from spaces_project.kit.pages import safe_next

HIDDEN = ("auth", "axes")


class OperationsSite(admin.AdminSite):
    """All accounts. An account's administrator gets 403, somebody without a session is sent to the sign-in."""

    site_title = "Spaces operations"
    site_header = "Spaces operations"
    index_title = "Everything in this installation"
    site_url = None
    enable_nav_sidebar = True

    def register(self, model_or_iterable: Any, *args: Any, **kwargs: Any) -> None:
        """Without the models of HIDDEN apps, which are not how this product knows groups and failed sign-ins."""
        models: list[Any] = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        shown = [model for model in models if model._meta.app_label not in HIDDEN]
        super().register(shown, *args, **kwargs)

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        wrapped = super().admin_view(view, cacheable)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            self.refuse_others(request)
            return wrapped(request, *args, **kwargs)

        return inner

    def refuse_others(self, request: HttpRequest) -> None:
        """Raises PermissionDenied for somebody who is signed in without being an operator."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied("Only the operators of this installation may enter here.")

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The product's own sign-in; there is no second one."""
        self.refuse_others(request)
        target = safe_next(request, reverse("admin:index"))
        return redirect(target) if self.has_permission(request) else redirect_to_login(target)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("password_change")
