"""Running the launcher in processes of its own, as ourselves or as an ordinary user."""

import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from spaces_project.embedded_postgres import EmbeddedPostgres
from spaces_project.embedded_postgres.processes import postmaster_pid
from spaces_project.embedded_postgres.programs import installed_bindir

PROJECT = Path(__file__).parents[2]

SCRIPT = """
import sys
from pathlib import Path
from spaces_project.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
try:
    {code}
except EmbeddedPostgresError as error:
    sys.exit(str(error))
"""


@dataclass
class Outcome:
    """What a launcher process left: its exit status and what it said."""

    status: int
    said: str


@dataclass
class Launcher:
    """Runs one line of Python on `server`, an EmbeddedPostgres, in a new process."""

    python: str = sys.executable
    code_path: Path = PROJECT
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    uid: int | None = None

    def begin(self, data_dir: Path, code: str = "server.start()") -> "subprocess.Popen[str]":
        """Start the process and do not wait for it."""
        return subprocess.Popen(
            [self.python, "-c", SCRIPT.format(code=code), str(data_dir)],
            env=self.environment | {"PYTHONPATH": str(self.code_path), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd="/",
            user=self.uid,
            group=self.uid and pwd.getpwuid(self.uid).pw_gid,
            extra_groups=None if self.uid is None else [],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, data_dir: Path, code: str = "server.start()") -> Outcome:
        """Start the process and wait for its end."""
        process = self.begin(data_dir, code)
        said, _ = process.communicate(timeout=60)
        return Outcome(process.returncode, said)


def query(bindir: Path, socket_dir: Path, sql: str) -> str:
    """One value from the database, through psql in a clean environment."""
    command = [str(bindir / "psql"), "-X", "-h", str(socket_dir), "-U", "spaces", "-tAc", sql, "spaces"]
    done = subprocess.run(command, capture_output=True, text=True, env={}, cwd="/")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def copy_programs(home: Path) -> Path:
    """Copy the PostgreSQL tree below `home` as the wheel lays it out; gives the copy's bin folder."""
    tree = installed_bindir().parent
    package = tree.parent
    shutil.copytree(tree, home / package.name / tree.name, symlinks=True, copy_function=_link)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, home / libraries.name, symlinks=True, copy_function=_link)
    return home / package.name / tree.name / "bin"


def _link(source: str, target: str) -> None:
    """A second name is enough, where the file system allows one."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def modes(folder: Path) -> dict[str, int]:
    """Path -> permission bits of a folder and all of its parents."""
    return {str(each): each.stat().st_mode for each in [folder, *folder.parents]}


def ask(server: EmbeddedPostgres, sql: str) -> str:
    return query(server.bindir, server.socket_dir, sql)


def running_pid(server: EmbeddedPostgres) -> int:
    pid = postmaster_pid(server.data_dir / "postgres")
    assert pid is not None
    return pid
