"""How much a scope rule leaves, while it is being written: counted over what who writes it may read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from chats.models import Assistant
from memories.filters.uniqueql import expand, parse
from memories.permissions import visible_memories
from spaces.actors import Actor
from spaces.models import Space
from spaces.pages.space import manageable
from spaces.requests import SpacesRequest
from spaces_project.kit.pages import Count, capped_count, page, render_page, wants_fragment

from .assistant import assistant_page
from .rule_form import RuleForm

NAMED = 5
MILLISECONDS = 1_500
TIMEOUT = "SELECT set_config('statement_timeout', %s, true)"
PREFIX = re.compile(r"rules-[0-9]{1,3}")


@dataclass(frozen=True)
class Matched:
    """``count`` of ``total`` memories and files, the first of them; or why it cannot be said."""

    count: Count | None = None
    total: Count | None = None
    names: list[str] = field(default_factory=list)
    has_variables: bool = False
    error: str = ""


@page
@require_POST
def space_rule_count(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """What the rule ``check`` (the prefix of its form) matches. The whole page for who has no JavaScript."""
    space, prefix = manageable(request, pk), request.POST.get("check", "")
    matched = _matched(request, space, prefix) if PREFIX.fullmatch(prefix) else Matched(error="There is no such rule.")
    if wants_fragment(request):
        return render_page(request, "spaces/_rule_count.html", {"matched": matched})
    return assistant_page(request, space, matched=matched, checked=prefix)


def _matched(request: SpacesRequest, space: Space, prefix: str) -> Matched:
    stored = {str(rule.pk): rule for rule in Assistant.of(space).rules()}
    known = stored.get(request.POST.get(f"{prefix}-id", ""))
    initial = {"rule": known.rule, "is_advanced": known.is_advanced, "title": known.title} if known else {}
    form = RuleForm(request.POST, prefix=prefix, initial=initial, actor=request.actor)
    if not form.is_valid():
        return Matched(error=" ".join(text for errors in form.errors.values() for text in map(str, errors)))
    if form.cleaned_data.get("rule") is None:
        return Matched()
    with_folders = bool(request.POST.get("internal_search"))
    return count(request.actor, space, form.cleaned_data["rule"], with_folders=with_folders)


def count(actor: Actor, space: Space, rule: Any, *, with_folders: bool) -> Matched:
    """Over the memories of the space, and the files of folders when its answers use them; in bounded time. Variables
    are this person's; parameters of a call are not set."""
    read = expand(parse(rule), timezone.now(), actor.user_metadata)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            (usual,) = cursor.fetchone()
            cursor.execute(TIMEOUT, [str(MILLISECONDS)])
            rows = _usable(actor, space, with_folders=with_folders)
            found = rows.ruled_by(space.account_id, read).gathered()
            names = [str(each) for each in found.order_by("-created_at", "-id").only("id", "name", "key")[:NAMED]]
            counted, total = capped_count(found), capped_count(rows)
            cursor.execute(TIMEOUT, [usual])
    except OperationalError:
        return Matched(error=f"It takes more than {MILLISECONDS / 1000:g} seconds to count. Saving it is possible.")
    return Matched(counted, total, names, "<userMetadata." in str(rule) or "<toolParameters." in str(rule))


def _usable(actor: Actor, space: Space, *, with_folders: bool) -> Any:
    used = Q(space=space, folder=None)
    return visible_memories(actor).filter(used | Q(folder__isnull=False) if with_folders else used)
