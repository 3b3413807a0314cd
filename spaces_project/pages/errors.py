"""The error pages of the product: what happened, and what to do. Wired as handler400 … in the URL map."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import requires_csrf_token

WORDS = {
    HTTPStatus.BAD_REQUEST: (
        "That request could not be read",
        "Something in the address or the form is not what we expect. Nothing was changed.",
    ),
    HTTPStatus.FORBIDDEN: (
        "You may not do that",
        "You can see this, but changing it needs more rights. Ask its owner or an administrator of your account.",
    ),
    HTTPStatus.NOT_FOUND: (
        "Nothing here",
        "There is no such page, or it is not shared with you. Check the address, or search for it.",
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: (
        "Not a page to open",
        "This address only takes what a form sends, and nothing was sent. Go back to the page with the form.",
    ),
    HTTPStatus.CONFLICT: (
        "That does not go together",
        "The state of this object does not allow it now. Nothing was changed.",
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "Too much at once",
        "The database had no time for this, or two changes were in each other's way. Nothing was changed; try again.",
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        "That went wrong on our side",
        "The error is written down in the server's log. Nothing was half saved. Try again in a moment.",
    ),
}


def error_page(request: HttpRequest, status: HTTPStatus, detail: str = "") -> HttpResponse:
    """A page of the product for ``status``; ``detail`` replaces the usual sentence."""
    title, sentence = WORDS[status]
    context = {"status": int(status), "title": title, "sentence": detail or sentence}
    return render(request, "errors/error.html", context, status=status)


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, HTTPStatus.BAD_REQUEST)


@requires_csrf_token
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, HTTPStatus.FORBIDDEN, str(exception))


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, HTTPStatus.NOT_FOUND)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW: almost always a form from before the last sign-in."""
    detail = "This form is from an older session. Go back, reload the page and send it again; what you typed is kept."
    return error_page(request, HTTPStatus.FORBIDDEN, detail)


def server_error(request: HttpRequest) -> HttpResponse:
    return _alone(HTTPStatus.INTERNAL_SERVER_ERROR)


def unavailable() -> HttpResponse:
    """The database had no time, or is not there."""
    return _alone(HTTPStatus.SERVICE_UNAVAILABLE)


def _alone(status: HTTPStatus) -> HttpResponse:
    """Without context processors, session or database: any of them may be what failed."""
    title, sentence = WORDS[status]
    context = {"status": int(status), "title": title, "sentence": sentence}
    return render(None, "errors/error.html", context, status=status)
