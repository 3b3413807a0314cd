"""Going by what was seen of a space last: one statement, which also notices what has changed since."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from memories.models import Embedder, set_embedders
from memories.retrieval import Mode, Place, Query, search
from spaces.models import Space

from .world import World

TEXT = "dogs are welcome in the office"


def asked(world: World, mode: Mode = Mode.VECTOR) -> tuple[list[str], int]:
    """The names of what is found, and by how many statements."""
    with CaptureQueriesContext(connection) as statements:
        found = search(world.by, [Place(world.home)], Query(TEXT, mode=mode, limit=4))
    return [each.name for each in found], len(statements)


def test_a_second_search_needs_one_statement(world: World) -> None:
    first, second = asked(world), asked(world)
    assert (first[0], second) == (["pets", *first[0][1:]], (first[0], 1))
    assert asked(world, Mode.COMBINED)[0][0] == "pets"


def test_another_weight_counts_at_once(world: World) -> None:
    asked(world)
    set_embedders(world.by, world.home, [(Embedder.default_of(world.account), 0.0)])
    assert asked(world)[0] == []
    set_embedders(world.by, world.home, [(Embedder.default_of(world.account), 2.0)])
    found = search(world.by, [Place(world.home)], Query(TEXT, mode=Mode.VECTOR))
    assert found[0].scores["vector"] == 2 * found[0].scores["similarity"]


def test_another_embedder_counts_at_once(world: World) -> None:
    """What it has not embedded yet is not found by the old one's vectors."""
    asked(world)
    (other,) = Embedder.objects.of(world.account).exclude(pk=Embedder.default_of(world.account).pk).builtins()
    set_embedders(world.by, world.home, [(other, 1.0)])
    assert asked(world)[0] == []


def test_what_is_gone_is_not_remembered(world: World) -> None:
    asked(world)
    for memory in world.memories.values():
        memory.remove(world.by)
    assert asked(world)[0] == []
    world.remember("Dogs are welcome.", name="again")
    assert asked(world)[0] == ["again"]


def test_spaces_of_one_setup_stay_apart(world: World) -> None:
    asked(world)
    other = Space.objects.get(pk=world.remember("Dogs.", space=world.account.default_space, name="own").space_id)
    assert world.names(TEXT, Place(other), mode=Mode.VECTOR) == ["own"]
    assert "own" not in asked(world)[0]
