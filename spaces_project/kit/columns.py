"""Which columns a list shows: a choice of each person, remembered in a cookie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from .pages import safe_next

YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Columns:
    """``labels`` names the columns that may be hidden, in their order; ``default`` are those shown at first."""

    cookie: str
    labels: Mapping[str, str]
    default: tuple[str, ...]

    def shown(self, request: HttpRequest) -> list[str]:
        """The keys of the columns that this person wants; nonsense in the cookie is left out."""
        cookie = request.COOKIES.get(self.cookie)
        wanted = self.default if cookie is None else tuple(cookie.split("."))
        return [key for key in self.labels if key in wanted]

    def choices(self, request: HttpRequest) -> list[tuple[str, str, bool]]:
        """(key, label, whether it is shown), for includes/columns.html."""
        shown = self.shown(request)
        return [(key, label, key in shown) for key, label in self.labels.items()]

    def remember(self, request: HttpRequest, fallback: str) -> HttpResponse:
        """Keep what was ticked as ``col``, and go back to where the person came from."""
        wanted = [key for key in self.labels if key in request.POST.getlist("col")]
        response = HttpResponseRedirect(safe_next(request, fallback))
        secure = request.is_secure()
        response.set_cookie(self.cookie, ".".join(wanted), max_age=YEAR, samesite="Lax", httponly=True, secure=secure)
        return response
