"""Fill an account with invented data."""

from __future__ import annotations

import argparse
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from spaces.bootstrap import FIRST_SLUG
from spaces.errors import AlreadyExists
from spaces.models import Account
from spaces_project.demo import load

MOST = 5_000_000


def number(text: str) -> int:
    """A whole number from 0 to MOST, for argparse."""
    value = int(text)
    if not 0 <= value <= MOST:
        raise argparse.ArgumentTypeError(f"must be from 0 to {MOST}")
    return value


class Command(BaseCommand):
    help = (
        "Fill an account with invented spaces, contacts, chats, memories and folders, the same ones for the same seed."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--spaces", type=number, default=200, metavar="N", help="how many (default: 200)")
        parser.add_argument("--contacts", type=number, default=100, metavar="N", help="how many (default: 100)")
        parser.add_argument("--chats", type=number, default=600, metavar="N", help="how many (default: 600)")
        parser.add_argument(
            "--memories",
            type=number,
            default=40,
            metavar="N",
            help="how many in spaces, about, and half as many files in folders (default: 40)",
        )
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="another seed, other data (default: 1)")
        parser.add_argument("--account", default=FIRST_SLUG, metavar="SLUG", help="which account (default: default)")

    def handle(self, *args: Any, account: str, **options: Any) -> None:
        counts = {name: options[name] for name in ("spaces", "contacts", "chats", "memories")}
        found = Account.objects.filter(slug__iexact=account).first()
        if found is None:
            raise CommandError(f"There is no account {account}.")
        began = time.monotonic()
        try:
            load(found, **counts, seed=options["seed"])
        except AlreadyExists as error:
            raise CommandError(str(error)) from error
        self.stderr.write(f"Took {time.monotonic() - began:.1f} s.")
        *most, last = (f"{count} {name}" for name, count in counts.items())
        self.stdout.write(f"{', '.join(most)} and {last} in account {found.slug}")
