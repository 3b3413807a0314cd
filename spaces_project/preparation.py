"""What has to be done before the product can serve: the schema, the first account, the static files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core import checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from spaces_project.env import DATA_DIR

_LOCK = 0x4D494752  # any number of our own, for the advisory lock


def missing_migrations() -> int:
    """How many migrations have not been applied."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate() -> None:
    """Bring the schema up to date; several machines may do this at once.

    Raises SystemCheckError, with a hint, when the server cannot carry the product.
    """
    serious = [message for message in checks.run_checks(databases=["default"]) if message.is_serious(checks.ERROR)]
    if serious:
        raise SystemCheckError("\n".join(map(str, serious)))
    with _one_at_a_time():
        call_command("migrate", verbosity=0, interactive=False)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    try:
        yield
    finally:
        connection.close()  # the lock goes with it, in whatever state an interruption left the connection


def collect_static() -> bool:
    """Copy the static files to where they are served from, if they changed; says whether they did."""
    noted = DATA_DIR / "static.fingerprint"
    now = _static_fingerprint()
    if noted.exists() and noted.read_text() == now and Path(settings.STATIC_ROOT).is_dir():
        return False
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    noted.write_text(now)
    return True


def _static_fingerprint() -> str:
    """A digest of names, sizes and times of all static files."""
    digest = hashlib.sha256(str(settings.STATIC_ROOT).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
