"""Accounts of this installation."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from spaces.bootstrap import create_account
from spaces.models import Account
from spaces_project.commands import given_or_new_password, sentence


class Command(BaseCommand):
    help = "Manage accounts: `account create SLUG` makes one with its first administrator."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="create")
        create = verbs.add_parser("create", help="make an account with its first administrator")
        create.add_argument("slug", metavar="SLUG", help="lower-case letters, digits and hyphens")
        create.add_argument("--name", default="", help="the account's name (default: the slug)")
        create.add_argument("--admin", metavar="NAME", help="the administrator's user name (default: admin-SLUG)")

    def handle(self, *args: Any, slug: str, name: str, admin: str | None, **options: Any) -> None:
        if Account.objects.filter(slug__iexact=slug).exists():
            raise CommandError(f"There is an account {slug} already.")
        password, is_new = given_or_new_password("SPACES_ADMIN_PASSWORD")
        try:
            _, user = create_account(slug, name, admin or f"admin-{slug}", password)
        except ValidationError as error:
            raise CommandError(sentence(error)) from error
        self.stderr.write(f"Account {slug} is made; its administrator signs in with:")
        self.stdout.write(f"user name: {user.username}")
        if is_new:
            self.stdout.write(f"password: {password}")
