"""The one authenticator of all dialects: an API key, as ``Authorization: Bearer`` or ``x-api-key``.

Where an operation opts in, a session's token does as well: signed by us, good for one chat and a limited time, and
only as long as the key that made it. It is what a program gives to the browser of a visitor.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.utils import timezone

from spaces.actors import Actor
from spaces.errors import NotAllowed, NotAuthenticated
from spaces.models import ApiKey, User
from spaces.models.api_keys import Scope
from spaces.permissions import require

ACT_AS_CHARS = 255
SESSION = "session_"  # how a session's token begins
SESSION_SALT = "spaces.session"
SESSION_SCOPES = frozenset({Scope.READ, Scope.WRITE})


def api_actor(request: Any, act_as: str | None = None, *, sessions: bool = False) -> Actor:
    """Who sent this request; sets ``request.actor`` and ``request.account`` and notes the key's use.

    ``act_as`` is the dialect's header that names another user; ``sessions`` says that the token of a session may open
    this, for which ``act_as`` means nothing. Raises NotAuthenticated without a usable key (also for a wrong, revoked
    or expired one, and for two that differ) and NotAllowed when acting as that user is not.
    """
    token = token_of(request) or ""
    origin = {"address": request.address, "request_id": request.request_id}
    if sessions and token.startswith(SESSION):
        actor = session_actor(token, origin)
    else:
        actor = key_actor(token, origin)
        actor = acting_as(actor, act_as) if act_as else actor
    request.actor, request.account = actor, actor.account
    return actor


def key_actor(token: str, origin: dict[str, Any]) -> Actor:
    """The actor of an API key; NotAuthenticated."""
    key = ApiKey.objects.authenticate(token)
    if key is None:
        raise NotAuthenticated()
    key.touch()
    return key.actor(**origin)


def issue_session(by: Actor, chat: UUID, seconds: int) -> tuple[str, datetime]:
    """A token with which ``by`` lets somebody into this chat alone, and when it ends. Nothing is stored."""
    assert by.api_key is not None, "a session belongs to a key"
    assert by.user is not None, "keys have users"
    end = timezone.now() + timedelta(seconds=seconds)
    claims = [chat.hex, by.api_key.pk.hex, by.user.pk.hex, int(end.timestamp())]
    return SESSION + signing.dumps(claims, salt=SESSION_SALT), end


def session_actor(token: str, origin: dict[str, Any]) -> Actor:
    """The actor of a session: the rights of whoever made it, in one chat. NotAuthenticated when it, or its key, or
    its user, has ended."""
    chat, key_pk, user_pk, end = _claims(token)
    if end <= timezone.now().timestamp():
        raise NotAuthenticated()
    actor = returning_actor(key_pk, user_pk, origin)
    return replace(actor, only_chat=chat, scopes=(actor.scopes or frozenset()) & SESSION_SCOPES)


def returning_actor(key_pk: UUID, user_pk: UUID, origin: dict[str, Any]) -> Actor:
    """Who called with this key for this user, if both may still call; else NotAuthenticated."""
    key = ApiKey.objects.usable().select_related("account", "user").filter(pk=key_pk).first()
    if key is None:
        raise NotAuthenticated()
    actor = key.actor(**origin)
    if user_pk == key.user_id:
        return actor
    user = User.objects.filter(account=key.account_id, pk=user_pk).active().first()
    if user is None:
        raise NotAuthenticated()
    return actor.acting_for(user)


def _claims(token: str) -> tuple[UUID, UUID, UUID, int]:
    try:
        chat, key, user, end = signing.loads(token.removeprefix(SESSION), salt=SESSION_SALT)
        return UUID(chat), UUID(key), UUID(user), int(end)
    except (signing.BadSignature, ValueError, TypeError, AttributeError) as error:
        raise NotAuthenticated() from error


def token_of(request: Any) -> str | None:
    """The token in the headers. None when there is none; NotAuthenticated for two that differ or another scheme."""
    given: str | None = request.META.get("HTTP_AUTHORIZATION")
    plain: str | None = request.META.get("HTTP_X_API_KEY", "").strip() or None
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
    user = user_named(actor, name)
    if user is None:
        raise NotAllowed()
    return actor.acting_for(user)


def user_named(actor: Actor, name: str) -> User | None:
    """An active user of the account by id, user name or external id, in this order."""
    if "\x00" in name or len(name) > ACT_AS_CHARS:
        return None
    users = User.objects.filter(account=actor.account).active()
    ways: list[Any] = [users.named(name), users.filter(external_id=name)]
    with suppress(ValueError):
        ways.insert(0, users.filter(pk=UUID(name)))
    return next((user for way in ways if (user := way.select_related("account").first())), None)
