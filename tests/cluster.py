"""The throw-away database of a test run: one cluster in a temporary folder, its address in the environment.

Imported by conftest.py before Django's settings are read. The process that starts first (the controller under
xdist, else the only one) owns the cluster; workers inherit its environment. It migrates the cluster's own database
once; that is never used, but copied for every process that tests.
"""

import os
import shutil
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

from spaces_project.embedded_postgres import EmbeddedPostgres
from spaces_project.embedded_postgres.locations import find_cluster

PREFIX = "spaces-tests-"
OWNER = "SPACES_TESTS_OWNER"  # the pid of the process that stops the cluster
ENOUGH = 4 * 1024**3
KEPT = {"SPACES_PG_BINDIR"}


def home() -> Path:
    """Where the cluster goes: into memory where there is plenty, as tests make and remove many files."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ENOUGH:
        return memory
    return Path(tempfile.gettempdir())


def data_dir() -> Path:
    """The data folder of this test run."""
    return Path(os.environ["SPACES_DATA_DIR"])


def prepare_environment() -> None:
    """Set what the settings read, and nothing of the developer's own installation; idempotent."""
    if OWNER in os.environ:
        return
    for name in [name for name in os.environ if name.startswith("SPACES_") and name not in KEPT]:
        del os.environ[name]
    # Root's server user must be able to pass through.
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=home()))
    folder.chmod(0o711)
    (folder / "static").mkdir()
    os.environ.update(
        {
            OWNER: str(os.getpid()),
            "SPACES_DATA_DIR": str(folder),
            "DATABASE_URL": EmbeddedPostgres(folder).url,
            "SPACES_POOL_SIZE": "0",
            "SPACES_STATIC_FROM_SOURCE": "1",
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DJANGO_ALLOW_ASYNC_UNSAFE": "1",  # Playwright's sync API keeps an event loop in this thread
        }
    )


def is_owner() -> bool:
    """Whether this process starts and stops the cluster."""
    return os.environ[OWNER] == str(os.getpid())


def start() -> None:
    """Start the cluster, after removing what killed test runs left."""
    for folder in home().glob(f"{PREFIX}*"):
        if not Path(f"/proc/{folder.name.split('-')[2]}").exists() and folder.stat().st_uid == os.geteuid():
            _remove(folder)
    EmbeddedPostgres(data_dir(), durable=False).start()


def make_schema(blocker: Any) -> None:
    """Migrate the cluster's own database, and tell `take_copy` how that ended; `blocker` is pytest-django's."""
    from django.core.management import call_command
    from django.db import connection

    problem = ""
    try:
        with blocker.unblock():
            call_command("migrate", verbosity=0)
            connection.close()
    except Exception:
        problem = traceback.format_exc()
    part = _outcome().with_suffix(".part")
    part.write_text(problem)
    part.rename(_outcome())


def _outcome() -> Path:
    return data_dir() / "schema"


def take_copy(name: str) -> None:
    """Let Django use the new database `name`: a copy of the migrated one, which is waited for."""
    from django.conf import settings
    from django.db import connection

    end = time.monotonic() + 180
    while not _outcome().exists():
        assert time.monotonic() < end, "the database of the tests was not migrated in time"
        time.sleep(0.05)
    assert not _outcome().read_text(), _outcome().read_text()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{connection.settings_dict["NAME"]}"')
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def stop() -> None:
    """Stop the cluster and remove its folder."""
    _remove(data_dir())


def _remove(folder: Path) -> None:
    if find_cluster(folder) is not None:
        EmbeddedPostgres(folder).destroy()
    shutil.rmtree(folder, ignore_errors=True)
