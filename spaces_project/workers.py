"""The workers of one worker process: kinds of jobs that must not wait for each other have threads of their own.

Answers and webhooks mostly wait for other servers, so many run at once, and a slow receiver of webhooks holds up no
answer; ingestion computes, so few do, in a process of its own; what finds stalled jobs must never stand in a queue
behind long ones; everything else shares a few threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.conf import settings
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector

from chats.jobs import QUEUE as ANSWERS
from chats.jobs import UPKEEP
from memories.jobs import INDEXES
from memories.jobs import QUEUE as INGESTION
from spaces.jobs import QUEUE as WEBHOOKS

GRACE_SECONDS = 5  # for jobs that run, when the process is asked to end; answers are then put back
UPKEEP_JOBS = 2
WEBHOOK_JOBS = 8
GROUPS = ("answers", "webhooks", "upkeep", "jobs", "ingestion", "indexes")


@dataclass(frozen=True)
class Group:
    """Queues that share ``jobs`` threads.

    Workers are told of new jobs; once in a while one is missed (told while the worker just looked), so they also look
    by themselves every ``look_seconds``.
    """

    name: str
    queues: tuple[str, ...]
    jobs: int
    look_seconds: float = 5


def groups(known: App) -> dict[str, Group]:
    """All queues that a task names, each in one group, by name."""
    rest = {task.queue for task in known.tasks.values()} - {ANSWERS, WEBHOOKS, UPKEEP, INGESTION, INDEXES}
    found = (
        Group("answers", (ANSWERS,), settings.ANSWERS_AT_ONCE, look_seconds=1),
        Group("webhooks", (WEBHOOKS,), WEBHOOK_JOBS),
        Group("upkeep", (UPKEEP,), UPKEEP_JOBS),
        Group("jobs", tuple(sorted(rest)), settings.PROCRASTINATE_WORKER_DEFAULTS["concurrency"]),
        Group("ingestion", (INGESTION,), settings.INGESTED_AT_ONCE, look_seconds=1),
        Group("indexes", (INDEXES,), 1),
    )
    return {group.name: group for group in found}


async def work(*names: str) -> None:
    """Do jobs, of the groups named or of all, until SIGTERM or SIGINT.

    Raises what makes a worker unable to go on, such as a lost database.
    """
    chosen = [group for name, group in groups(app).items() if not names or name in names]
    asyncio.get_running_loop().set_default_executor(
        ThreadPoolExecutor(sum(group.jobs for group in chosen), thread_name_prefix="job")
    )
    # Each group listens on a connection; the others carry fetching, heartbeats and results.
    connector = PsycopgConnector(kwargs=connector_params(), min_size=len(chosen) + 1, max_size=len(chosen) + 5)
    worker_app = app.with_connector(connector)
    async with worker_app.open_async():
        with ending() as end:
            await _together([asyncio.create_task(_worker(worker_app, group)) for group in chosen], end)


async def _worker(worker_app: App, group: Group) -> None:
    await worker_app.run_worker_async(
        queues=list(group.queues),
        name=group.name,
        concurrency=group.jobs,
        fetch_job_polling_interval=group.look_seconds,
        install_signal_handlers=False,
        shutdown_graceful_timeout=GRACE_SECONDS,
    )


@contextlib.contextmanager
def ending() -> Iterator[asyncio.Event]:
    """Set by a signal to end."""
    end, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    try:
        yield end
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


async def _together(workers: list[asyncio.Task[None]], end: asyncio.Event) -> None:
    """Until the end is asked for, or one of them ends by itself: then all of them end."""
    waiting = asyncio.create_task(end.wait())
    done, _ = await asyncio.wait([*workers, waiting], return_when=asyncio.FIRST_COMPLETED)
    for task in [*workers, waiting]:
        task.cancel()
    results = await asyncio.gather(*workers, waiting, return_exceptions=True)
    if waiting in done:
        return  # asked to end: what a lost database says meanwhile changes nothing
    for result in results:
        if isinstance(result, Exception):
            raise result
    raise RuntimeError("a worker ended by itself; the lines above say why")
