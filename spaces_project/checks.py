"""System checks of the installation: what only the running machine knows, each with a hint."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Critical, Error, Info, Tags, Warning, register
from django.db import DatabaseError, connection

from spaces_project.env import DATA_DIR

OLDEST_SERVER = 150000
OLDEST_VECTOR = (0, 8)  # the first whose indexes go on until enough is found that a filter leaves
PATCHED_SERVER = 180006
SECRET_CHARS = 32


@register(Tags.database)
def check_server(
    app_configs: object = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """The PostgreSQL in use can carry the product (runs with `check --database default` and before `migrate`)."""
    if "default" not in (databases or ()):
        return []
    try:
        with connection.cursor() as cursor:
            return _server_messages(cursor)
    except DatabaseError as error:
        return [_unreachable(error)]


def _unreachable(error: DatabaseError) -> CheckMessage:
    hint = "Start it with `manage.py db start`." if settings.EMBEDDED else "Is DATABASE_URL right and the server up?"
    return Critical(f"The database does not answer: {str(error).strip()}", hint=hint, id="spaces.C001")


def _server_messages(cursor: Any) -> list[CheckMessage]:
    cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_version')")
    number, version = cursor.fetchone()
    if number < OLDEST_SERVER:
        hint = "Upgrade the server, or unset DATABASE_URL to use the embedded one."
        return [Error(f"PostgreSQL {version} is too old; 15 or newer is needed.", hint=hint, id="spaces.E001")]
    messages = _vector_messages(cursor, number // 10000)
    if settings.EMBEDDED is not None and number < PATCHED_SERVER:
        messages.append(_old_minor(version))
    return messages


def _old_minor(version: str) -> CheckMessage:
    return Info(
        f"The embedded PostgreSQL is {version}; 18.6 has later security fixes.",
        hint="It listens on a private socket only. In production set DATABASE_URL to a server that you patch.",
        id="spaces.I001",
    )


def _vector_messages(cursor: Any, major: int) -> list[CheckMessage]:
    cursor.execute("SELECT installed_version, default_version FROM pg_available_extensions WHERE name = 'vector'")
    installed, available = cursor.fetchone() or (None, None)
    if available is None:
        hint = (
            f"Install pgvector on the database server (Debian's PGDG package is postgresql-{major}-pgvector; "
            "managed services have it built in), or unset DATABASE_URL to use the embedded server."
        )
        return [Error("The extension `vector` is not available on this server.", hint=hint, id="spaces.E002")]
    if _numbers(installed or available) < OLDEST_VECTOR:
        return [_old_vector(installed or available)]
    return [] if installed or _may_create_extensions(cursor) else [_not_allowed()]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _old_vector(version: str) -> CheckMessage:
    return Error(
        f"The extension `vector` (pgvector) is {version}; 0.8 or newer is needed.",
        hint="Upgrade it on the database server; where it is in use already, then: ALTER EXTENSION vector UPDATE;",
        id="spaces.E006",
    )


def _may_create_extensions(cursor: Any) -> bool:
    cursor.execute(
        "SELECT rolsuper OR ((SELECT trusted FROM pg_available_extension_versions WHERE name = 'vector' "
        "ORDER BY version DESC LIMIT 1) AND has_database_privilege(current_database(), 'CREATE')) "
        "FROM pg_roles WHERE rolname = current_user"
    )
    return bool(cursor.fetchone()[0])


def _not_allowed() -> CheckMessage:
    hint = "As a superuser of the server, once, in this database: CREATE EXTENSION vector;"
    return Error("The extension `vector` is not created and this role may not.", hint=hint, id="spaces.E003")


@register()
def check_data_dir(app_configs: object = None, **kwargs: Any) -> list[CheckMessage]:
    """Files can be written where SPACES_DATA_DIR says."""
    existing = next(folder for folder in [DATA_DIR, *DATA_DIR.parents] if folder.exists())
    if existing.is_dir() and os.access(existing, os.W_OK | os.X_OK):
        return []
    hint = "Give it to the user who runs Spaces, or set SPACES_DATA_DIR to another folder."
    return [Error(f"The data folder {DATA_DIR} cannot be written.", hint=hint, id="spaces.E004")]


@register(Tags.security)
def check_secrets(app_configs: object = None, **kwargs: Any) -> list[CheckMessage]:
    """The secrets are long enough to be secrets."""
    named = {
        "SPACES_SECRET_KEY": settings.SECRET_KEY,
        "SPACES_PEPPER": settings.PEPPERS[max(settings.PEPPERS)],
        "SPACES_ENCRYPTION_KEY": min(settings.ENCRYPTION_KEYS, key=len),
    }
    return [
        Error(
            f"{name} is shorter than {SECRET_CHARS} characters.",
            hint="Unset it (one is made and kept in the data folder), or set 32 random characters or more.",
            id="spaces.E005",
        )
        for name, secret in named.items()
        if len(secret) < SECRET_CHARS
    ]


@register(Tags.security, deploy=True)
def check_deployment(app_configs: object = None, **kwargs: Any) -> list[CheckMessage]:
    """An installation for others serves over TLS, under its own name, without debug pages."""
    messages: list[CheckMessage] = []
    if "*" in settings.ALLOWED_HOSTS:
        hint = "Set SPACES_ALLOWED_HOSTS to the names under which people reach this server."
        messages.append(Warning("Any host name is accepted.", hint=hint, id="spaces.W001"))
    if not settings.TLS:
        hint = "Put a TLS proxy in front and set SPACES_TLS=1 (see deploy/)."
        messages.append(Warning("Sessions and keys travel without TLS.", hint=hint, id="spaces.W002"))
    return messages
