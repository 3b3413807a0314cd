"""What every Unique operation does around its own work: authenticate, read the body and the query, answer errors."""

from __future__ import annotations

import logging
from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from spaces.actors import Actor
from spaces.errors import NotAllowed, NotFound
from spaces_project.api.auth import acting_as, api_actor, user_named
from spaces_project.api.body import read_query
from spaces_project.api.errors import camel, domain_error, note
from spaces_project.api.operations import BaseOperations
from spaces_project.kit.ids import InvalidId, Prefix, decode

from .errors import error_response
from .operations import OperationSchema
from .query import Query

logger = logging.getLogger("spaces.api.unimplemented")

USER_HEADER, COMPANY_HEADER = "x-user-id", "x-company-id"


def unique_actor(request: Any) -> Actor:
    """Who sent this request. The key's own user may be named with any key; another one needs the scope act_as.

    Raises NotAuthenticated without a usable key, NotAllowed for another account or a user it may not act as.
    """
    actor = api_actor(request)
    _check_company(actor, request.headers.get(COMPANY_HEADER, "").strip())
    name = request.headers.get(USER_HEADER, "").strip()
    if name and not is_own(actor, name):
        actor = _for_another(actor, name)
    request.actor = actor
    return actor


def _for_another(actor: Actor, name: str) -> Actor:
    """Refused in the same words whether the user or the scope is missing."""
    try:
        return acting_as(actor, _plain(name))
    except NotAllowed as error:
        raise NotAllowed("x-user-id: This key may not act for this user.") from error


def is_own(actor: Actor, name: str) -> bool:
    """Whether ``name`` (an id, user name or external id) names the actor's own user."""
    own, name = actor.user, _plain(name)
    if own is None or name in (str(own.pk), own.username):
        return own is not None
    found = user_named(actor, name)
    return found is not None and found.pk == own.pk


def _plain(name: str) -> str:
    """A user's wire id as the plain id; every other name as it is."""
    try:
        return str(decode(Prefix.USER, name)) if name.startswith(Prefix.USER) else name
    except InvalidId:
        return name


def _check_company(actor: Actor, name: str) -> None:
    account = actor.account
    if not name or account is None:
        return
    if name.lower() not in (account.slug, str(account.pk), account.pk.hex):
        raise NotAllowed("x-company-id: This key belongs to another company.")


class Operations(BaseOperations):
    """Base of the views; one method per operation."""

    schema = OperationSchema()

    def authenticate(self, request: HttpRequest) -> Actor:
        return unique_actor(request)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """``Request-Id`` is where the vendor's client looks for what the log calls the request."""
        response = super().dispatch(request, *args, **kwargs)
        response["Request-Id"] = self.request.request_id
        return response

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        error = domain_error(exc, camel)
        note(error, exc, self.request.request_id)
        return error_response(error)

    @cached_property
    def query(self) -> Query:
        """The query string."""
        return Query(read_query(self.request))


def account_name(account_id: UUID) -> str:
    """How the account is called on the wire (the vendor's companyId)."""
    return str(account_id)


@csrf_exempt
def unknown_route(request: HttpRequest) -> HttpResponse:
    """Every path of /public that nothing else answers."""
    return error_response(NotFound("No such route"))
