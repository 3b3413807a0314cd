"""Which process really is the server of a cluster: a pid file alone proves nothing.

After a crash or a reboot the number in `postmaster.pid` may belong to anybody, or to a zombie.
"""

import contextlib
import os
import subprocess
from pathlib import Path


def postmaster_pid(cluster: Path) -> int | None:
    """The pid of the living server of `cluster`, or None.

    The pid file is only a hint; when it is torn or missing, the processes of the machine are looked at.
    """
    noted = _noted_pid(cluster)
    if noted is not None:
        return noted if is_postmaster(noted, cluster) else None
    for pid in _all_pids():
        if is_postmaster(pid, cluster):
            return pid
    return None


def _noted_pid(cluster: Path) -> int | None:
    try:
        return abs(int((cluster / "postmaster.pid").read_text().split("\n", 1)[0]))
    except (OSError, ValueError):
        return None


def _all_pids() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:  # no /proc: a torn pid file then counts as a dead server's
        return []


def is_postmaster(pid: int, cluster: Path) -> bool:
    """Whether `pid` is alive, is `postgres`, and was started on `cluster`."""
    state, command = _described(pid)
    if state in ("", "Z", "X"):
        return False
    program, _, arguments = command.partition("\0")
    return os.path.basename(program).startswith("postgres") and str(cluster) in arguments.split("\0")


def _described(pid: int) -> tuple[str, str]:
    """(state letter, command line with NUL between the arguments); ("", "") when there is none."""
    process = Path("/proc") / str(pid)
    try:
        # The command name in parentheses may itself hold spaces and parentheses.
        state = (process / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
        return state, (process / "cmdline").read_text(errors="replace")
    except (OSError, IndexError):
        return ("", "") if Path("/proc/self").exists() else _described_by_ps(pid)


def _described_by_ps(pid: int) -> tuple[str, str]:
    """The same where there is no /proc (macOS): `ps` knows no NUL, so arguments split at spaces."""
    command = ["/bin/ps", "-p", str(pid), "-o", "stat=", "-o", "command="]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    state, _, line = done.stdout.strip().partition(" ")
    return state[:1], line.strip().replace(" -D ", "\0-D\0").replace(" -c ", "\0-c\0")


def remove_stale_files(cluster: Path, socket_dir: Path) -> None:
    """Remove the pid file and the socket of a server that is known to be dead.

    PostgreSQL would refuse to start while the pid in them belongs to any living process of its user.
    """
    socket = socket_dir / ".s.PGSQL.5432"
    for stale in (cluster / "postmaster.pid", socket, socket.with_name(f"{socket.name}.lock")):
        with contextlib.suppress(FileNotFoundError):
            stale.unlink()
