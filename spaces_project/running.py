"""Whether `manage.py up` runs on the data folder: it holds a lock there, which the system frees however it ends.

As a program, for the Makefile: says so, and prints the flag that lets make exit with 1 and start nothing. A recipe that
fails would be 2.
"""

from __future__ import annotations

import contextlib
import fcntl
import sys
import time
from collections.abc import Iterator
from typing import IO

from spaces_project.env import DATA_DIR

LOCK = DATA_DIR / "up.lock"
LOOK_SECONDS = 0.05


class AlreadyRuns(Exception):
    """Another supervisor holds the data folder; ``str()`` is a sentence that says where it answers."""


@contextlib.contextmanager
def alone(url: str) -> Iterator[None]:
    """Hold the data folder, which exists, for this process. Raises AlreadyRuns, and OSError if it is of no use."""
    with LOCK.open("a+") as lock:
        _hold(lock, url)
        lock.truncate(0)
        lock.write(url)
        lock.flush()
        yield


def look() -> None:
    """Raises AlreadyRuns while a supervisor holds the data folder."""
    with contextlib.suppress(FileNotFoundError), LOCK.open("r+") as lock:
        _hold(lock, "an address unknown")


def _hold(lock: IO[str], url: str) -> None:
    for pause in (LOOK_SECONDS, 0):  # who only looks holds it for a moment, too
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(pause)
    lock.seek(0)
    raise AlreadyRuns(f"Spaces already runs for {DATA_DIR}, at {lock.read() or url}")


def main() -> None:
    """For the Makefile."""
    try:
        look()
    except AlreadyRuns as running:
        print(running, file=sys.stderr)  # noqa: T201 (a program's output)
        print("--question")  # noqa: T201
    except OSError:  # manage.py up says what is wrong with the folder
        pass


if __name__ == "__main__":
    main()
