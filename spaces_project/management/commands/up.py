"""Run Spaces: database, web server and job worker, until Ctrl-C."""

from __future__ import annotations

import contextlib
import http.client
import socket
import sys
import time
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, SystemCheckError
from django.db import connection, connections

from spaces import bootstrap
from spaces_project import preparation, running
from spaces_project.embedded_postgres.locations import make_data_dir
from spaces_project.env import BASE_DIR, DATA_DIR, env
from spaces_project.supervisor import Child, StopRequested, StopSignals, Supervisor, say

START_SECONDS = 90
BIND_SECONDS = 3  # a killed supervisor's web server needs a moment to let go of the port


class Command(BaseCommand):
    help = (
        "Run Spaces until Ctrl-C: the embedded database (unless DATABASE_URL is set), the web server on "
        "HOST:PORT (127.0.0.1:8000) and the job worker. The first start prints how to sign in."
    )
    requires_system_checks: list[str] = []  # migrate runs them, when the database answers

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = address()
        signals = StopSignals()
        supervisor = Supervisor(signals, settings.EMBEDDED)
        with only_one(url_of(host, port)), listener(host, port) as web_socket:
            try:
                self.run(supervisor, web_socket, url_of(host, port))
            except (StopRequested, Exception):
                if not signals.count:
                    raise
                say("Stopping …")  # what went wrong after the signal went wrong because of it
            finally:
                supervisor.stop()

    def run(self, supervisor: Supervisor, web_socket: socket.socket, url: str) -> None:
        """Start everything in order, then watch it; raises StopRequested when a signal came."""
        first: bootstrap.FirstStart | None = None
        try:
            if supervisor.database is not None:
                supervisor.database.start()
            with supervisor.signals.interruptible():
                prepare()
            first = begin()  # a signal now must wait: the password is nowhere else
            supervisor.signals.check()
            supervisor.add(web_server(web_socket))
            for worker in job_workers():
                supervisor.add(worker)
            wait_until_it_answers(supervisor, web_socket)
            self.stdout.write(f"Spaces runs at {url}")
        finally:
            if first is not None:  # nobody can ask for these again, so they are told whatever happened
                self.stdout.write(how_to_begin(first, url))
            self.stdout.flush()
        supervisor.watch()


def address() -> tuple[str, int]:
    """HOST and PORT. Raises CommandError for what cannot be a port."""
    host, port = env.str("HOST", "") or "127.0.0.1", env.str("PORT", "") or "8000"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise CommandError(f"PORT is {port!r}; it must be a number from 1 to 65535.")
    return host, int(port)


def url_of(host: str, port: int) -> str:
    """The address to type into a browser on this machine."""
    if host in ("0.0.0.0", "::", "*"):  # noqa: S104 (recognised, not bound)
        host = "localhost"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


@contextlib.contextmanager
def only_one(url: str) -> Iterator[None]:
    """Hold the data folder for this process. Raises CommandError when another holds it, or when it cannot be used."""
    make_data_dir(DATA_DIR)
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(running.alone(url))
        except running.AlreadyRuns as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"The data folder {DATA_DIR} cannot be used: {error.strerror}.") from error
        yield


def listener(host: str, port: int) -> socket.socket:
    """The web server's socket, held by the supervisor over restarts. Raises CommandError when it is taken."""
    end = time.monotonic() + BIND_SECONDS
    while True:
        try:
            return bound(host, port)
        except OSError as error:
            if time.monotonic() > end or isinstance(error, socket.gaierror):
                raise CommandError(
                    f"Cannot listen on {host} port {port} ({error.strerror}): "
                    f"stop what uses it, or choose another with PORT=…"
                ) from error
        time.sleep(0.2)


def bound(host: str, port: int) -> socket.socket:
    """A listening TCP socket."""
    family, _, _, _, sockaddr = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    return socket.create_server(sockaddr[:2], family=family, backlog=2048)


def prepare() -> None:
    """Schema and static files."""
    with short_visit():
        missing = preparation.missing_migrations()
        if missing:
            say(f"Preparing the database ({missing} migrations) …")
        try:
            preparation.migrate()
        except SystemCheckError as error:
            raise CommandError(str(error)) from error
    if preparation.collect_static():
        say("Collected the static files.")


def begin() -> bootstrap.FirstStart | None:
    """What the first start of an empty database makes; None at every later start."""
    with short_visit():
        return bootstrap.first_start(env.str("SPACES_ADMIN_PASSWORD", ""))


@contextlib.contextmanager
def short_visit() -> Iterator[None]:
    """Use the database without a pool, whose threads would stay in the supervisor."""
    connection.settings_dict["OPTIONS"].pop("pool", None)
    try:
        yield
    finally:
        connections.close_all()


def web_server(web_socket: socket.socket) -> Child:
    """gunicorn on the socket that the supervisor holds."""
    configuration = str(BASE_DIR / "spaces_project" / "gunicorn_conf.py")
    command = [sys.executable, "-m", "gunicorn", "-c", configuration, "--chdir", str(BASE_DIR), "spaces_project.wsgi"]
    environment = {"SUPERVISOR_FD": str(web_socket.fileno())}
    return Child("web server", command, environment, pass_fds=[web_socket.fileno()])


def job_workers() -> list[Child]:
    """The processes that do the background jobs: what computes for long has one of its own, so that answers flow."""
    return [
        _worker("job worker", "answers", "webhooks", "upkeep", "jobs"),
        _worker("ingestion worker", "ingestion", "indexes"),
    ]


def _worker(name: str, *groups: str) -> Child:
    command = [sys.executable, str(BASE_DIR / "manage.py"), "worker", "--only", *groups]
    # One job is one thread of work: numeric libraries must not take all cores for each.
    return Child(name, command, {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"})


def wait_until_it_answers(supervisor: Supervisor, web_socket: socket.socket) -> None:
    """Return when /healthz is 200. Raises CommandError after START_SECONDS, StopRequested on a signal."""
    end = time.monotonic() + START_SECONDS
    while not _healthy(web_socket.getsockname()):
        supervisor.signals.check()
        if time.monotonic() > end:
            raise CommandError("The web server does not answer; the lines above say why.")
        supervisor.tick()


def _healthy(address: tuple[Any, ...]) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address[0], address[0])  # noqa: S104
    request = http.client.HTTPConnection(host, address[1], timeout=2)
    try:
        request.request("GET", "/healthz")
        return request.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        request.close()


def how_to_begin(first: bootstrap.FirstStart, url: str) -> str:
    """What only the first start prints."""
    password = first.password or "as given in SPACES_ADMIN_PASSWORD"
    call = (
        f"curl -X POST {url}api/v1/space/create -H 'Authorization: Bearer {first.api_key}' "
        f"-H 'Content-Type: application/json' -d '{{\"name\": \"My first space\"}}'"
    )
    lines = [
        "",
        "This is the first start. Note the following; it is not shown again.",
        "",
        f"  address    {url}",
        f"  user name  {first.user_name}",
        f"  password   {password}",
        f"  API key    {first.api_key}",
        "",
        "A first call of the API:",
        "",
        f"  {call}",
        "",
    ]
    if settings.EMBEDDED is not None:
        lines += ["An operator of the whole installation (for /admin/) is made by: manage.py operator create", ""]
    return "\n".join(lines)
