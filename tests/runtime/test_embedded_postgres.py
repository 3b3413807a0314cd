"""The embedded server survives what happens to servers: kills, stale files, races, odd folders."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from spaces_project.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError, socket_dir
from spaces_project.embedded_postgres.configuration import settings
from spaces_project.embedded_postgres.locations import server_user
from spaces_project.embedded_postgres.processes import postmaster_pid
from tests.runtime.launcher import Launcher, ask, copy_programs, running_pid

GIB = 1024**3


def kill_and_wait(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)


def a_foreign_process(server: EmbeddedPostgres) -> "subprocess.Popen[bytes]":
    """A living process of the very user the server runs as, which PostgreSQL takes for a server."""
    user = server_user()
    return subprocess.Popen(["sleep", "60"], cwd="/", **user.process_options)  # type: ignore[call-overload, no-any-return]


def test_first_start_makes_a_database_that_answers(fresh: EmbeddedPostgres) -> None:
    assert not fresh.is_running()
    fresh.start()
    assert fresh.is_running()
    assert ask(fresh, "select current_user || '/' || current_database()") == "spaces/spaces"
    assert "running, pid" in fresh.status()


def test_it_listens_on_a_socket_that_nobody_else_can_enter(server: EmbeddedPostgres) -> None:
    assert ask(server, "show listen_addresses") == ""
    assert ask(server, "show unix_socket_permissions") == "0700"
    assert server.socket_dir.stat().st_mode & 0o777 == 0o700
    assert (server.data_dir / "postgres").stat().st_mode & 0o777 == 0o700


@pytest.mark.slow
def test_case_rules_do_not_depend_on_the_machine(server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    # Cyrillic DE and A, spelled so that they cannot be mistaken for Latin letters.
    lowered = ask(server, "select lower('\u00c9COLE \u0414\u0410')")
    assert lowered == "\u00e9cole \u0434\u0430"
    assert ask(server, "select '\u00c9COLE' ilike '\u00e9cole'") == "t"
    assert ask(server, "show server_encoding") == "UTF8"


@pytest.mark.slow
def test_starting_again_while_running_changes_nothing(server: EmbeddedPostgres) -> None:
    first = running_pid(server)
    server.start()
    EmbeddedPostgres(server.data_dir, durable=False).start()
    assert running_pid(server) == first


@pytest.mark.slow
def test_data_stays_over_stop_and_start(server: EmbeddedPostgres) -> None:
    ask(server, "create table kept (n int); insert into kept values (42)")
    server.stop()
    assert not server.is_running()
    server.stop()  # stopping a stopped server is no error
    server.start()
    assert ask(server, "select n from kept") == "42"


@pytest.mark.thorough
def test_eight_starts_at_once_make_one_server(fresh: EmbeddedPostgres) -> None:
    processes = [Launcher().begin(fresh.data_dir) for _ in range(8)]
    said = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 8, said
    assert ask(fresh, "select 1") == "1"


@pytest.mark.thorough
def test_a_killed_server_starts_again_with_its_data(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "data")  # durable: the crash must lose nothing
    try:
        server.start()
        ask(server, "create table kept (n int); insert into kept values (42)")
        kill_and_wait(running_pid(server))
        server.start()
        assert ask(server, "select n from kept") == "42"
    finally:
        server.destroy()


@pytest.mark.slow
def test_the_server_outlives_a_killed_starter(fresh: EmbeddedPostgres) -> None:
    starter = Launcher().begin(fresh.data_dir, "server.start(); import time; time.sleep(60)")
    while not fresh.is_running():
        time.sleep(0.05)
    pid = running_pid(fresh)
    starter.kill()
    starter.communicate()
    fresh.start()
    assert running_pid(fresh) == pid


@pytest.mark.slow
def test_a_start_killed_in_the_middle_is_repeated(fresh: EmbeddedPostgres) -> None:
    starter = Launcher().begin(fresh.data_dir)
    while not list(fresh.data_dir.glob("postgres.new-*/global")):
        time.sleep(0.01)
    starter.kill()
    starter.communicate()
    fresh.start()
    assert ask(fresh, "select 1") == "1"
    time.sleep(0.1)
    assert not list(fresh.data_dir.glob("postgres.new-*"))


@pytest.mark.thorough
def test_stale_files_that_name_a_living_stranger_are_removed(server: EmbeddedPostgres) -> None:
    cluster = server.data_dir / "postgres"
    noted = (cluster / "postmaster.pid").read_text().split("\n")
    server.stop()
    stranger = a_foreign_process(server)
    try:
        noted[0] = str(stranger.pid)
        for stale in (cluster / "postmaster.pid", server.socket_dir / ".s.PGSQL.5432.lock"):
            stale.write_text("\n".join(noted))
        (server.socket_dir / ".s.PGSQL.5432").touch()
        assert not server.is_running()
        server.start()
        assert ask(server, "select 1") == "1"
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.thorough
@pytest.mark.parametrize("torn", ["", "12", "not a number\n", "999999999\n/nowhere\n"])
def test_a_torn_pid_file_does_not_stop_a_start(server: EmbeddedPostgres, torn: str) -> None:
    server.stop()
    (server.data_dir / "postgres" / "postmaster.pid").write_text(torn)
    server.start()
    assert ask(server, "select 1") == "1"


@pytest.mark.thorough
def test_a_torn_pid_file_of_a_living_server_does_not_hide_it(server: EmbeddedPostgres) -> None:
    pid = running_pid(server)
    (server.data_dir / "postgres" / "postmaster.pid").write_text("")
    assert running_pid(server) == pid
    server.start()
    server.stop()
    assert postmaster_pid(server.data_dir / "postgres") is None


@pytest.mark.slow
def test_a_path_too_long_for_a_socket_works(folder: Path) -> None:
    server = EmbeddedPostgres(folder / ("long" * 25) / "data", durable=False)
    try:
        server.start()
        assert ask(server, "select 1") == "1"
    finally:
        server.destroy()


def test_the_socket_folder_is_known_before_anything_exists(folder: Path) -> None:
    data_dir = folder / "not made yet"
    assert socket_dir(data_dir) == socket_dir(folder / "." / "not made yet") == EmbeddedPostgres(data_dir).socket_dir
    assert not data_dir.exists()
    assert len(str(socket_dir(folder / ("x" * 200)))) < 90


@pytest.mark.slow
def test_it_starts_in_an_empty_environment(fresh: EmbeddedPostgres) -> None:
    outcome = Launcher(environment={}).run(fresh.data_dir)
    assert outcome.status == 0, outcome.said
    assert ask(fresh, "show timezone") == "UTC"


@pytest.mark.slow
def test_variables_of_another_postgresql_are_not_obeyed(fresh: EmbeddedPostgres) -> None:
    others = {
        "PGDATA": "/nowhere",
        "PGPORT": "1",
        "PGHOST": "elsewhere",
        "PGUSER": "nobody",
        "PGOPTIONS": "-c x",
    }
    outcome = Launcher(environment=dict(os.environ) | others).run(fresh.data_dir)
    assert outcome.status == 0, outcome.said


def test_another_major_version_is_explained(server: EmbeddedPostgres) -> None:
    server.stop()
    version = server.data_dir / "postgres" / "PG_VERSION"
    real = version.read_text()
    version.write_text("14\n")
    try:
        with pytest.raises(EmbeddedPostgresError, match=r"made by PostgreSQL 14; .*SPACES_PG_BINDIR"):
            server.start()
    finally:
        version.write_text(real)


def test_a_bindir_without_postgres_is_explained(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACES_PG_BINDIR", str(folder))
    with pytest.raises(EmbeddedPostgresError, match="SPACES_PG_BINDIR"):
        EmbeddedPostgres(folder / "data").start()


@pytest.mark.thorough
def test_a_chosen_bindir_is_used(server: EmbeddedPostgres, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = copy_programs(folder)
    server.stop()
    monkeypatch.setenv("SPACES_PG_BINDIR", str(copy))
    server.start()
    program = Path(f"/proc/{running_pid(server)}/cmdline").read_text().split("\0")[0]
    server.stop()
    assert program == str(copy / "postgres")


def test_a_failed_start_shows_why(server: EmbeddedPostgres) -> None:
    server.stop()
    overrides = server.data_dir / "postgres" / "postgresql.auto.conf"
    real = overrides.read_text()
    overrides.write_text("work_mem = 'plenty'\n")
    try:
        with pytest.raises(EmbeddedPostgresError, match='invalid value for parameter "work_mem"'):
            server.start()
    finally:
        overrides.write_text(real)


@pytest.mark.parametrize(("memory", "shared_buffers"), [(GIB // 2, "128MB"), (4 * GIB, "512MB"), (64 * GIB, "1024MB")])
def test_memory_settings_follow_the_machine(memory: int, shared_buffers: str) -> None:
    values = settings(Path("/run"), durable=True, memory=memory)
    assert values["shared_buffers"] == shared_buffers
    assert values["random_page_cost"] == "1.1"
    assert "fsync" not in values
