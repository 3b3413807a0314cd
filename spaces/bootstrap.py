"""Making an account, and what the first start of an empty database makes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.db import connection, transaction

from . import audit
from .actors import Actor
from .models import Account, ApiKey, Space, User
from .models.api_keys import Scope
from .models.users import Role

FIRST_SLUG = "default"
FIRST_ADMIN = "admin"
_LOCK = 0x5350414345  # any number of our own, for the advisory lock


@dataclass(frozen=True)
class FirstStart:
    """What is printed once. ``password`` is None when it was given."""

    user_name: str
    password: str | None
    api_key: str


def new_password() -> str:
    """24 characters, about 143 bits."""
    return secrets.token_urlsafe(18)


@transaction.atomic
def create_account(slug: str, name: str = "", admin: str = FIRST_ADMIN, password: str = "") -> tuple[Account, User]:
    """An account, its first administrator and its default space. Raises ValidationError for a taken slug or name."""
    account = Account(slug=slug, name=name or slug)
    account.full_clean()
    account.save()
    by = Actor.system(account, "manage.py")
    audit.record(by, "account.create", account, {"slug": [None, slug]})
    user = User.objects.create_user(admin, password or None, account=account, role=Role.ADMINISTRATOR)
    audit.record(by, "user.create", user, {"role": [None, user.role]})
    Space.create(by, account, name="Unfiled", owner=user, is_default=True)
    return account, user


@transaction.atomic
def first_start(password: str = "") -> FirstStart | None:
    """In a database without accounts: account `default`, its administrator and a key. None when there is an account."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if Account.objects.exists():
        return None
    given = password or new_password()
    account, user = create_account(FIRST_SLUG, "Default", FIRST_ADMIN, given)
    _, token = ApiKey.issue(Actor.system(account, "manage.py"), user, "First key", [Scope.READ, Scope.WRITE])
    return FirstStart(user.username, None if password else given, token)
