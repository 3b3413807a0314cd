"""Do the background jobs."""

from __future__ import annotations

import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from procrastinate.exceptions import ConnectorException

from spaces_project.workers import GROUPS, work


class Command(BaseCommand):
    help = (
        "Do background jobs (answers, webhooks, ingestion, upkeep) until SIGTERM or Ctrl-C. "
        "`up` runs one for ingestion and one for the rest; run more if needed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", nargs="+", choices=GROUPS, default=[], help="these kinds of jobs (default: all)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            asyncio.run(work(*options["only"]))
        except ConnectorException as error:  # the supervisor starts it again when the database is back
            raise CommandError("The worker lost the database.") from error
