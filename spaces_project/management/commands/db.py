"""The embedded database: start, stop, status, psql, url."""

from __future__ import annotations

import argparse
import os
import shutil
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from spaces_project import running
from spaces_project.embedded_postgres import EmbeddedPostgres
from spaces_project.env import env


class Command(BaseCommand):
    help = "Start, stop or look at the embedded database, or open psql on the database in use."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="start|stop|status|psql|url")
        verbs.add_parser("start", help="start the embedded server if it is down")
        verbs.add_parser("stop", help="stop the embedded server")
        verbs.add_parser("status", help="say whether the embedded server runs, its version and its folders")
        verbs.add_parser("url", help="print the URL of the database in use")
        psql = verbs.add_parser("psql", help="open psql; further arguments are psql's, after --")
        psql.add_argument("arguments", nargs="*", help="such as: -- -c 'select 1'")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        getattr(self, verb)(options)

    def start(self, options: dict[str, Any]) -> None:
        embedded().start()

    def stop(self, options: dict[str, Any]) -> None:
        refuse_while_up()
        embedded().stop()

    def status(self, options: dict[str, Any]) -> None:
        self.stdout.write(embedded().status())

    def url(self, options: dict[str, Any]) -> None:
        self.stdout.write(database_url())

    def psql(self, options: dict[str, Any]) -> None:
        """Replace this process by psql: the embedded server's own, else the one on the PATH."""
        if settings.EMBEDDED is not None:
            settings.EMBEDDED.start()
            program: str | None = str(settings.EMBEDDED.bindir / "psql")
        else:
            program = shutil.which("psql")
        if program is None:
            raise CommandError("psql is not installed.")
        # The password goes through the environment: arguments are seen by every user of the machine.
        parts = conninfo_to_dict(database_url())
        password = parts.pop("password", None)
        environment = os.environ | ({"PGPASSWORD": str(password)} if password else {})
        command = [program, *options["arguments"], make_conninfo(**{name: str(value) for name, value in parts.items()})]
        os.execve(program, command, environment)  # noqa: S606 (no shell is wanted)


def embedded() -> EmbeddedPostgres:
    """The embedded server. Raises CommandError when an external one is in use."""
    server: EmbeddedPostgres | None = settings.EMBEDDED
    if server is None:
        raise CommandError("DATABASE_URL names an external database: there is no embedded one to look after.")
    return server


def database_url() -> str:
    """The database in use, as libpq reads it."""
    return settings.EMBEDDED.url if settings.EMBEDDED is not None else env.str("DATABASE_URL")


def refuse_while_up() -> None:
    """Raise CommandError while `manage.py up` runs: it would start the server again."""
    try:
        running.look()
    except running.AlreadyRuns:
        raise CommandError("Spaces runs on this database: stop `manage.py up` first.") from None
