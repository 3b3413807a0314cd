"""Running a management command: the embedded database is there when the command needs it."""

from __future__ import annotations

from django.core.management import execute_from_command_line
from environs import EnvError

from spaces_project.embedded_postgres import EmbeddedPostgresError
from spaces_project.parent import end_with_parent

# These need no database, or (up, db) start it themselves. For all others it is started: that takes a tenth of a
# second, and the server is left running for the next command.
WITHOUT_DATABASE = frozenset(
    {"help", "--help", "-h", "version", "--version", "up", "db", "check", "collectstatic", "findstatic", "diffsettings"}
    | {"makemessages", "compilemessages", "startapp", "startproject", "spectacular", "test"}
)


def run(argv: list[str]) -> int | str:
    """Run `manage.py` with these arguments; gives the exit status, or a message to fail with."""
    end_with_parent()
    try:
        if needs_database(argv[1:]):
            start_database()
        execute_from_command_line(argv)
    except EnvError as error:
        return f"A setting is wrong: {error}"
    except EmbeddedPostgresError as error:
        return str(error)
    return 0


def needs_database(arguments: list[str]) -> bool:
    """Whether the command that these arguments name works on the database."""
    if not arguments or arguments[0] in WITHOUT_DATABASE:
        return "--database" in arguments[1:]  # manage.py check --database default
    return not {"--help", "-h"} & set(arguments)


def start_database() -> None:
    """Start the embedded database if there is one and it is down."""
    from django.conf import settings

    if settings.EMBEDDED is not None:
        settings.EMBEDDED.start()
