"""A name is once for each owner, also when many ask at the same time. Its own module: it commits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from memories.models import Embedder
from spaces.models import Space
from tests.api.world import make_world

from .caller import caller


@pytest.mark.django_db(transaction=True)
@pytest.mark.thorough
def test_of_many_at_once_one_makes_the_space() -> None:
    world = make_world()
    alice = caller(world.alice)

    def attempt(_: int) -> int:
        try:
            return alice.post("spaces", {"name": "Race"}).status_code  # type: ignore[no-any-return]
        finally:
            connection.close()

    Embedder.default_of(world.account)
    with ThreadPoolExecutor(4) as threads:
        statuses = sorted(threads.map(attempt, range(6)))
    assert statuses == [201] + [409] * 5
    assert Space.objects.filter(name="Race").count() == 1
