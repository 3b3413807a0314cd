"""Jobs of dead workers are given to living ones; ended jobs and sessions do not pile up."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from croniter import croniter
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from spaces_project import jobs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_jobs() -> Iterator[None]:
    """Procrastinate's tables are not emptied with the others."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers CASCADE")


def do(task: Callable[..., Coroutine[Any, Any, None]]) -> None:
    """Do one of our asynchronous tasks as a worker does it."""

    async def with_a_connection() -> None:
        worker = app.with_connector(app.connector.get_worker_connector())
        async with worker.open_async():
            await task(SimpleNamespace(app=worker), 0)

    # In a thread of its own: Playwright, when it has been used, keeps an event loop running in ours.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, with_a_connection()).result()


def a_job(lock: str | None = None) -> int:
    """A waiting job; its id. At most one job waits with one queueing lock."""
    job: int = jobs.remove_expired_sessions.configure(queueing_lock=lock or secrets.token_hex(4)).defer(timestamp=0)
    return job


def job_of_a_worker(silent_seconds: int, attempts: int, lock: str | None = None) -> int:
    """A job that is being done by a worker last heard of so long ago; its id."""
    job_id = a_job(lock)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) SELECT now() - make_interval(secs => %s) RETURNING id",
            [silent_seconds],
        )
        (worker,) = cursor.fetchone()
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s, attempts = %s WHERE id = %s",
            [worker, attempts, job_id],
        )
    return job_id


def state(job_id: int) -> tuple[str, int]:
    job = ProcrastinateJob.objects.get(pk=job_id)
    return job.status, job.attempts


def test_a_dead_workers_job_is_done_again() -> None:
    job = job_of_a_worker(silent_seconds=11, attempts=0)
    do(jobs.sweep_stalled_jobs)
    assert state(job) == ("todo", 1)


def test_a_living_workers_job_is_left_alone() -> None:
    job = job_of_a_worker(silent_seconds=5, attempts=0)
    do(jobs.sweep_stalled_jobs)
    assert state(job) == ("doing", 0)


def test_the_fifth_dead_worker_is_the_last() -> None:
    before, last = job_of_a_worker(11, attempts=3), job_of_a_worker(11, attempts=4)
    do(jobs.sweep_stalled_jobs)
    assert state(before) == ("todo", 4)
    assert state(last) == ("failed", 5)


def test_a_job_whose_worker_is_forgotten_is_done_again() -> None:
    job = job_of_a_worker(silent_seconds=5, attempts=0)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")
    do(jobs.sweep_stalled_jobs)
    assert state(job) == ("todo", 1)


def test_a_job_whose_successor_waits_does_not_hold_up_the_others() -> None:
    superseded, other = job_of_a_worker(11, attempts=0, lock="one"), job_of_a_worker(11, attempts=0)
    successor = a_job(lock="one")
    do(jobs.sweep_stalled_jobs)
    assert state(superseded)[0] == "failed"
    assert state(other) == ("todo", 1)
    assert state(successor) == ("todo", 0)


def test_a_job_goes_with_the_transaction_it_was_made_in() -> None:
    with transaction.atomic():
        a_job()
        transaction.set_rollback(True)
    assert not ProcrastinateJob.objects.exists()


def test_ended_jobs_go_after_a_week() -> None:
    old, recent, waiting = a_job(), a_job(), a_job()
    with connection.cursor() as cursor:
        for job, status, days in ((old, "failed", 8), (recent, "succeeded", 6)):
            cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [job])
            cursor.execute("UPDATE procrastinate_jobs SET status = %s WHERE id = %s", [status, job])
            cursor.execute(
                "UPDATE procrastinate_events SET at = now() - make_interval(days => %s) WHERE job_id = %s", [days, job]
            )
    do(jobs.remove_finished_jobs)
    assert set(ProcrastinateJob.objects.values_list("pk", flat=True)) == {recent, waiting}


def test_only_expired_sessions_are_removed() -> None:
    for days in (-1, 1):
        session = SessionStore()
        session.create()
        Session.objects.filter(pk=session.session_key).update(expire_date=timezone.now() + timedelta(days=days))
    jobs.remove_expired_sessions(timestamp=0)
    assert Session.objects.get().expire_date > timezone.now()


def test_the_sweep_comes_every_five_seconds() -> None:
    cron = croniter(jobs.EVERY_5_SECONDS, datetime(2030, 1, 1, 12, 0, 1))
    seconds = [cron.get_next(datetime).second for _ in range(5)]
    assert seconds == [5, 10, 15, 20, 25]
    registered = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert registered["spaces:sweep_stalled_jobs"] == jobs.EVERY_5_SECONDS
    assert {"spaces:remove_finished_jobs", "spaces:remove_expired_sessions"} <= registered.keys()
