"""`manage.py up`, as a person runs it: once, twice, interrupted, killed."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
from procrastinate.contrib.django import app

from spaces_project.embedded_postgres import EmbeddedPostgres
from spaces_project.workers import groups
from tests.runtime.launcher import PROJECT, ask


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@dataclass
class Installation:
    """A data folder and a port of its own, and what was started on it."""

    data_dir: Path
    port: int

    def environment(self, **more: str) -> dict[str, str]:
        """The variables of a person who set only what is said here."""
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith("SPACES_") and k not in ("DATABASE_URL", "HOST")
        }
        # One web process, as a second one shows nothing more and takes its time.
        ours = {"SPACES_DATA_DIR": str(self.data_dir), "PORT": str(self.port), "SPACES_WEB_WORKERS": "1"}
        return kept | ours | more

    def begin(self, **more: str) -> "subprocess.Popen[str]":
        """Run `manage.py up` and do not wait."""
        return subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=PROJECT,
            env=self.environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pipesize=2**20,  # nobody reads while it runs, and a lost database is told at length
            text=True,
            start_new_session=True,
        )

    def begin_and_wait(self, **more: str) -> "subprocess.Popen[str]":
        """The same, until it answers."""
        process = self.begin(**more)
        wait_for(lambda: process.poll() is not None or self.health() == 200)
        assert process.poll() is None, process.communicate()
        return process

    def health(self) -> int:
        """The status of /healthz; 0 when nothing answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                status: int = answer.status
                return status
        except OSError:
            return 0

    def processes(self) -> list[psutil.Process]:
        """Everything alive that belongs to this installation."""
        return [process for process in psutil.process_iter() if self._owns(process)]

    def _owns(self, process: psutil.Process) -> bool:
        with contextlib.suppress(psutil.Error, OSError):
            alive = process.status() != psutil.STATUS_ZOMBIE
            return alive and (
                process.environ().get("SPACES_DATA_DIR") == str(self.data_dir)
                or str(self.data_dir / "postgres") in process.cmdline()
            )
        return False


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.1)


def interrupt(process: "subprocess.Popen[str]", number: int = signal.SIGINT) -> tuple[int, str, str]:
    """(exit status, stdout, stderr) after a signal."""
    process.send_signal(number)
    out, err = process.communicate(timeout=40)
    return process.returncode, out, err


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    folder = Path(tempfile.mkdtemp(prefix="spaces-up-"))
    folder.chmod(0o711)
    made = Installation(folder / "var", free_port())
    yield made
    for process in made.processes():
        process.kill()
    EmbeddedPostgres(made.data_dir).destroy()
    shutil.rmtree(folder, ignore_errors=True)


def children(process: "subprocess.Popen[str]") -> dict[int, psutil.Process]:
    """The supervisor's living children by pid: the web server's master and the two workers."""
    alive = psutil.Process(process.pid).children()
    return {child.pid: child for child in alive if child.status() != psutil.STATUS_ZOMBIE}


def web_server(process: "subprocess.Popen[str]") -> dict[int, psutil.Process]:
    """The web server's master by pid, when it is alive."""
    return {pid: child for pid, child in children(process).items() if "gunicorn" in " ".join(child.cmdline())}


# One story on one installation, told in order: each start takes seconds, so a start shows several things.
pytestmark = pytest.mark.xdist_group("up")


@pytest.mark.thorough
def test_a_first_day(installation: Installation) -> None:
    process = installation.begin_and_wait()
    wait_for(lambda: len(children(process)) == 3)
    assert ready(installation) == {"database": "ok", "migrations": "ok"}

    # What was printed says how to begin, and the call in it works as it stands.
    call = check_first_words(first_words(process), installation)
    answer = subprocess.run(["bash", "-c", call], capture_output=True, text=True)
    assert re.fullmatch(r'\{"id":\s*"space_[0-9a-z]{25}"\}', answer.stdout.strip()), answer

    # Ctrl-C ends everything.
    status, out, err = interrupt(process)
    assert (status, out) == (0, ""), err
    assert err.endswith("Stopping …\n"), err
    assert installation.processes() == []


@pytest.mark.thorough
def test_a_second_start_and_what_dies(installation: Installation) -> None:
    process = installation.begin_and_wait()
    wait_for(lambda: len(children(process)) == 3)

    # A second start says so and disturbs nothing.
    second = installation.begin(PORT=str(free_port()))
    out, err = second.communicate(timeout=30)
    said = f"CommandError: Spaces already runs for {installation.data_dir}, at http://127.0.0.1:{installation.port}/\n"
    assert (second.returncode, out, err) == (1, "", said)

    # Also as the README starts it, where a failing recipe would be make's 2. This one is not part of our own make.
    env = {name: value for name, value in installation.environment().items() if "MAKE" not in name}
    made = ["make", f"V={sys.prefix}", "run"]
    typed = subprocess.run(made, cwd=PROJECT, env=env, capture_output=True, text=True, timeout=30)
    assert (typed.returncode, typed.stdout, typed.stderr) == (1, "", said.removeprefix("CommandError: "))

    # What dies is started again: the web server,
    server, all_work = EmbeddedPostgres(installation.data_dir), len(groups(app))
    wait_for(lambda: workers_after(server, 0) >= all_work)
    killed = web_server(process)
    assert len(killed) == 1
    for child in killed.values():
        child.kill()
        child.wait(30)
    wait_for(lambda: installation.health() == 200 and len(web_server(process).keys() - killed.keys()) == 1)

    # and the database, which the web server finds again; the workers end with it, and are started anew.
    before = newest_worker(server)
    os.kill(int((installation.data_dir / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    wait_for(lambda: not server.is_running())
    wait_for(server.is_running)
    assert ready(installation) == {"database": "ok", "migrations": "ok"}
    wait_for(lambda: workers_after(server, before) >= all_work)
    interrupt(process)
    assert installation.processes() == []


def newest_worker(server: EmbeddedPostgres) -> int:
    """The number of the job worker that began last; 0 before the first."""
    return int(ask(server, "SELECT coalesce(max(id), 0) FROM procrastinate_workers"))


def workers_after(server: EmbeddedPostgres, number: int) -> int:
    """How many workers, one for each group of queues, began after that one."""
    return int(ask(server, f"SELECT count(*) FROM procrastinate_workers WHERE id > {number}"))


def ready(installation: Installation) -> dict[str, str]:
    """The checks of /readyz, but not of the disk of the machine that runs the tests."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{installation.port}/readyz") as answer:
            body = json.load(answer)
    except urllib.error.HTTPError as error:
        body = json.load(error)
    return {name: said for name, said in body["checks"].items() if name != "disk"}


def first_words(process: "subprocess.Popen[str]") -> str:
    """What the first start prints, read while it goes on running."""
    assert process.stdout is not None
    lines = []
    while not lines or "operator create" not in lines[-1]:
        lines.append(process.stdout.readline())
        assert lines[-1], lines
    return "".join(lines)


def check_first_words(out: str, installation: Installation) -> str:
    """Everything is said, once; gives the printed call of the API."""
    url = f"http://127.0.0.1:{installation.port}/"
    assert out.count(f"Spaces runs at {url}\n") == 1
    assert out.count("user name  admin\n") == 1
    assert len(re.findall(r"password   \S{20,}\n", out)) == 1
    (key,) = re.findall(r"API key    (sk_\S+)\n", out)
    (call,) = re.findall(r"  (curl .+)\n", out)
    assert url in call
    assert key in call
    return str(call)


@pytest.mark.slow
def test_a_power_cut_and_the_day_after(installation: Installation) -> None:
    process = installation.begin_and_wait()
    process.kill()
    process.communicate()
    wait_for(lambda: all("postgres" in each.name() for each in installation.processes()), 30)
    again = installation.begin_and_wait()
    status, out, err = interrupt(again, signal.SIGTERM)
    assert status == 0, err
    assert out == f"Spaces runs at http://127.0.0.1:{installation.port}/\n"
    assert installation.processes() == []


@pytest.mark.slow
def test_a_taken_port_is_explained(installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = installation.begin(PORT=str(taken.getsockname()[1]))
        _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Cannot listen on 127.0.0.1 port" in err
    assert "Traceback" not in err
    assert installation.processes() == []


@pytest.mark.slow
def test_a_port_that_is_none_is_explained(installation: Installation) -> None:
    process = installation.begin(PORT="65536")
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "PORT is '65536'; it must be a number from 1 to 65535." in err


@pytest.mark.slow
def test_a_data_folder_that_cannot_be_made_is_explained() -> None:
    nowhere = Installation(Path("/dev/null/var"), free_port())
    names = ("SPACES_SECRET_KEY", "SPACES_PEPPER", "SPACES_ENCRYPTION_KEY")
    process = nowhere.begin(**dict.fromkeys(names, "s" * 50))
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (1, "The data folder /dev/null/var cannot be made: Not a directory.\n")


@pytest.mark.slow
def test_ctrl_c_during_the_start_ends_everything(installation: Installation) -> None:
    process = installation.begin()
    time.sleep(2.5)
    status, _, err = interrupt(process)
    assert (status, "Traceback" in err) == (0, False), err
    assert installation.processes() == []


@pytest.mark.slow
def test_ctrl_c_at_any_moment_of_a_first_start(installation: Installation) -> None:
    for tenth in range(5, 120, 5):
        process = installation.begin()
        time.sleep(tenth / 10)
        status, _, err = interrupt(process)
        assert (status, "Traceback" in err) == (0, False), (tenth, err)
        assert installation.processes() == []
        EmbeddedPostgres(installation.data_dir).destroy()
        shutil.rmtree(installation.data_dir, ignore_errors=True)  # an early one has made none
