"""The jobs of memories: ingestion, and what keeps it from being forgotten."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils import timezone
from procrastinate import Blueprint, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from spaces.expiry import remove_expired
from spaces.models import Account, AuditEntry
from spaces_project.kit import limits

from .models import Memory, SearchLog, State, Upload, used_originals

QUEUE = "ingestion"
INDEXES = "indexes"
UPKEEP = "upkeep"
NOW, LATER = 1, 0  # priorities
LOST_SECONDS = 60
EVERY_MINUTE = "* * * * *"
EVERY_5_MINUTES = "*/5 * * * *"
HOURLY = "41 * * * *"
DAILY = "47 3 * * *"
RETRY = RetryStrategy(max_attempts=limits.INGESTION_ATTEMPTS + 1, exponential_wait=3)  # when the database failed

tasks = Blueprint()


def enqueue(memory: Memory, *, later: int = 0) -> None:
    """Have this generation of a memory ingested; in the transaction of what asks for it."""
    options: dict[str, Any] = {"lock": f"memory:{memory.pk}", "queue": QUEUE, "priority": NOW}
    if later:
        options |= {"schedule_in": {"seconds": later}, "priority": LATER}
    job = app.configure_task("memories:ingest", **options)
    job.defer(account=str(memory.account_id), memory=str(memory.pk), generation=memory.generation)


@tasks.task(name="ingest", queue=QUEUE, pass_context=True, retry=RETRY)
def ingest(context: Any, account: str, memory: str, generation: int) -> None:
    """One try of one generation."""
    from .ingestion import ingest

    ingest(UUID(account), UUID(memory), generation, context.should_abort)


# -------------------------------------------------------------------- upkeep


@tasks.periodic(cron=EVERY_MINUTE)
@tasks.task(name="find_lost_memories", queue=UPKEEP, queueing_lock="find_lost_memories")
def find_lost_memories(timestamp: int) -> None:
    """Memories that are due and that no job is going to ingest (its tries ended with the database down) get one."""
    since = timezone.now() - timedelta(seconds=LOST_SECONDS)
    jobs = ProcrastinateJob.objects.filter(task_name="memories:ingest", status__in=("todo", "doing"))
    mine = jobs.annotate(named=KT("args__memory")).filter(named=Cast(OuterRef("pk"), TextField()))
    due = Memory.objects.unfinished().filter(updated_at__lt=since).filter(~Exists(mine))
    for memory in due[: limits.BULK_ROWS]:
        enqueue(memory)


@tasks.periodic(cron=HOURLY)
@tasks.task(name="remove_expired_memories", queueing_lock="remove_expired_memories")
def remove_expired_memories(timestamp: int) -> None:
    """Delete the memories whose time is over, and those whose file never came, each with its entry in the audit."""
    remove_expired(Memory.objects.expired())
    remove_expired(_abandoned())


def _abandoned() -> Any:
    """Announced a day ago, and there is no place any more that their file could be put to."""
    since = timezone.now() - timedelta(seconds=24 * limits.UPLOAD_SECONDS)
    coming = Upload.objects.open().filter(account=OuterRef("account"), memory=OuterRef("pk"))
    announced = Memory.objects.filter(state=State.UPLOADING, original="", updated_at__lt=since)
    return announced.filter(~Exists(coming))


@tasks.periodic(cron=DAILY)
@tasks.task(name="remove_unused_originals", queueing_lock="remove_unused_originals")
def remove_unused_originals(timestamp: int) -> None:
    """Delete files that nothing has named for a day, and forget the places to put files to whose time is over."""
    from .originals import remove_unused

    Upload.objects.over().delete()
    remove_unused(_used)


def _used(account: UUID, names: list[str]) -> Collection[str]:
    """Which of these files of an account are in use. All are, of one that this database has never had: it is a new
    one, or not restored yet, beside the files of an old one."""
    was_here = AuditEntry.objects.filter(account=None, operation="account.delete", object_id=account)
    if was_here.exists() or Account.objects.filter(pk=account).exists():
        return used_originals(account, names)
    return names


@tasks.periodic(cron=DAILY)
@tasks.task(name="remove_old_searches", queueing_lock="remove_old_searches")
def remove_old_searches(timestamp: int) -> None:
    """Forget searches after SEARCH_LOG_DAYS."""
    SearchLog.objects.filter(created_at__lt=timezone.now() - timedelta(days=limits.SEARCH_LOG_DAYS)).delete()


@tasks.periodic(cron=EVERY_5_MINUTES)
@tasks.task(name="tend_indexes", queue=INDEXES, queueing_lock="tend_indexes", lock="tend_indexes")
def tend_indexes(timestamp: int) -> None:
    """Build the vector indexes that are wanted, and drop the others: one at a time in the installation."""
    from .indexing import tend

    tend()
