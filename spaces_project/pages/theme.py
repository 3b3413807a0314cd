"""The switch between light and dark: a cookie, so that the first paint is right."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from spaces_project.kit.pages import safe_next

from .shell import THEME_COOKIE, THEMES

YEAR_SECONDS = 365 * 24 * 3600


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember ``theme=light|dark`` and go back; any other value forgets the choice (the system decides)."""
    response = HttpResponseRedirect(safe_next(request, "/"))
    choice = request.POST.get("theme", "")
    if choice in THEMES:
        secure = request.is_secure()
        response.set_cookie(THEME_COOKIE, choice, max_age=YEAR_SECONDS, samesite="Lax", httponly=True, secure=secure)
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    return response
