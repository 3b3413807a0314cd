"""A real gunicorn of our product, on a free port, against the test database of this process."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

from django.db import connection

PROJECT = Path(__file__).parents[1]


def database_url() -> str:
    """The URL of the test database that this process uses."""
    name, host = connection.settings_dict["NAME"], connection.settings_dict["OPTIONS"]["host"]
    return f"postgresql://spaces@/{name}?host={quote(host)}&port=5432"


class LiveServer:
    """Start it, use its URL, stop it. `log` gets everything it prints."""

    def __init__(self, log: Path, workers: int = 1, threads: int = 16) -> None:
        self.log, self.workers, self.threads = log, workers, threads
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """The base URL, once the server answers; raises AssertionError with its log when it does not."""
        with socket.create_server(("127.0.0.1", 0)) as listener, self.log.open("wb") as log:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "spaces_project/gunicorn_conf.py", "spaces_project.wsgi"],
                cwd=PROJECT,
                env=os.environ
                | {
                    "DATABASE_URL": database_url(),
                    "SUPERVISOR_FD": str(listener.fileno()),
                    "SUPERVISOR_PID": str(os.getpid()),
                    "SPACES_WEB_WORKERS": str(self.workers),
                    "SPACES_WEB_THREADS": str(self.threads),
                    "SPACES_POOL_SIZE": "8",
                    "SPACES_EGRESS_ALLOW": "127.0.0.1",
                },
                pass_fds=[listener.fileno()],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_until_it_answers(url)
        return url

    def _wait_until_it_answers(self, url: str) -> None:
        assert self.process is not None
        end = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"{url}/healthz", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self.stop()
        raise AssertionError(f"the live server did not answer:\n{self.log.read_text(errors='replace')[-3000:]}")

    def stop(self) -> None:
        """End the server; no-op when it has ended."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class LiveWorker:
    """A job worker of our product against the test database of this process; `kill` it, and `start` another."""

    def __init__(self, log: Path, **environment: str) -> None:
        self.log = log
        self.environment = environment
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it; it takes jobs a second or two later."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "worker"],
                cwd=PROJECT,
                env=os.environ
                | {
                    "DATABASE_URL": database_url(),
                    "SUPERVISOR_PID": str(os.getpid()),
                    "SPACES_POOL_SIZE": "8",
                    "SPACES_HEARTBEAT_SECONDS": "1",
                    "SPACES_EGRESS_ALLOW": "127.0.0.1",
                    **self.environment,
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """As the kernel does when memory runs out: at once, without a word."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int | None:
        """Ask it to end; its exit status. No-op when it has ended."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.returncode


def forget_jobs() -> None:
    """Wait until no job is being done, and delete them all. The rows of living workers stay."""
    end = time.monotonic() + 10
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE status = 'todo'")
        while time.monotonic() < end:
            cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'")
            if cursor.fetchone() == (0,):
                break
            time.sleep(0.05)
        cursor.execute("DELETE FROM procrastinate_jobs")
