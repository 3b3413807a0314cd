"""What happens to a memory between the claim of a try and its end: the try then changes nothing, or the right thing."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from memories import bulk, ingestion, texts
from memories.models import Chunk, Embedder, Embedding, Memory, State, set_embedders
from memories.models.embedders import Builtin
from memories.retrieval import Query, retrieve
from tests.factories import make_chat, make_space
from tests.ingesting import ingest_all

from .world import POEM, World, assert_is_whole, assert_no_orphans, chunks_of, fresh, tries, waiting

OTHER = "Nothing of the poem is left: the bridge is open now, and nobody needs a ferry."
STAGES = [1, 2, 3]  # before extracting, chunking, embedding


def once(call: int, change: Callable[[], Any]) -> Callable[[], bool]:
    """For ``should_stop``: never, but the n-th time it is asked ``change`` is done."""
    calls = itertools.count(1)

    def hook() -> bool:
        if next(calls) == call:
            change()
        return False

    return hook


def found(world: World, text: str, space: Any = None) -> list[Any]:
    return [passage.memory_id for passage in retrieve(world.by, [space or world.home], Query(text))]


@pytest.mark.parametrize("call", STAGES)
def test_deleted(world: World, call: int) -> None:
    memory, neighbour = world.add(), world.remember(OTHER)

    def delete() -> None:
        Memory.objects.get(pk=memory.pk).remove(world.by)

    ingestion.ingest(memory.account_id, memory.pk, 1, once(call, delete))
    assert not Memory.objects.filter(pk=memory.pk).exists()
    assert_no_orphans()
    assert_is_whole(neighbour, OTHER)


@pytest.mark.parametrize("call", STAGES)
@pytest.mark.parametrize("was_there", [False, True], ids=["new", "there"])
def test_replaced(world: World, call: int, was_there: bool) -> None:
    """What was there is found until the new file comes, then nothing until that is ingested."""
    memory = world.remember() if was_there else world.add()
    if was_there:
        assert memory.pk in found(world, "ferry past noon")
        ingestion.again(world.by, memory)

    def replace() -> None:
        ingestion.replace(world.by, Memory.objects.get(pk=memory.pk), OTHER.encode())

    ingestion.ingest(memory.account_id, memory.pk, memory.generation, once(call, replace))
    last = memory.generation + 1
    assert fresh(memory).state == State.PENDING
    assert tries(memory)[-1] == (memory.generation, 1, False, "SUPERSEDED")
    assert waiting(memory)[-1][0] == last
    assert found(world, "ferry past noon") == []
    ingest_all(world.account)
    assert_is_whole(memory, OTHER)
    assert tries(memory)[-1] == (last, 1, True, "")
    assert_no_orphans()


def test_a_try_of_an_older_generation_does_nothing(world: World) -> None:
    memory = world.add()
    ingestion.again(world.by, memory)
    ingestion.ingest(memory.account_id, memory.pk, 1)
    assert (fresh(memory).state, tries(memory)) == (State.PENDING, [])


@pytest.mark.parametrize("call", STAGES)
@pytest.mark.parametrize("many", [False, True], ids=["alone", "with many"])
def test_moved(world: World, call: int, many: bool) -> None:
    """It begins anew, as its new space embeds, and is found there alone."""
    memory, other = world.add(), make_space(world.account, name="Other")

    def move() -> None:
        if many:
            bulk.move(other).write(Memory.objects.filter(pk=memory.pk), {})
        else:
            Memory.objects.get(pk=memory.pk).change(world.by, space=other)

    ingestion.ingest(memory.account_id, memory.pk, 1, once(call, move))
    assert (fresh(memory).state, chunks_of(memory)) == (State.PENDING, [])
    assert tries(memory) == [(1, 1, False, "SUPERSEDED")]
    assert waiting(memory)[-1][0] == 2
    ingest_all(world.account)
    assert_is_whole(memory, POEM)
    assert {container for *_, container in chunks_of(memory)} == {other.pk}
    assert (found(world, "ferry past noon"), set(found(world, "ferry past noon", other))) == ([], {memory.pk})


def test_moved_when_it_is_there(world: World) -> None:
    """With the same embedders its chunks go with it at once; else it is embedded again."""
    memory, same, other = world.remember(), make_space(world.account), make_space(world.account)
    minilm = Embedder.objects.of(world.account).get(builtin=Builtin.MINILM)
    set_embedders(world.by, other, [(minilm, 1.0)])
    memory.change(world.by, space=same)
    assert_is_whole(memory, POEM)
    assert set(found(world, "ferry past noon", same)) == {memory.pk}
    memory.change(world.by, space=other)
    assert (fresh(memory).state, waiting(memory)[-1][0]) == (State.PENDING, 2)
    assert found(world, "ferry past noon", same) == []


def test_asked_for_again_while_it_is_done(world: World) -> None:
    memory = world.add()
    ingestion.ingest(memory.account_id, memory.pk, 1, once(3, lambda: ingestion.again(world.by, fresh(memory))))
    assert (fresh(memory).state, chunks_of(memory)) == (State.PENDING, [])
    ingest_all(world.account)
    assert_is_whole(memory, POEM)


def last_moment(world: World, memory: Memory, change: Callable[[Memory], Any]) -> None:
    """One try; ``change`` comes when all is computed, before the row is locked."""
    work = ingestion._claim(memory.account_id, memory.pk, memory.generation)
    assert work is not None
    prepared = ingestion._prepared(work)
    change(fresh(memory))
    ingestion._store(work, *prepared)


def test_gone_in_the_last_moment(world: World) -> None:
    memory = world.add()
    with pytest.raises(ingestion.Superseded):
        last_moment(world, memory, lambda now: now.remove(world.by))
    assert not Memory.objects.filter(pk=memory.pk).exists()
    assert_no_orphans()


def test_changed_in_the_last_moment(world: World) -> None:
    memory = world.add()
    with pytest.raises(ingestion.Superseded):
        last_moment(world, memory, lambda now: ingestion.replace(world.by, now, OTHER.encode()))
    assert chunks_of(memory) == []
    ingest_all(world.account)
    assert_is_whole(memory, OTHER)


def test_moved_in_the_last_moment(world: World) -> None:
    memory, other = world.add(), make_space(world.account, name="Other")
    with pytest.raises(ingestion.Superseded):
        last_moment(world, memory, lambda now: now.change(world.by, space=other))
    ingest_all(world.account)
    assert_is_whole(memory, POEM)
    assert {container for *_, container in chunks_of(memory)} == {other.pk}


def test_the_old_chunks_stay_until_the_new_ones_are_there(world: World) -> None:
    memory = world.remember()
    before = chunks_of(memory)
    ingestion.again(world.by, memory, chunking={"recursive": {"chunkSize": 100, "chunkOverlap": 0}})
    seen = list[int]()

    def look() -> bool:
        seen.append(Chunk.objects.filter(memory=memory).count())
        assert found(world, "ferry past noon") == [], "nothing is found of what is half there"
        return False

    ingestion.ingest(memory.account_id, memory.pk, 2, look)
    assert set(seen) == {len(before)}
    assert_is_whole(memory, POEM)
    assert len(chunks_of(memory)) > len(before)
    assert_no_orphans()


def test_a_failed_try_leaves_the_old_chunks_unfound(world: World, settings) -> None:
    memory = world.remember()
    before = chunks_of(memory)
    ingestion.replace(world.by, memory, b"PK\x05\x06" + bytes(18))
    world.ingest(memory)
    assert fresh(memory).state == State.FAILED
    assert (chunks_of(memory), found(world, "ferry past noon")) == (before, [])


def test_a_text_that_is_written_anew_loses_its_chunks_at_once(world: World) -> None:
    memory = texts.add_text(world.by, world.home, POEM)
    world.ingest(memory)
    texts.replace_text(world.by, memory, OTHER)
    assert (fresh(memory).text, chunks_of(memory), fresh(memory).chunk_count) == (OTHER, [], 0)
    assert not Embedding.objects.filter(memory_id=memory.pk).exists()
    world.ingest(memory)
    assert_is_whole(memory, OTHER)


def test_a_file_of_a_chat_is_searched_there(world: World) -> None:
    chat = make_chat(world.home)
    memory = world.remember(chat=chat)
    assert_is_whole(memory, POEM)
    assert {container for *_, container in chunks_of(memory)} == {chat.pk}


def test_a_space_that_goes_takes_everything_with_it(world: World) -> None:
    other = make_space(world.account, name="Other")
    memory = world.add(space=other)
    ingestion.ingest(memory.account_id, memory.pk, 1, once(3, lambda: other.remove(world.by)))
    assert not Memory.objects.filter(pk=memory.pk).exists()
    assert_no_orphans()


def test_a_chunking_of_its_own(world: World) -> None:
    whole = world.remember(chunking={"none": {}})
    assert_is_whole(whole, POEM)
    assert [text for *_, text, _ in chunks_of(whole)] == [POEM]


def test_a_job_of_a_memory_that_is_gone_ends(world: World) -> None:
    memory = world.add()
    memory.remove(world.by)
    ingestion.ingest(memory.account_id, memory.pk, 1)
    assert tries(memory) == []
