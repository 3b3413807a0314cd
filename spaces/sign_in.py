"""Signing in in two steps: what is remembered between the password and the code, and how often one may try.

Between the two nobody is signed in: the session only says whose password was right, for ten minutes, and as long as it
is still that password. What is wrong counts as a failed sign-in of the user from this address, whichever step it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.utils import reset
from django.contrib.auth import login
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from spaces_project.kit import limits
from spaces_project.kit.sealed import CannotUnseal, seal, unseal

from . import totp
from .actors import Actor
from .models import AuditEntry, User

HALF, NEW_SECRET = "second_step", "second_factor_secret"  # keys of the session


@dataclass(frozen=True)
class HalfSignIn:
    """Somebody whose password was right; ``target`` is where he wanted to go, an address of ours."""

    user: User
    backend: str
    remember: bool
    target: str

    def finish(self, request: Any) -> None:
        """Signed in, under a new session key; for 14 days, or until the browser is closed."""
        for key in (HALF, NEW_SECRET):
            request.session.pop(key, None)
        login(request, self.user, backend=self.backend)
        request.session.set_expiry(None if self.remember else 0)


def needs_second_step(user: User) -> bool:
    """Whether the password alone signs nobody in: a code is asked for, or a second factor has to be set up first."""
    return user.has_second_factor or user.is_asked_for_second_factor


def begin(request: Any, user: User, *, remember: bool, target: str) -> None:
    """Remember under a new session key that this user's password was right."""
    request.session.cycle_key()
    request.session[HALF] = {
        "user": str(user.pk),
        "backend": user.backend,  # set by authenticate()
        "hash": user.get_session_auth_hash(),
        "until": time.time() + limits.SECOND_STEP_SECONDS,
        "remember": remember,
        "target": target,
    }
    request.session.set_expiry(limits.SECOND_STEP_SECONDS)


def half_signed_in(request: Any) -> HalfSignIn | None:
    """Who is between the two steps; None when it took too long, or password or second factor changed meanwhile."""
    state = request.session.get(HALF)
    if state is None:
        return None
    user = User.objects.active().filter(pk=state["user"]).first()
    fits = user is not None and constant_time_compare(state["hash"], user.get_session_auth_hash())
    if user is None or not fits or state["until"] < time.time():
        del request.session[HALF]
        return None
    return HalfSignIn(user, state["backend"], state["remember"], state["target"])


def attempt(request: Any, user: User, is_right: Callable[[User], bool]) -> bool:
    """Whether ``is_right``; a wrong one is counted and written down, and after too many the answer is "too many tries".

    One at a time for each user, so that many at once do not get more tries than one after the other.
    """
    credentials = {"username": user.username, "second_factor": True}
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if not AxesProxyHandler.is_allowed(request, credentials) or _guesses(locked) >= limits.SECOND_FACTOR_FAILURES:
            request.axes_locked_out, request.axes_credentials = True, credentials  # AxesMiddleware answers
            return False
        if is_right(locked):
            return True
        user_login_failed.send(sender=__name__, credentials=credentials, request=request)
    return False


def _guesses(user: User) -> int:
    """Wrong codes of the last quarter of an hour from all addresses: only who knows the password gets to try one."""
    since = timezone.now() - timedelta(minutes=15)
    failed = AuditEntry.objects.filter(account=user.account_id, operation="user.sign_in_failed", created_at__gte=since)
    return int(failed.about(user.pk).filter(changes__has_key="second_factor").count())


def forget_failures(user: User) -> None:
    """Signing in is not paused any more. Names are counted in small letters, see spaces_project/passwords.py."""
    reset(username=user.username.lower())


def actor_of(request: Any, user: User) -> Actor:
    """Somebody who is not signed in yet, for the audit."""
    return Actor(account=user.account, user=user, address=request.address, request_id=request.request_id)


def new_secret(request: Any, user: User) -> str:
    """The secret that this user's app is being given: the same in this session until it is used."""
    kept = request.session.get(NEW_SECRET) or ["", ""]
    try:
        if kept[0] == str(user.pk):
            return unseal(kept[1])
    except CannotUnseal:
        pass
    secret = totp.new_secret()
    request.session[NEW_SECRET] = [str(user.pk), seal(secret)]
    return secret


def forget_new_secret(request: Any) -> None:
    request.session.pop(NEW_SECRET, None)
