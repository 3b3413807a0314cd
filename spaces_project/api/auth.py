"""The one authenticator of all dialects: an API key, as ``Authorization: Bearer`` or ``x-api-key``."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from spaces.actors import Actor
from spaces.errors import NotAllowed, NotAuthenticated
from spaces.models import ApiKey, User
from spaces.permissions import require

ACT_AS_CHARS = 255


def api_actor(request: Any, act_as: str | None = None) -> Actor:
    """Who sent this request; sets ``request.actor`` and ``request.account`` and notes the key's use.

    ``act_as`` is the dialect's header that names another user. Raises NotAuthenticated without a usable key (also
    for a wrong, revoked or expired one, and for two that differ) and NotAllowed when acting as that user is not.
    """
    key = ApiKey.objects.authenticate(token_of(request) or "")
    if key is None:
        raise NotAuthenticated()
    key.touch()
    actor = key.actor(address=request.address, request_id=request.request_id)
    if act_as:
        actor = acting_as(actor, act_as)
    request.actor, request.account = actor, actor.account
    return actor


def token_of(request: Any) -> str | None:
    """The token in the headers. None when there is none; NotAuthenticated for two that differ or another scheme."""
    given: str | None = request.headers.get("Authorization")
    plain: str | None = request.headers.get("x-api-key", "").strip() or None
    if given is None:
        return plain
    scheme, _, token = given.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or (plain is not None and plain != token):
        raise NotAuthenticated()
    return token


def acting_as(actor: Actor, name: str) -> Actor:
    """The same key with the rights of the user that ``name`` names. An unknown user is refused like a forbidden one."""
    require(actor, "account.act_as")
    user = _user(actor, name)
    if user is None:
        raise NotAllowed()
    return actor.acting_for(user)


def _user(actor: Actor, name: str) -> User | None:
    """An active user of the account by id, user name or external id, in this order."""
    if "\x00" in name or len(name) > ACT_AS_CHARS:
        return None
    users = User.objects.filter(account=actor.account).active()
    ways: list[Any] = [users.named(name), users.filter(external_id=name)]
    with suppress(ValueError):
        ways.insert(0, users.filter(pk=UUID(name)))
    return next((user for way in ways if (user := way.select_related("account").first())), None)
