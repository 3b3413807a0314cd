"""Who runs the embedded server, and what happens where that user cannot go."""

import os
import pwd
import shutil
from pathlib import Path

import pytest

from spaces_project.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
from spaces_project.embedded_postgres.locations import ROOT_HOME, data_hash
from tests.runtime.launcher import PROJECT, Launcher, ask, copy_programs, modes, running_pid

IS_ROOT = os.geteuid() == 0


@pytest.mark.skipif(not IS_ROOT, reason="only root runs the server as another user")
def test_root_hands_the_server_to_an_ordinary_user(server: EmbeddedPostgres) -> None:
    users = len(pwd.getpwall())
    owner = os.stat(f"/proc/{running_pid(server)}").st_uid
    assert pwd.getpwuid(owner).pw_name in ("postgres", "nobody")
    assert (server.data_dir / "postgres").stat().st_uid == owner
    assert len(pwd.getpwall()) == users


@pytest.mark.slow
@pytest.mark.skipif(not IS_ROOT, reason="only root meets a home that the server's user cannot enter")
def test_below_a_closed_home_root_keeps_the_cluster_elsewhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = folder / "home"
    home.mkdir(mode=0o700)
    bindir = copy_programs(home / "venv")
    monkeypatch.setenv("SPACES_PG_BINDIR", str(bindir))
    before = modes(bindir)
    server = EmbeddedPostgres(home / "project" / "var", durable=False)
    copy = ROOT_HOME / "programs" / data_hash(bindir / "postgres")
    try:
        server.start()
        assert ask(server, "select 1") == "1"
        assert str(ROOT_HOME) in server.status()
        assert not (server.data_dir / "postgres").exists()
        server.stop()
        server.start()  # finds both the cluster and the copied programs again
        assert copy.is_dir()
        assert modes(bindir) == before
    finally:
        server.destroy()
        shutil.rmtree(copy, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.skipif(not IS_ROOT, reason="only root's cluster can be outside the data folder")
def test_a_moved_data_folder_is_not_silently_empty(folder: Path) -> None:
    home = folder / "home"
    home.mkdir(mode=0o700)
    server = EmbeddedPostgres(home / "var", durable=False)
    try:
        server.start()
        server.stop()
        shutil.copytree(home / "var", home / "moved")
        with pytest.raises(EmbeddedPostgresError, match="was moved or copied: its database is in"):
            EmbeddedPostgres(home / "moved").start()
    finally:
        server.destroy()


@pytest.fixture
def ordinary(folder: Path) -> Launcher:
    """The launcher run by an ordinary user, with code and programs that this user can read."""
    if not IS_ROOT:
        return Launcher()
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    if python is None:
        pytest.skip("no system Python that an ordinary user can run")
    package = folder / "code" / "spaces_project"
    shutil.copytree(PROJECT / "spaces_project" / "embedded_postgres", package / "embedded_postgres")
    (package / "__init__.py").touch()
    environment = {"SPACES_PG_BINDIR": str(copy_programs(folder / "programs"))}
    return Launcher(python, folder / "code", environment, pwd.getpwnam("nobody").pw_uid)


@pytest.fixture
def users_folder(folder: Path, ordinary: Launcher) -> Path:
    path = folder / "theirs"
    path.mkdir(mode=0o700)
    if ordinary.uid is not None:
        os.chown(path, ordinary.uid, -1)
    return path


@pytest.mark.thorough
def test_an_ordinary_user_runs_the_server_in_the_data_folder(ordinary: Launcher, users_folder: Path) -> None:
    data_dir = users_folder / "var"
    outcome = ordinary.run(data_dir, "server.start(); print(server.status()); server.stop()")
    assert outcome.status == 0, outcome.said
    assert f"socket {data_dir}/run" in outcome.said
    assert data_dir.stat().st_mode & 0o777 == 0o700


@pytest.mark.slow
def test_an_ordinary_user_with_a_long_path_gets_a_private_socket(ordinary: Launcher, users_folder: Path) -> None:
    data_dir = users_folder / ("long" * 25) / "var"
    code = "server.start(); print(oct(server.socket_dir.stat().st_mode), server.socket_dir); server.destroy()"
    outcome = ordinary.run(data_dir, code)
    assert outcome.status == 0, outcome.said
    assert outcome.said.startswith("0o40700 /tmp/spaces-")


@pytest.mark.slow
def test_a_data_folder_of_somebody_else_is_explained(ordinary: Launcher, folder: Path) -> None:
    if not IS_ROOT:
        pytest.skip("needs a folder of another user")
    server = EmbeddedPostgres(folder / "data", durable=False)
    try:
        server.start()
        outcome = ordinary.run(server.data_dir)
        assert outcome.status == 1
        assert "belongs to user 0" in outcome.said
        assert "Traceback" not in outcome.said
        assert server.is_running()
    finally:
        server.destroy()


@pytest.mark.slow
def test_a_prepared_socket_folder_of_somebody_else_is_refused(ordinary: Launcher, users_folder: Path) -> None:
    if not IS_ROOT:
        pytest.skip("needs a folder of another user")
    data_dir = users_folder / "var"
    ordinary.run(data_dir, "server.start(); server.stop()")
    shutil.rmtree(data_dir / "run")
    (data_dir / "run").mkdir()
    outcome = ordinary.run(data_dir)
    assert outcome.status == 1
    assert "belongs to somebody else" in outcome.said
