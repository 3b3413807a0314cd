"""Do the background jobs."""

from __future__ import annotations

import asyncio
from typing import Any

from django.core.management.base import BaseCommand

from spaces_project.workers import work


class Command(BaseCommand):
    help = "Do background jobs (answers, webhooks, upkeep) until SIGTERM or Ctrl-C. `up` runs one; run more if needed."

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(work())
