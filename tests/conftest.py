"""The database of a test run, a live server on it, a browser and Node: what all tests may ask for."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django.plugin import blocking_manager_key

from spaces_project.embedded_postgres import EmbeddedPostgres
from tests import cluster, tiers

cluster.prepare_environment()

TESTS = Path(__file__).parent
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
FIRST = ("up", "live", "stage", "workers", "committed")  # they take longest, by waiting or by their number
JOBS = ("procrastinate_events", "procrastinate_periodic_defers", "procrastinate_jobs")  # Django does not manage them
WORKER = pytest.StashKey[Any]()  # the live worker of this process
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Before a whole run, import the tests, each process from another place on: in a new checkout they are compiled
    then, and none needs to compile what another has."""
    worker = getattr(session.config, "workerinput", None)
    if worker and [Path(each).resolve() for each in session.config.args] == [TESTS]:
        paths = sorted(TESTS.rglob("test_*.py"))
        first = len(paths) * int(worker["workerid"].removeprefix("gw")) // worker["workercount"]
        for path in paths[first:] + paths[:first]:
            with contextlib.suppress(Exception, pytest.skip.Exception):  # told when it is collected
                importlib.import_module(".".join(path.relative_to(TESTS.parent).with_suffix("").parts))


def pytest_collection_finish() -> None:
    """A million objects stay for the whole run: the collector need not look at them again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: launchers, workers and browsers are waited for, and others go on."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Keep the tests of one `xdist_group` in one process (an option in pyproject.toml would need -n always)."""
    if config.option.numprocesses and config.option.dist == "no":
        config.option.dist = "loadgroup"
        config.option.loadscopereorder = False


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Share out whole modules, whose worlds are made once, and begin with what takes longest."""
    tiers.leave_more_cases(items)
    for item in items:
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(_group(item)))
    yield
    if hasattr(config, "workerinput"):
        groups = [item.get_closest_marker("xdist_group").args[0] for item in items]  # type: ignore[union-attr]
        sizes = Counter(groups)
        first = {name: (-len(items) + place, "") for place, name in enumerate(FIRST)}
        order = {name: (-sizes[name], name) for name in sizes} | first
        ordered = sorted(zip(groups, items, strict=True), key=lambda pair: (order[pair[0]], _needs_worker(pair[1])))
        items[:] = [item for _, item in ordered]


def _needs_worker(item: pytest.Item) -> bool:
    return "live_worker" in getattr(item, "fixturenames", ())


def pytest_runtest_setup(item: pytest.Item) -> None:
    """No worker takes the jobs of tests that did not ask for one."""
    if item.session.stash.get(WORKER, None) and not _needs_worker(item):
        item.session.stash[WORKER].stop()


def _group(item: pytest.Item) -> str:
    """What goes to one process: a module, or all that shares a live server, or that commits to the database.

    What commits is kept apart from modules with a world, which lives in a transaction.
    """
    names, database = getattr(item, "fixturenames", ()), item.get_closest_marker("django_db")
    if "_live_server" in names:
        return "live"
    if "transactional_db" in names or (database and database.kwargs.get("transaction")):
        return "committed"
    return item.location[0]


def pytest_configure(config: pytest.Config) -> None:
    """Start the cluster and load the settings (pytest-django then sets Django up)."""
    tiers.choose(config)
    if cluster.is_owner() and not config.option.collectonly:
        cluster.start()
    from django.conf import settings

    own = EmbeddedPostgres(cluster.data_dir())
    assert settings.DATABASES["default"]["OPTIONS"]["host"] == str(own.socket_dir), "not the tests' own database"


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Under xdist, migrate while the workers start."""
    if cluster.is_owner() and session.config.option.numprocesses and not session.config.option.collectonly:
        blocker = session.config.stash[blocking_manager_key]
        threading.Thread(target=cluster.make_schema, args=(blocker,), daemon=True).start()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> None:
    """The test database of this process; it goes with the cluster."""
    if cluster.is_owner():
        cluster.make_schema(django_db_blocker)
    with django_db_blocker.unblock():
        cluster.take_copy(f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'spaces')}")


def pytest_unconfigure() -> None:
    """Stop the cluster, also after Ctrl-C."""
    if cluster.is_owner():
        cluster.stop()


def _emptied_by_delete(operations: Any, style: Any, tables: list[str], **options: Any) -> list[str]:
    """What `flush` runs between tests that commit: they write few rows, and TRUNCATE makes hundreds of files anew."""
    names = [operations.quote_name(table) for table in (*tables, *JOBS)]
    return [
        "SET session_replication_role = replica",  # no key and no guard of the audit is in the way
        *(f"DELETE FROM {name}" for name in names),
        "SET session_replication_role = DEFAULT",
    ]


@pytest.fixture(scope="session", autouse=True)
def _quick_flush() -> None:
    from django.db.backends.postgresql.operations import DatabaseOperations

    DatabaseOperations.sql_flush = _emptied_by_delete


@pytest.fixture(scope="session", autouse=True)
def _squeezed_pages(django_test_environment: None) -> None:
    from tests.squeezed import watch

    watch()


@pytest.fixture(scope="session", autouse=True)
def _own_transactions(django_test_environment: None) -> None:
    from tests.own_transactions import watch

    watch()


@pytest.fixture(scope="session", autouse=True)
def _plain_templates(django_test_environment: None) -> None:
    """Render as the product does: for the test client Django keeps the context of every template, at some cost."""
    from django.template import Template
    from django.test.utils import _TestState

    Template._render = _TestState.saved_data.template_render


@pytest.fixture
def contexts(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the few tests that look at the context of an answer."""
    from django.template import Template
    from django.test.utils import instrumented_test_render

    monkeypatch.setattr(Template, "_render", instrumented_test_render)


@pytest.fixture(scope="session")
def _live_server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from tests.live import LiveServer

    server = LiveServer(tmp_path_factory.mktemp("live") / "server.log")
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def live(transactional_db: None, _live_server: str) -> str:
    """The base URL, such as `http://127.0.0.1:40123`, of a real gunicorn on this worker's test database.

    What the test writes is committed, and removed after the test.
    """
    return _live_server


@pytest.fixture(scope="session")
def _live_worker(
    request: pytest.FixtureRequest, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    from tests.live import LiveWorker

    worker = request.session.stash[WORKER] = LiveWorker(tmp_path_factory.mktemp("live") / "worker.log")
    yield worker
    worker.stop()


@pytest.fixture
def live_worker(transactional_db: None, _live_worker: Any) -> Iterator[Any]:
    """A `LiveWorker` that does the jobs of this process's test database: one process for all tests that ask for it.

    What still runs at the end of a test is waited for, what still waits is forgotten.
    """
    from tests.live import forget_jobs

    if not _live_worker.is_running:
        _live_worker.start()
    yield _live_worker
    forget_jobs()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the system's Chromium; the test is skipped when there is none."""
    for name in CHROMIUM_NAMES:
        if path := shutil.which(name):
            return path
    pytest.skip("browser tests need a Chromium on the machine (such as Debian's package chromium)")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    """A headless Chromium, as a Playwright `Browser`; use `browser.new_context()` per test."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def node_sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose node_modules hold the npm SDK as locked in tests/sdk; skipped without node or packages."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"SDK tests need {program}")
    locked = Path(__file__).parent / "sdk"
    folder = tmp_path_factory.mktemp("node")
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(locked / name, folder / name)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=os.environ | {"CI": "1"})
    if done.returncode:
        pytest.fail(f"the npm client could not install the SDK: {done.stderr.strip()[-300:]}")
    return folder
