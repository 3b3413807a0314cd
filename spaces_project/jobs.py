"""Background jobs: what every procrastinate worker does besides the apps' own tasks.

A job whose worker was killed stays `doing` for ever unless somebody looks: `sweep_stalled_jobs` does. Tasks run at
least once, so they have to be idempotent.
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from procrastinate import App, Blueprint, RetryStrategy, builtin_tasks
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

logger = logging.getLogger(__name__)

ATTEMPTS = 5
UPKEEP = "upkeep"
KEPT_HOURS = 7 * 24
RETRY = RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=3)  # for tasks that fail by exception

# In cron expressions of six fields the seconds come last.
EVERY_5_SECONDS = "* * * * * */5"
DAILY = "17 3 * * *"

tasks = Blueprint()


def on_app_ready(app: App) -> None:
    """Add our tasks to the app that procrastinate makes for Django (PROCRASTINATE_ON_APP_READY)."""
    from chats.jobs import tasks as chat_tasks
    from memories.jobs import tasks as memory_tasks
    from spaces.jobs import tasks as webhook_tasks

    app.add_tasks_from(tasks, namespace="spaces")
    app.add_tasks_from(chat_tasks, namespace="chats")
    app.add_tasks_from(memory_tasks, namespace="memories")
    app.add_tasks_from(webhook_tasks, namespace="webhooks")


# No `lock`: a lock held by a sweep that itself stalled would stop all later ones.
@tasks.periodic(cron=EVERY_5_SECONDS)
@tasks.task(name="sweep_stalled_jobs", queue=UPKEEP, queueing_lock="sweep_stalled_jobs", pass_context=True)
async def sweep_stalled_jobs(context, timestamp: int) -> None:  # type: ignore[no-untyped-def]
    """Give the jobs of dead workers to living ones; after ATTEMPTS attempts they are failed."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=stalled_seconds()):
        if is_last_attempt(job):
            logger.error("job %s (%s) failed: its worker died %s times", job.id, job.task_name, ATTEMPTS)
            await manager.finish_job(job, status=Status.FAILED, delete_job=False)
        else:
            await _retry(manager, job)


def stalled_seconds() -> float:
    """How long a worker may be silent before its jobs are another's; it sends a heartbeat three times as often."""
    return float(settings.PROCRASTINATE_WORKER_DEFAULTS["stalled_worker_timeout"])


async def _retry(manager: JobManager, job: Job) -> None:
    try:
        await manager.retry_job(job)
    except UniqueViolation:  # another job with its queueing lock waits already, and will do the same
        await manager.finish_job(job, status=Status.FAILED, delete_job=False)


def is_last_attempt(job: Job) -> bool:
    """Whether a job being done is being done for the last time (`attempts` counts the ones before)."""
    return job.attempts + 1 >= ATTEMPTS


@tasks.periodic(cron=DAILY)
@tasks.task(name="remove_finished_jobs", queueing_lock="remove_finished_jobs", pass_context=True)
async def remove_finished_jobs(context, timestamp: int) -> None:  # type: ignore[no-untyped-def]
    """Delete jobs that ended, however they ended, more than KEPT_HOURS ago."""
    await builtin_tasks.remove_old_jobs(
        context, max_hours=KEPT_HOURS, remove_failed=True, remove_cancelled=True, remove_aborted=True
    )


@tasks.periodic(cron=DAILY)
@tasks.task(name="remove_expired_sessions", queueing_lock="remove_expired_sessions")
def remove_expired_sessions(timestamp: int) -> None:
    """Delete the sessions that nobody can use any more."""
    SessionStore.clear_expired()
