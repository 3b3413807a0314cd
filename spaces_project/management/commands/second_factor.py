"""The way back in for somebody who lost app and recovery codes, when no administrator can reset it."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from spaces.actors import Actor
from spaces.models import User
from spaces.sign_in import forget_failures


class Command(BaseCommand):
    help = "Second factors: `second_factor reset --user NAME` lets somebody in with the password alone."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="reset")
        reset = verbs.add_parser("reset", help="turn off two-factor sign-in of a user; every session of it ends")
        reset.add_argument("--user", metavar="NAME", required=True, help="the user name")

    def handle(self, *args: Any, user: str, **options: Any) -> None:
        found = User.objects.named(user).first()
        if found is None:
            raise CommandError(f"There is no user {user}.")
        if not found.reset_second_factor(Actor.system(found.account, "manage.py")):
            raise CommandError(f"{found.username} has no second factor.")
        forget_failures(found)
        self.stdout.write(f"{found.username} signs in with the password alone.")
        if found.is_asked_for_second_factor:
            self.stderr.write("The account asks everybody for a second factor: it is set up at the next sign-in.")
