"""Domain errors on pages: translated once, here, as each dialect does in its own errors.py."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus

from django.core.exceptions import ObjectDoesNotExist
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from spaces.errors import Conflict, InvalidInput, NotAllowed, NotFound

from .errors import error_page, unavailable

logger = logging.getLogger(__name__)


class PageErrorsMiddleware:
    """Turns what a page's view raises into a page: 404, 403, 409, 400, or 503 where the database could not.

    So is the empty 405 of Django: somebody opened, or loaded again, where a form is sent to.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or response.content:
            return response
        shown = error_page(request, HTTPStatus.METHOD_NOT_ALLOWED)
        shown["Allow"] = response["Allow"]
        return shown

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, NotFound | ObjectDoesNotExist):  # or it was deleted meanwhile
            return error_page(request, HTTPStatus.NOT_FOUND)
        if isinstance(exception, NotAllowed):
            return error_page(request, HTTPStatus.FORBIDDEN)
        if isinstance(exception, Conflict):
            return error_page(request, HTTPStatus.CONFLICT, str(exception))
        if isinstance(exception, InvalidInput):
            return error_page(request, HTTPStatus.BAD_REQUEST, str(exception))
        if isinstance(exception, OperationalError):  # a deadlock, or a statement that took too long
            logger.warning("%s %s: %s", request.method, request.path, exception)
            return unavailable()
        return None
