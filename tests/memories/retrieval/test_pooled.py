"""A search by meaning and by words on two connections at once."""

from __future__ import annotations

import pytest

from memories.retrieval import Mode
from tests.memories.retrieval.world import World
from tests.pooled import pooled

RARE = ("When does the garage close?", "cats or dogs", "4711")
OTHERS = ('"second floor"', "nothing of this", "")  # which have no rare words, or are looked for by all


@pytest.mark.django_db(transaction=True)
def test_two_connections_find_what_one_finds() -> None:
    world, asked = World(), [(text, mode) for text in RARE + OTHERS for mode in Mode]
    expected = [world.names(text, mode=mode) for text, mode in asked]
    with pooled() as database:
        assert [world.names(text, mode=mode) for text, mode in asked] == expected
        taken = database.pool.get_stats()["requests_num"]
    by_words = len(RARE) * (len(Mode) - 1)
    assert taken == 1 + by_words, "the thread's own, and the other one each time"
