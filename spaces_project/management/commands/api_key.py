"""API keys from the command line."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from spaces.actors import Actor
from spaces.models import ApiKey, Space, User
from spaces.models.api_keys import Scope
from spaces_project.commands import sentence
from spaces_project.kit import ids, limits

LONGEST_DAYS = 36_500


class Command(BaseCommand):
    help = "Manage API keys: `api_key create --user NAME` prints a new one, which is kept nowhere."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="create")
        create = verbs.add_parser("create", help="make a key; the last line printed is the key")
        create.add_argument("--user", required=True, metavar="NAME", help="whose rights it has")
        create.add_argument(
            "--scope",
            action="append",
            choices=list(Scope.values),
            help="what it may do of what the user may; repeatable (default: read and write)",
        )
        create.add_argument("--name", default="Made by manage.py", metavar="LABEL", help="what lists call it")
        create.add_argument("--space", action="append", metavar="ID", help="limit it to this space; repeatable")
        create.add_argument("--expires", type=int, metavar="DAYS", help="days until it ends (default: never)")

    def handle(self, *args: Any, user: str, **options: Any) -> None:
        owner = owner_named(user)
        by = Actor.system(owner.account, "manage.py")
        spaces = spaces_of(owner, options["space"]) if options["space"] else None
        scopes = options["scope"] or [Scope.READ, Scope.WRITE]
        try:
            key, token = ApiKey.issue(by, owner, options["name"], scopes, spaces, end(options["expires"]))
        except ValidationError as error:
            raise CommandError(sentence(error)) from error
        self.stderr.write(f"{key.name}: a key of {owner.username} for {', '.join(key.scopes)}. It is not shown again.")
        self.stdout.write(token)


def owner_named(name: str) -> User:
    """The active user of that name who belongs to an account. Raises CommandError."""
    user = User.objects.named(name).active().select_related("account").first()
    if user is None:
        raise CommandError(f"There is no active user {name}.")
    if user.account is None:
        raise CommandError(f"{user.username} is an operator: keys belong to users of an account.")
    return user  # type: ignore[no-any-return]


def spaces_of(owner: User, wire_ids: list[str]) -> list[Space]:
    """The spaces with these ids, in any dialect's spelling. Raises CommandError for one that the account has not."""
    if len(wire_ids) > limits.API_KEY_SPACES:
        raise CommandError(f"A key can be limited to at most {limits.API_KEY_SPACES} spaces.")
    return [_space_of(owner, wire_id) for wire_id in dict.fromkeys(wire_ids)]


def _space_of(owner: User, wire_id: str) -> Space:
    try:
        found = Space.objects.of(owner.account).listed().filter(pk=ids.decode_any(wire_id)).first()
    except ids.InvalidId:
        found = None
    if found is None:
        raise CommandError(f"There is no space {wire_id} in the account of {owner.username}.")
    return found  # type: ignore[no-any-return]


def end(days: int | None) -> datetime | None:
    """When a key made now ends. Raises CommandError for days that cannot be."""
    if days is None:
        return None
    if not 1 <= days <= LONGEST_DAYS:
        raise CommandError(f"--expires takes 1 to {LONGEST_DAYS} days.")
    return timezone.now() + timedelta(days=days)
