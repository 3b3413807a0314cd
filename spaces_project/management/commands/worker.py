"""Do the background jobs."""

from __future__ import annotations

import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from procrastinate.exceptions import ConnectorException

from spaces_project.workers import work


class Command(BaseCommand):
    help = "Do background jobs (answers, webhooks, upkeep) until SIGTERM or Ctrl-C. `up` runs one; run more if needed."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            asyncio.run(work())
        except ConnectorException as error:  # the supervisor starts it again when the database is back
            raise CommandError("The worker lost the database.") from error
