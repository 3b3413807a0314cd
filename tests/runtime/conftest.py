"""Throw-away servers for the tests of the launcher."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from spaces_project.embedded_postgres import EmbeddedPostgres
from tests.cluster import home


def passable_folder(parent: Path | None = None) -> Path:
    """A new folder that other users may pass through, as a normal home for a service is."""
    path = Path(tempfile.mkdtemp(prefix="spaces-pg-", dir=parent))
    path.chmod(0o711)
    return path


@pytest.fixture
def folder() -> Iterator[Path]:
    path = passable_folder()
    yield path
    shutil.rmtree(path, ignore_errors=True)


def throw_away_server() -> Iterator[EmbeddedPostgres]:
    path = passable_folder(home())
    server = EmbeddedPostgres(path / "data", durable=False)
    yield server
    server.destroy()
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def fresh() -> Iterator[EmbeddedPostgres]:
    """A server not started yet."""
    yield from throw_away_server()


@pytest.fixture(scope="module")
def shared() -> Iterator[EmbeddedPostgres]:
    """One cluster for all tests that find it whole and leave it whole."""
    yield from throw_away_server()


@pytest.fixture
def server(shared: EmbeddedPostgres) -> EmbeddedPostgres:
    """A running server."""
    shared.start()
    return shared
