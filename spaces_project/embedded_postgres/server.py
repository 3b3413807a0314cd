"""The embedded server: make its cluster, start it, ask it, stop it."""

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from spaces_project.embedded_postgres import configuration
from spaces_project.embedded_postgres.errors import EmbeddedPostgresError
from spaces_project.embedded_postgres.locations import (
    ServerUser,
    choose_cluster,
    find_cluster,
    make_data_dir,
    own_folder,
    root_home,
    server_user,
    socket_dir,
)
from spaces_project.embedded_postgres.processes import is_postmaster, postmaster_pid, remove_stale_files
from spaces_project.embedded_postgres.programs import Programs, installed_bindir, reachable_bindir

NAME = "spaces"
START_SECONDS = 120  # replaying the log of a crashed server may take long
STOP_SECONDS = 60
LOG_BYTES = 10 * 1024 * 1024


class EmbeddedPostgres:
    """One PostgreSQL server with its cluster below `data_dir`.

    Any number of processes may hold one of these for the same folder; a lock beside the cluster makes
    starting and stopping single. `durable=False` is for clusters that are thrown away (tests).
    """

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self.data_dir = Path(data_dir).resolve()
        self.durable = durable
        self.socket_dir = socket_dir(self.data_dir)

    @property
    def bindir(self) -> Path:
        """The folder with psql, pg_dump and the others, as the caller can run them."""
        return installed_bindir()

    @property
    def url(self) -> str:
        """The database as a URL that libpq and dj-database-url read."""
        return f"postgresql://{NAME}@/{NAME}?host={quote(str(self.socket_dir))}&port=5432"

    def is_running(self) -> bool:
        """Whether the server accepts connections; its pid file is not asked."""
        if not os.path.exists(self.socket_dir / ".s.PGSQL.5432"):  # False too where we may not look
            return False
        status, _ = self._own_programs().run("pg_isready", "-q", "-h", self.socket_dir, "-t", "3")
        return status == 0

    def start(self) -> None:
        """Make the cluster if there is none, start the server if it is down, wait until it answers.

        Raises EmbeddedPostgresError with a message for a person.
        """
        if self.is_running():
            return
        make_data_dir(self.data_dir)
        self._check_writable()
        with self._locked():
            if not self.is_running():
                self._start()

    def stop(self) -> None:
        """Stop the server: open transactions are rolled back, connections closed; no-op when it is down."""
        if not self.data_dir.exists():
            return
        self._check_writable()
        with self._locked():
            cluster = find_cluster(self.data_dir)
            if cluster is not None:
                self._stop(cluster)

    def destroy(self) -> None:
        """Stop the server and remove the cluster with all it holds (for throw-away clusters)."""
        self.stop()
        cluster = find_cluster(self.data_dir)
        for folder in (cluster, self.socket_dir):
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)
        if os.geteuid() == 0:
            shutil.rmtree(root_home(self.data_dir), ignore_errors=True)

    def status(self) -> str:
        """One or more lines for a person: running or not, version, folders."""
        cluster = find_cluster(self.data_dir)
        if cluster is None:
            return f"not created yet (data folder {self.data_dir})"
        pid = postmaster_pid(cluster)
        state = f"running, pid {pid}" if self.is_running() else "stopped"
        if pid is not None and not self.is_running():
            state = f"not accepting connections, pid {pid}"
        version = self._own_programs().version()
        return f"{state}\nPostgreSQL {version}\ncluster {cluster}\nsocket {self.socket_dir}\nurl {self.url}"

    def _check_writable(self) -> None:
        if not os.access(self.data_dir, os.W_OK | os.X_OK):
            owner = self.data_dir.stat().st_uid
            raise EmbeddedPostgresError(
                f"The data folder {self.data_dir} belongs to user {owner} and is not writable for "
                f"user {os.geteuid()}: run this as its owner, or set SPACES_DATA_DIR to a folder of your own."
            )

    # --- how it is done; everything below runs under the lock

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One start or stop at a time; the system frees the lock of a killed process."""
        with (self.data_dir / "postgres.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _own_programs(self) -> Programs:
        """Programs run as ourselves: clients, which may enter the socket's folder."""
        return Programs(installed_bindir(), _ourselves())

    def _programs(self, cluster: Path | None) -> Programs:
        """Programs run as the server's user: initdb, pg_ctl, postgres."""
        user = server_user(cluster.stat().st_uid if cluster else None)
        return Programs(reachable_bindir(user), user)

    def _start(self) -> None:
        cluster = find_cluster(self.data_dir)
        programs = self._programs(cluster)
        own_folder(self.socket_dir, programs.user)
        if cluster is None:
            cluster = self._create(programs)
        self._check_version(cluster, programs)
        self._check_owner(cluster, programs.user)
        if self._waited_for_a_living_one(cluster):
            return
        self._write_settings(cluster, programs.user)
        self._launch(cluster, programs)

    def _stop(self, cluster: Path) -> None:
        """PostgreSQL's "fast" stop. Signalled by us: pg_ctl believes the pid file, which may be torn."""
        pid = postmaster_pid(cluster)
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        end = time.monotonic() + STOP_SECONDS
        while is_postmaster(pid, cluster):
            if time.monotonic() > end:
                raise EmbeddedPostgresError(f"PostgreSQL (pid {pid}) did not stop in {STOP_SECONDS} seconds.")
            time.sleep(0.02)

    def _create(self, programs: Programs) -> Path:
        """Make a cluster with the database in it, in a folder that gets its name when all is done."""
        cluster = choose_cluster(self.data_dir, programs.user)
        _remove_unfinished(cluster)
        # A name of its own: the initdb of that killed start may still be at work.
        fresh = cluster.with_name(f"postgres.new-{secrets.token_hex(4)}")
        own_folder(fresh, programs.user)
        sync = () if self.durable else ("--no-sync",)
        programs.must("initdb", "-D", fresh, "-U", NAME, "--auth=trust", *_locale(programs), *sync)
        fsync = "on" if self.durable else "off"
        single = ("--single", "-D", fresh, "-c", f"fsync={fsync}", "-c", "log_min_messages=error", "template1")
        programs.must("postgres", *single, stdin=f"CREATE DATABASE {NAME};\n")
        with (fresh / "postgresql.conf").open("a") as conf:
            conf.write("\ninclude_if_exists = 'spaces.conf'\n")
            conf.flush()
            os.fsync(conf.fileno())
        fresh.rename(cluster)
        _remove_unfinished(cluster)
        return cluster

    def _check_version(self, cluster: Path, programs: Programs) -> None:
        made_by = (cluster / "PG_VERSION").read_text().strip()
        version = programs.version()
        if version.split(".")[0] != made_by:
            raise EmbeddedPostgresError(
                f"The database in {cluster} was made by PostgreSQL {made_by}; "
                f"the installed one is {version}. "
                f"Set SPACES_PG_BINDIR to the bin folder of a PostgreSQL {made_by}, "
                f"or back the database up with it and restore it into a new data folder."
            )

    def _check_owner(self, cluster: Path, user: ServerUser) -> None:
        owner = cluster.stat().st_uid
        if owner != user.uid:
            raise EmbeddedPostgresError(
                f"The database in {cluster} belongs to user {owner}: run this as that user (or as root)."
            )

    def _waited_for_a_living_one(self, cluster: Path) -> bool:
        """Whether a server that was already on its way up has come to answer; False when it is gone."""
        end = time.monotonic() + START_SECONDS
        while (pid := postmaster_pid(cluster)) is not None:
            if self.is_running():
                return True
            if time.monotonic() > end or self._serves_elsewhere(cluster):
                raise EmbeddedPostgresError(
                    f"A PostgreSQL server (pid {pid}) uses {cluster} but does not answer in {self.socket_dir}. "
                    f"If user {cluster.stat().st_uid} started it, run this as that user; else stop it first."
                )
            time.sleep(0.1)
        remove_stale_files(cluster, self.socket_dir)
        return False

    def _serves_elsewhere(self, cluster: Path) -> bool:
        """Whether the pid file names another socket folder (its fifth line, once the server got so far)."""
        with contextlib.suppress(OSError, IndexError):
            line = (cluster / "postmaster.pid").read_text().split("\n")[4].strip()
            return bool(line) and Path(line) != self.socket_dir
        return False

    def _write_settings(self, cluster: Path, user: ServerUser) -> None:
        values = configuration.settings(self.socket_dir, durable=self.durable, memory=configuration.machine_memory())
        target = cluster / "spaces.conf"
        with tempfile.NamedTemporaryFile("w", dir=cluster, delete=False) as file:
            file.write(configuration.as_file(values))
            os.fchown(file.fileno(), user.uid, user.gid)
        Path(file.name).replace(target)

    def _launch(self, cluster: Path, programs: Programs) -> None:
        log = cluster / "server.log"
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        end = time.monotonic() + 15
        while True:
            arguments = ("-D", cluster, "-l", log, "-w", "-t", START_SECONDS, "start")
            status, output = programs.run("pg_ctl", *arguments, timeout=START_SECONDS + 30)
            if status == 0:
                return
            tail = log.read_text(errors="replace")[-1500:] if log.exists() else ""
            # Children of a killed server hold its shared memory for a moment.
            if "still in use" not in tail or time.monotonic() > end:
                raise EmbeddedPostgresError(f"PostgreSQL did not start:\n{output.strip()}\n{tail.strip()}")
            log.unlink()
            time.sleep(0.3)


def _ourselves() -> ServerUser:
    return ServerUser(str(os.geteuid()), os.geteuid(), os.getegid(), dropped=False)


def _locale(programs: Programs) -> tuple[str, ...]:
    """Order and case rules that are the database's own, the same whatever the machine's locale is."""
    if int(programs.version().split(".")[0]) < 17:  # no built-in provider yet
        return ("--locale=C.UTF-8", "--encoding=UTF8")
    return ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8")


def _remove_unfinished(cluster: Path) -> None:
    """Remove what a killed start left; the caller holds the lock."""
    for left in cluster.parent.glob("postgres.new-*"):
        shutil.rmtree(left, ignore_errors=True)
