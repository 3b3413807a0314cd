"""What was searched for, kept for a while for the retrieval page: SPACES_SEARCH_LOG_SHARE of the searches."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.conf import settings

from memories.models import SearchLog
from spaces.actors import Actor
from spaces_project.kit import limits

from .types import Found, Place, Query


def keep(actor: Actor, places: Sequence[Place], query: Query, found: Found, source: str) -> None:
    """Write a search down, in each account that was searched, unless it is not among those that are kept."""
    if random.random() >= settings.SEARCH_LOG_SHARE:  # noqa: S311  not a secret
        return
    home = actor.account.pk if actor.account and (query.folders or query.chat) else None
    for account in {place.space.account_id for place in places} | ({home} if home else set()):
        own = [place for place in places if place.space.account_id == account]
        others = [place for place in places if place.space.account_id != account]
        _keep(actor, account, own, query, _part(found, own, others, is_home=account == home), source)


def _part(found: Found, own: Sequence[Place], others: Sequence[Place], *, is_home: bool) -> Found:
    """What was found in an account's own places; at home, where folders and chats were searched too, all but what was
    found in places of others: nothing is told of those."""
    theirs, ours = {place.space.pk for place in others}, {place.space.pk for place in own}
    kept = (each for each in found if (each.space_id not in theirs if is_home else each.space_id in ours))
    return replace(found, passages=tuple(kept))


def _keep(actor: Actor, account: UUID, places: Sequence[Place], query: Query, found: Found, source: str) -> None:
    SearchLog.objects.create(
        account_id=account,
        space=places[0].space if len(places) == 1 else None,
        chat_id=query.chat,
        user=actor.user if actor.user and actor.user.account_id == account else None,
        source=source,
        question=query.text.replace("\x00", "")[: limits.SEARCH_QUERY_CHARS],
        found_count=len(found),
        milliseconds=round(sum(stage.milliseconds for stage in found.stages), 3),
        explanation=_explained(places, query, found),
    )


def _explained(places: Sequence[Place], query: Query, found: Found) -> dict[str, Any]:
    return {
        "mode": query.mode,
        "limit": query.limit,
        "spaces": [str(place.space.pk) for place in places],
        "stages": [[stage.name, stage.milliseconds, stage.count] for stage in found.stages],
        "found": [[str(each.chunk_id), str(each.memory_id), round(each.score, 6)] for each in found],
        "problems": [problem.code for problem in found.problems],
    }
