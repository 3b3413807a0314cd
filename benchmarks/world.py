"""A throw-away cluster with one account full of spaces, and a real server in front of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import seconds
from spaces_project.embedded_postgres import EmbeddedPostgres

SPACES = """
INSERT INTO spaces_space (id, account_id, created_at, name, description, alias, meta, created_by, updated_by,
    updated_at, labels, blueprint_id, public_read, is_archived, is_default, contact_id, owner_id)
SELECT
    (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3)
        || '8' || substr(md5(n::text || 'x'), 1, 15))::uuid,
    %(account)s, at,
    'Customer Support - ' || initcap(substr(md5(n::text), 1, 8)) || ' Corp',
    'Dedicated workspace of customer ' || n || E' with its own "knowledge".\nEscalations go to team ' || n %% 37 || '. '
        || repeat('Answers follow the handbook, section ' || n %% 211 || '. ', 3),
    NULL,
    jsonb_build_object('department', (ARRAY['support', 'sales', 'legal'])[n %% 3 + 1], 'tier', 'tier ' || n %% 100,
        'priority', n %% 5, 'ref', 'R-' || n %% %(refs)s),
    NULL, NULL, at, '{}', '', false, false, false,
    c.id, %(owner)s
FROM (
    SELECT n, timestamptz '2025-01-01' + n * interval '7.003 seconds' AS at
    FROM generate_series(%(low)s, %(high)s) n
) r
LEFT JOIN (
    SELECT row_number() OVER (ORDER BY id) AS k, id FROM spaces_contact WHERE account_id = %(account)s
) c ON n %% 3 > 0 AND c.k = n %% 5000
"""


@dataclass(frozen=True)
class Size:
    """How many spaces the exports and lists have, and how many the filters."""

    spaces: int
    filtered: int


@dataclass
class World:
    """The account, a key of its administrator, and how to reach the database."""

    size: Size
    account: Any
    owner: Any
    token: str
    database_url: str
    psql: Path

    def copy_seconds(self, query: str, format: str = "csv") -> float:
        """How long psql takes to copy the rows of ``query`` into nothing."""
        command = [str(self.psql), "-qX", self.database_url, "-c", f"COPY ({query}) TO STDOUT (FORMAT {format})"]
        return seconds(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True))

    def fill(self, low: int, high: int) -> None:
        """Add the spaces numbered ``low`` to ``high``; a meta ``ref`` is shared by about fifty of a million."""
        from django.db import connection

        values = {"account": self.account.pk, "owner": self.owner.pk, "low": low, "high": high}
        refs = max(self.size.filtered // 50, 1)
        with connection.cursor() as cursor:
            cursor.execute(SPACES, {**values, "refs": refs})


@contextlib.contextmanager
def cluster() -> Iterator[None]:
    """A cluster in a temporary folder; Django is set up on it. Removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="spaces-bench-"))
    folder.chmod(0o711)  # root's server user must be able to pass through
    postgres = EmbeddedPostgres(folder, durable=False)
    for name in [name for name in os.environ if name.startswith("SPACES_") and name != "SPACES_PG_BINDIR"]:
        del os.environ[name]
    os.environ.update(
        SPACES_DATA_DIR=str(folder),
        DATABASE_URL=postgres.url,
        DJANGO_SETTINGS_MODULE="benchmarks.settings",
        SPACES_STATIC_FROM_SOURCE="1",
    )
    try:
        (folder / "static").mkdir()
        postgres.start()
        _set_up()
        yield
    finally:
        postgres.destroy()
        shutil.rmtree(folder, ignore_errors=True)


def _set_up() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def build(size: Size) -> World:
    """The account with ``size.spaces`` spaces and 5,000 contacts."""
    from django.db import connection

    from spaces.actors import Actor
    from spaces.bootstrap import create_account
    from spaces.models import ApiKey, Contact

    print(f"{size.spaces:,} spaces …", file=sys.stderr, flush=True)
    account, owner = create_account("bench", "Bench", "admin", "a long enough password")
    _, token = ApiKey.issue(Actor.system(account), owner, "Bench", ["read"])
    Contact.objects.bulk_create(Contact(account=account, name=f"Contact {number}") for number in range(5000))
    url, psql = os.environ["DATABASE_URL"], EmbeddedPostgres(Path(os.environ["SPACES_DATA_DIR"])).bindir / "psql"
    place = World(size, account, owner, token, url, psql)
    place.fill(1, size.spaces)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return place
