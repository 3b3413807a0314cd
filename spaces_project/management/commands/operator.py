"""Operators: superusers without an account, who run the installation."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from spaces import audit
from spaces.actors import Actor
from spaces.models import User
from spaces_project.commands import given_or_new_password, sentence


class Command(BaseCommand):
    help = "Manage operators: `operator create` makes one, who may enter /admin/ and all accounts."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="create")
        create = verbs.add_parser("create", help="make an operator")
        create.add_argument("--name", default="operator", help="the user name (default: operator)")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        password, is_new = given_or_new_password("SPACES_OPERATOR_PASSWORD", ask=True)
        try:
            user = create_operator(name, password)
        except ValidationError as error:
            raise CommandError(sentence(error)) from error
        self.stderr.write("The operator signs in with:")
        self.stdout.write(f"user name: {user.username}")
        if is_new:
            self.stdout.write(f"password: {password}")


@transaction.atomic
def create_operator(name: str, password: str) -> User:
    """A new operator, with its audit entry. Raises ValidationError for a taken name."""
    user = User.objects.create_operator(name, password)
    audit.record(Actor.system(None, "manage.py"), "operator.create", user)
    return user
