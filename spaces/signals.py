"""Signing in and out is audited as well, also when it fails."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from . import audit
from .actors import Actor
from .models import AuditEntry, User


def _actor(request: HttpRequest | None, user: User) -> Actor:
    address, request_id = getattr(request, "address", None), getattr(request, "request_id", "")
    return Actor(account=user.account, user=user, address=address, request_id=request_id)


@receiver(user_logged_in)
def signed_in(request: HttpRequest | None, user: User, **_: Any) -> None:
    with transaction.atomic():
        audit.record(_actor(request, user), "user.sign_in", user)


@receiver(user_logged_out)
def signed_out(request: HttpRequest | None, user: User | None, **_: Any) -> None:
    if user is not None:
        with transaction.atomic():
            audit.record(_actor(request, user), "user.sign_out", user)


@receiver(user_login_failed)
def sign_in_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """The name that was tried is kept only when it is a user's: people type passwords into the wrong field.

    That it was the code, after the right password, is worth knowing: the entry names the second factor.
    """
    user = User.objects.named(str(credentials.get("username", ""))[:150].replace("\x00", "")).first()
    AuditEntry.objects.create(
        account_id=user.account_id if user else None,
        actor_name=user.username if user else "unknown",
        address=getattr(request, "address", None),
        request_id=getattr(request, "request_id", ""),
        operation="user.sign_in_failed",
        object_type="user",
        object_id=user.pk if user else None,
        object_name=str(user) if user else "",
        changes={"second_factor": None} if credentials.get("second_factor") else {},
    )
