"""What GoodMem's routes must not tell or do for whom: time that is over, models, histories, contents."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from memories.models import Memory

from .caller import Caller, refused, told
from .library import desk, listed, ready


def test_what_has_expired_is_gone_before_it_is_removed(world: Any, alice: Caller) -> None:
    space = desk(world)
    gone, stays = ready(world, alice, space, "Gone", "Stays")
    Memory.objects.filter(pk=gone).update(expires_at=timezone.now() - timedelta(seconds=1))
    Memory.objects.filter(pk=stays).update(expires_at=timezone.now() + timedelta(hours=1))
    for route in (f"memories/{gone}", f"memories/{gone}/content"):
        assert refused(alice.get(route)) == (404, f"Memory not found: {gone}")
    assert refused(alice.delete(f"memories/{gone}"))[0] == 404
    assert listed(alice, space) == [stays]
    (result,) = told(alice.post("memories:batchGet", {"memoryIds": [gone]}), 207)["results"]
    assert result["success"] is False
    everything = {"filterSelector": {"spaceId": str(space.pk)}}
    assert told(alice.post("memories:batchDelete", {"requests": [everything]}))["totalDeleted"] == 1
    assert list(Memory.objects.expired().values_list("pk", flat=True)) == [Memory.objects.get().pk]
