"""One process that keeps the others running: the web server, the job worker and the embedded PostgreSQL.

A child that ends is started again, after a pause that doubles with every quick end. Children live in sessions of
their own, so that a Ctrl-C reaches the supervisor alone, which then stops them in order.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType

from spaces_project.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
from spaces_project.parent import VARIABLE

STOP_SECONDS = 25
TICK_SECONDS = 0.2
DATABASE_LOOK_SECONDS = 2
LONGEST_PAUSE = 30
STEADY_SECONDS = 60  # a child that ran this long starts again without a growing pause


class StopRequested(BaseException):
    """A signal to stop came in a moment that may be interrupted; not an Exception, so nothing swallows it."""


def say(text: str) -> None:
    """Tell the person at the terminal, if there still is one."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)  # noqa: T201 (a command's progress)


def _report(lost: sys.UnraisableHookArgs) -> None:
    """What Python does, but for a wish to stop that came inside a finalizer: it is noted, and looked at again."""
    if not issubclass(lost.exc_type, StopRequested):
        sys.__unraisablehook__(lost)


class StopSignals:
    """SIGINT, SIGTERM and SIGHUP become a wish to stop, looked at when convenient."""

    def __init__(self) -> None:
        self.count = 0
        self._interrupt = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)
        sys.unraisablehook = _report

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        if self._interrupt:
            self._interrupt = False
            raise StopRequested

    def check(self) -> None:
        """Raise StopRequested when a signal came."""
        if self.count:
            raise StopRequested

    @contextlib.contextmanager
    def interruptible(self) -> Iterator[None]:
        """Within, a signal raises StopRequested at once."""
        self.check()
        self._interrupt = True
        try:
            yield
        finally:
            self._interrupt = False


class Child:
    """A program that shall run; `begin` it, `tend` it, `end` it."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], pass_fds: Sequence[int] = ()
    ) -> None:
        self.name = name
        self.command = list(command)
        self.environment = {**os.environ, **environment, VARIABLE: str(os.getpid())}
        self.pass_fds = tuple(pass_fds)
        self.process: subprocess.Popen[bytes] | None = None
        self.began = 0.0
        self.quick_ends = 0
        self.due: float | None = None

    def begin(self) -> None:
        """Start the program."""
        self.due = None
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            self.command, env=self.environment, pass_fds=self.pass_fds, stdin=subprocess.DEVNULL, start_new_session=True
        )

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def tend(self) -> None:
        """Start the program again when it ended and its pause is over."""
        if self.is_running:
            return
        if self.due is None:
            self._plan()
        elif time.monotonic() >= self.due:
            try:
                self.begin()
            except OSError as error:  # no memory or no process to be had; later there may be
                say(f"The {self.name} cannot be started: {error}")
                self._plan()

    def _plan(self) -> None:
        steady = time.monotonic() - self.began > STEADY_SECONDS
        self.quick_ends = 1 if steady else self.quick_ends + 1
        pause = min(LONGEST_PAUSE, 2 ** (self.quick_ends - 1))
        self.due = time.monotonic() + pause
        status = self.process.returncode if self.process else "?"
        say(f"The {self.name} ended (exit status {status}); it starts again in {pause} s.")

    def signal(self, number: int) -> None:
        """Send a signal, if the program still runs."""
        if self.process is not None and self.is_running:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)

    def kill_group(self) -> None:
        """End the program and whatever it started, without asking."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Supervisor:
    """Runs children beside a database until a stop is asked for."""

    def __init__(self, signals: StopSignals, database: EmbeddedPostgres | None) -> None:
        self.signals = signals
        self.database = database
        self.children: list[Child] = []
        self._database_looked_at = time.monotonic()

    def add(self, child: Child) -> None:
        """Start `child` and keep it running."""
        self.children.append(child)
        child.begin()

    def watch(self) -> None:
        """Tend the children and the database for ever; raises StopRequested when a signal came."""
        while True:
            self.tick()
            self.signals.check()

    def tick(self) -> None:
        """One look at everything, and a short sleep."""
        self._tend_database()
        for child in self.children:
            child.tend()
        time.sleep(TICK_SECONDS)

    def _tend_database(self) -> None:
        due = time.monotonic() - self._database_looked_at > DATABASE_LOOK_SECONDS
        if self.database is None or not due:
            return
        if not self.database.is_running():
            say("PostgreSQL is down; starting it again.")
            with contextlib.suppress(EmbeddedPostgresError):  # the next look tries again
                self.database.start()
        self._database_looked_at = time.monotonic()

    def stop(self) -> None:
        """End the children, then the database. A second signal while this runs ends them at once."""
        patience = self.signals.count
        for child in self.children:
            child.signal(signal.SIGTERM)
        end = time.monotonic() + STOP_SECONDS
        while any(child.is_running for child in self.children):
            if time.monotonic() > end or self.signals.count > patience:
                break
            time.sleep(0.05)
        for child in self.children:
            child.kill_group()
        if self.database is not None:
            self.database.stop()
