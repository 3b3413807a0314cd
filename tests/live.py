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

    def __init__(self, log: Path) -> None:
        self.log = log
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
                    "SPACES_WEB_WORKERS": "1",
                    "SPACES_WEB_THREADS": "16",
                    "SPACES_POOL_SIZE": "8",
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
