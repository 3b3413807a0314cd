"""Where the embedded server's socket and cluster live, and which OS user it runs as.

As an ordinary user everything is inside the data folder. As root, PostgreSQL refuses to run, so the
server runs as an unprivileged user; what that user has to reach and cannot (a project below a home of
mode 0700) lives under /var/lib/spaces/<hash of the data folder>. Permissions of folders that we did not
create are never changed.
"""

import hashlib
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from spaces_project.embedded_postgres.errors import EmbeddedPostgresError

ROOT_HOME = Path("/var/lib/spaces")
# sockaddr_un holds 107 bytes; the socket is `.s.PGSQL.5432` and a slash below its folder.
LONGEST_SOCKET_DIR = 107 - len("/.s.PGSQL.5432")


def data_hash(data_dir: Path) -> str:
    """Sixteen hex digits that stand for one data folder, symbolic links followed."""
    return hashlib.sha256(os.fsencode(Path(data_dir).resolve())).hexdigest()[:16]


def root_home(data_dir: Path) -> Path:
    """The folder that root keeps for `data_dir` outside of it."""
    return ROOT_HOME / data_hash(data_dir)


def socket_dir(data_dir: Path) -> Path:
    """The folder of the server's Unix socket: the same answer in every process, started or not.

    Normally `<data_dir>/run`; a hashed folder in /tmp when that path is too long for a socket (not in
    TMPDIR, which differs between two shells of one user); for root a folder below /var/lib/spaces.
    """
    if os.geteuid() == 0:
        return root_home(data_dir) / "run"
    inside = Path(data_dir).resolve() / "run"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_DIR:
        return inside
    return Path("/tmp") / f"spaces-{os.geteuid()}-{data_hash(data_dir)}"  # noqa: S108 (checked by own_folder)


@dataclass(frozen=True)
class ServerUser:
    """The OS user that the server processes run as; `dropped` says that we are root and it is not."""

    name: str
    uid: int
    gid: int
    dropped: bool

    @property
    def process_options(self) -> dict[str, object]:
        """Arguments of `subprocess.run` that make the child run as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.dropped else {}

    def reaches(self, folder: Path) -> bool:
        """Whether this user can enter `folder`; asked of the system, which knows about ACLs."""
        return self._can('cd "$0"', folder)

    def executes(self, program: Path) -> bool:
        """Whether this user can run `program`."""
        return self._can('test -x "$0"', program)

    def _can(self, test: str, path: Path) -> bool:
        command = ["/bin/sh", "-c", test, str(path)]
        options = self.process_options
        return subprocess.run(command, cwd="/", stderr=subprocess.DEVNULL, **options).returncode == 0  # type: ignore[call-overload, no-any-return]


def server_user(cluster_owner: int | None = None) -> ServerUser:
    """Who runs the server: ourselves, or when we are root `postgres`, else `nobody`.

    An existing cluster is run by its owner, as PostgreSQL demands; no OS user is ever created.
    """
    if os.geteuid() != 0:
        return ServerUser(_user_name(os.geteuid()), os.geteuid(), os.getegid(), dropped=False)
    entry = _entry_of(cluster_owner) if cluster_owner else _first_known("postgres", "nobody")
    return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid, dropped=True)


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _entry_of(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise EmbeddedPostgresError(f"The database files belong to user {uid}, who is unknown here.") from None


def _first_known(*names: str) -> pwd.struct_passwd:
    for name in names:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EmbeddedPostgresError(
        "PostgreSQL does not run as root and neither the user `postgres` nor `nobody` exists: "
        "run as an ordinary user, or set DATABASE_URL."
    )


def find_cluster(data_dir: Path) -> Path | None:
    """The folder of the cluster of `data_dir`, or None when there is none yet."""
    candidates = [Path(data_dir).resolve() / "postgres"]
    if os.geteuid() == 0:
        candidates.append(root_home(data_dir) / "postgres")
    for cluster in candidates:
        if cluster.exists() and not os.access(cluster, os.X_OK):
            raise EmbeddedPostgresError(
                f"The database in {cluster} belongs to user {cluster.stat().st_uid}: run this as that user."
            )
        if (cluster / "PG_VERSION").exists():
            return cluster
    _refuse_moved_data(Path(data_dir).resolve())
    return None


def _pointer(data_dir: Path) -> Path:
    return data_dir / "postgres.location"


def _refuse_moved_data(data_dir: Path) -> None:
    """A data folder that was renamed must not silently begin with an empty database."""
    pointer = _pointer(data_dir)
    if not pointer.exists():
        return
    cluster = Path(pointer.read_text().strip())
    if cluster == root_home(data_dir) / "postgres" or not cluster.exists():
        return
    raise EmbeddedPostgresError(
        f"This data folder was moved or copied: its database is in {cluster}. "
        f"Move that folder to {data_dir / 'postgres'} or {root_home(data_dir) / 'postgres'} and start again."
    )


def choose_cluster(data_dir: Path, user: ServerUser) -> Path:
    """Where a new cluster of `data_dir` goes: inside it, or where the server's user can reach it."""
    data_dir = Path(data_dir).resolve()
    if user.reaches(data_dir):
        return data_dir / "postgres"
    cluster = root_home(data_dir) / "postgres"
    _pointer(data_dir).write_text(f"{cluster}\n")
    return cluster


def make_data_dir(data_dir: Path) -> None:
    """Make the data folder: closed to others, except that root's server user may pass through.

    Raises EmbeddedPostgresError when it cannot be made.
    """
    mode = 0o711 if os.geteuid() == 0 else 0o700
    if data_dir.exists():
        return
    try:
        data_dir.mkdir(mode=mode, parents=True, exist_ok=True)
        data_dir.chmod(mode)
    except OSError as error:
        raise EmbeddedPostgresError(f"The data folder {data_dir} cannot be made: {error.strerror}.") from error


def open_folder(folder: Path) -> None:
    """Make a root-owned folder and its parents that everybody may pass through."""
    for each in [*reversed(folder.parents), folder]:
        if not each.exists():
            each.mkdir(exist_ok=True)
            each.chmod(0o755)


def own_folder(folder: Path, user: ServerUser) -> None:
    """Make `folder` for `user` alone, or check that an existing one is just that.

    Raises EmbeddedPostgresError when somebody else made it (the name in /tmp can be guessed).
    """
    if user.dropped:
        open_folder(folder.parent)
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, user.uid, user.gid)
    except FileExistsError:
        pass
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != user.uid:
        raise EmbeddedPostgresError(f"{folder} belongs to somebody else: remove it and start again.")
    if found.st_mode & 0o077:
        folder.chmod(0o700)
