"""The first page: how much there is, what needs attention, what happened last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from chats.permissions import visible_chats, visible_messages
from memories.models import State
from memories.permissions import visible_memories
from spaces.filters import moment
from spaces.models import ApiKey, AuditEntry
from spaces.permissions import can, visible_contacts, visible_spaces
from spaces.requests import SpacesRequest
from spaces_project.kit.charts import Series
from spaces_project.kit.pages import capped_count, page, render_page

from .history import lines_with_chats

DAYS = 30
LATEST = 8
LOOKED_THROUGH = 400
KEY_WARNING_DAYS = 7
FAILED_SIGN_INS = 5
WAITING_HOURS = 1


@dataclass(frozen=True)
class Stat:
    """One number with its thirty days: ``per_day`` new rows, ``totals`` how many there were each day."""

    name: str
    url: str
    count: Any
    per_day: list[int]
    totals: list[int]

    @property
    def new(self) -> int:
        return sum(self.per_day)


@dataclass(frozen=True)
class Concern:
    """Something a person should look at."""

    icon: str
    level: str
    title: str
    words: str
    url: str
    since: Any = None


def days() -> list[date]:
    """The last DAYS days, today included."""
    today = timezone.localdate()
    return [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]


def stat(name: str, url_name: str, rows: Any) -> Stat:
    """Count ``rows`` and how they grew, from ``created_at``."""
    since = timezone.now() - timedelta(days=DAYS)
    grouped = rows.filter(created_at__gte=since).order_by().values(day=TruncDate("created_at")).annotate(n=Count("pk"))
    found = dict(grouped.values_list("day", "n"))
    per_day = [found.get(day, 0) for day in days()]
    count = capped_count(rows)
    totals = list(accumulate(per_day, initial=count.value - sum(per_day)))[1:]
    return Stat(name, _url(url_name), count, per_day, totals)


def _url(name: str) -> str:
    try:
        return reverse(name) if name else ""
    except NoReverseMatch:
        return ""


@page
@require_safe
def overview(request: SpacesRequest) -> HttpResponse:
    stats = _stats(request)
    activity = lines_with_chats(request.actor, _activity(request))
    context = {
        "stats": stats,
        "days": days(),
        "series": [Series("Messages", next(each.per_day for each in stats if each.name == "Messages"))],
        "concerns": _concerns(request),
        "ingestion": _ingestion(request),
        "activity": activity,
        "is_new": not stats[0].count.value,
        "may_create": can(request.actor, "space.create"),
        "audit_url": _url("audit_list") if can(request.actor, "account.read") else "",
    }
    return render_page(request, "pages/overview.html", context)


def _stats(request: SpacesRequest) -> list[Stat]:
    actor = request.actor
    return [
        stat("Spaces", "space_list", visible_spaces(actor).listed()),
        stat("Chats", "chat_list", visible_chats(actor)),
        stat("Messages", "", visible_messages(actor)),
        stat("Contacts", "contact_list", visible_contacts(actor)),
        stat("Memories", "memory_list", visible_memories(actor)),
    ]


@dataclass(frozen=True)
class Ingestion:
    """One state of memories that are not ready: how many, and where they are listed."""

    name: str
    css: str
    url: str
    count: Any


INGESTION = (
    ("Waiting", "", State.PENDING),
    ("In progress", "run", State.PROCESSING),
    ("Failed", "bad", State.FAILED),
)


def _ingestion(request: SpacesRequest) -> list[Ingestion]:
    """How many memories wait, are being ingested, and failed."""
    readable, url = visible_memories(request.actor), _url("memory_list")
    return [
        Ingestion(name, css if count.value else "", f"{url}?state={state}", count)
        for name, css, state in INGESTION
        if (count := capped_count(readable.filter(state=state))) is not None
    ]


def _activity(request: SpacesRequest) -> list[AuditEntry]:
    """The newest entries; what is said in chats only where there is nothing else, as it would drown the rest."""
    newest = list(_entries(request).newest_first()[:LOOKED_THROUGH])
    others = [entry for entry in newest if entry.object_type != "message"]
    return (others or newest)[:LATEST]


def _entries(request: SpacesRequest) -> Any:
    """The whole account's, or what a member did himself and what happened to his spaces."""
    entries = AuditEntry.objects.of(request.account)
    if can(request.actor, "account.read"):
        return entries
    spaces = visible_spaces(request.actor).listed().values("pk")
    return entries.filter(Q(actor_id=request.user.pk) | Q(object_type="space", object_id__in=spaces))


def _concerns(request: SpacesRequest) -> list[Concern]:
    return [
        *_failed_answers(request),
        *_unanswered(request),
        *_failed_memories(request),
        *_expiring_keys(request),
        *_failed_sign_ins(request),
        *_without_active_owner(request),
    ]


def _failed_answers(request: SpacesRequest) -> list[Concern]:
    """Chats whose newest answer failed, of the days that the page shows."""
    since = days()[0]
    count = capped_count(visible_chats(request.actor).failed().filter(last_message_at__gte=moment(since)))
    if not count.value:
        return []
    title = f"{count} chat{' ends' if count.value == 1 else 's end'} with a failed answer"
    url = f"{_url('chat_list')}?view=failed&active_after={since}"
    return [Concern("alert", "bad", title, "Each says why. Ask again there.", url)]


def _unanswered(request: SpacesRequest) -> list[Concern]:
    """Chats in which somebody waits for longer than an hour, of the days that the page shows."""
    since, until = days()[0], timezone.now() - timedelta(hours=WAITING_HOURS)
    waiting = visible_chats(request.actor).unanswered()
    count = capped_count(waiting.filter(last_message_at__gte=moment(since), last_message_at__lt=until))
    if not count.value:
        return []
    title = f"{count} chat{' waits' if count.value == 1 else 's wait'} for an answer"
    words = "For more than an hour, since the last message."
    url = f"{_url('chat_list')}?view=unanswered&active_after={since}"
    return [Concern("clock", "warn", title, words, url)]


def _failed_memories(request: SpacesRequest) -> list[Concern]:
    """Memories whose ingestion failed, of the days that the page shows."""
    since = days()[0]
    count = capped_count(visible_memories(request.actor).failed().filter(created_at__gte=moment(since)))
    if not count.value:
        return []
    title = f"{count} memor{'y' if count.value == 1 else 'ies'} could not be ingested"
    url = f"{_url('memory_list')}?view=failed&created_after={since}"
    return [Concern("memories", "bad", title, "Each says why. Retry or replace them.", url)]


def _expiring_keys(request: SpacesRequest) -> list[Concern]:
    keys = ApiKey.objects.of(request.account).expiring(KEY_WARNING_DAYS).select_related("user").order_by("expires_at")
    if not can(request.actor, "account.administer"):
        keys = keys.filter(user=request.user)
    return [
        Concern("key", "warn", f"The API key “{key}” expires", f"Of {key.user}", _url("api_key_list"), key.expires_at)
        for key in keys[:5]
    ]


def _failed_sign_ins(request: SpacesRequest) -> list[Concern]:
    if not can(request.actor, "account.administer"):
        return []
    day = timezone.now() - timedelta(days=1)
    failed = AuditEntry.objects.of(request.account).filter(operation="user.sign_in_failed", created_at__gte=day)
    count = failed.count()
    if count < FAILED_SIGN_INS:
        return []
    words = "In the last 24 hours. The audit says for whom and from where."
    return [Concern("alert", "warn", f"{count} sign-ins failed", words, _url("audit_list"))]


def _without_active_owner(request: SpacesRequest) -> list[Concern]:
    if not can(request.actor, "account.administer"):
        return []
    count = visible_spaces(request.actor).listed().active().filter(owner__is_active=False).count()
    if not count:
        return []
    title = f"{count} space{'' if count == 1 else 's'} of deactivated owners"
    return [Concern("contacts", "", title, "Give them to someone who is here.", _url("space_list"))]
