"""System checks, seen as an operator sees them: through `manage.py check` on a real server."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from spaces_project.checks import check_deployment, check_secrets
from spaces_project.embedded_postgres import EmbeddedPostgres
from tests.live import database_url
from tests.runtime.launcher import PROJECT, copy_programs


def check(*arguments: str, **environment: str) -> str:
    """Everything that `manage.py check` prints."""
    done = subprocess.run(
        [sys.executable, "manage.py", "check", *arguments],
        cwd=PROJECT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "spaces_project.settings"} | environment,
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


def said_of_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]) -> str:
    """What the check says of a server of its own; `change` is given the folder of its extensions."""
    bindir = copy_programs(tmp_path)
    change(bindir.parent / "share/postgresql/extension")
    monkeypatch.setenv("SPACES_PG_BINDIR", str(bindir))
    server = EmbeddedPostgres(tmp_path / "data", durable=False)
    try:
        server.start()
        return check("--database", "default", DATABASE_URL=server.url)
    finally:
        server.destroy()


@pytest.mark.slow
def test_a_server_without_pgvector_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def remove(extensions: Path) -> None:
        for part in extensions.glob("vector*"):
            part.unlink()

    said = said_of_server(tmp_path, monkeypatch, remove)
    assert "(spaces.E002) The extension `vector` is not available on this server." in said
    assert "postgresql-18-pgvector" in said


@pytest.mark.slow
def test_a_server_with_an_old_pgvector_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def make_old(extensions: Path) -> None:
        control = extensions / "vector.control"
        written = re.sub("default_version = .*", "default_version = '0.7.4'", control.read_text())
        control.unlink()  # it is a link to the installed file
        control.write_text(written)

    said = said_of_server(tmp_path, monkeypatch, make_old)
    assert "(spaces.E006) The extension `vector` (pgvector) is 0.7.4; 0.8 or newer is needed." in said


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_role_that_may_not_create_the_extension_is_explained() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS bare")
        cursor.execute("DROP ROLE IF EXISTS limited")
        cursor.execute("CREATE ROLE limited LOGIN")
        cursor.execute("CREATE DATABASE bare")
    url = database_url().replace("spaces@", "limited@").replace(connection.settings_dict["NAME"], "bare")
    said = check("--database", "default", DATABASE_URL=url)
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE bare")
        cursor.execute("DROP ROLE limited")
    assert "(spaces.E003)" in said
    assert "CREATE EXTENSION vector;" in said


@pytest.mark.slow
def test_a_server_that_is_down_is_explained(tmp_path: Path) -> None:
    said = check("--database", "default", DATABASE_URL=f"postgresql://spaces@/spaces?host={tmp_path}")
    assert "(spaces.C001) The database does not answer" in said
    assert "Traceback" not in said


def test_a_short_secret_is_explained(settings: Any) -> None:
    settings.SECRET_KEY = "short"
    assert [(each.id, each.msg) for each in check_secrets()] == [
        ("spaces.E005", "SPACES_SECRET_KEY is shorter than 32 characters.")
    ]


def test_a_deployment_without_tls_and_hosts_is_warned_of(settings: Any) -> None:
    settings.ALLOWED_HOSTS, settings.TLS = ["*"], False
    assert [each.id for each in check_deployment()] == ["spaces.W001", "spaces.W002"]
    settings.ALLOWED_HOSTS, settings.TLS = ["spaces.example.com"], True
    assert check_deployment() == []


@pytest.mark.slow
def test_a_data_folder_that_cannot_be_written_is_explained() -> None:
    said = check(SPACES_DATA_DIR="/dev/null/var")  # not even root may
    assert "A setting is wrong: secrets are kept in SPACES_DATA_DIR (/dev/null/var)" in said
    assert "Traceback" not in said
    names = ("SPACES_SECRET_KEY", "SPACES_PEPPER", "SPACES_ENCRYPTION_KEY")
    given = dict.fromkeys(names, "s" * 50)
    assert "(spaces.E004)" in check(SPACES_DATA_DIR="/dev/null/var", **given)


def test_a_setting_that_is_nonsense_is_explained() -> None:
    said = check(SPACES_POOL_SIZE="many")
    assert "A setting is wrong" in said
    assert "SPACES_POOL_SIZE" in said
    assert "Traceback" not in said
