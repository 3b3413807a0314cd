"""The request as our views see it."""

from __future__ import annotations

from django.http import HttpRequest

from .actors import Actor
from .models import Account, User


class SpacesRequest(HttpRequest):
    """A request behind our middleware and a sign-in: who asks, and in which account."""

    user: User
    actor: Actor
    account: Account
    address: str | None
    request_id: str
    lies_in: str  # the list in which the navigation shows the page, where the name of its URL tells another; or not set
