"""Why not this one? One test per reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from memories.filters.expressions import parse
from memories.models import Embedding, Memory, State
from memories.retrieval import Mode, Place, Query
from memories.retrieval.explaining import Reason, why_not
from spaces.actors import Actor
from spaces_project.kit.ids import new_id
from tests.factories import actor_of, make_account, make_chat, make_space, make_user

from .world import World


def asked(world: World, pk: UUID, place: Place | None = None, text: str = "dogs on fridays", **options: Any) -> Reason:
    return why_not(world.by, [place or Place(world.home)], Query(text, **options), pk)


def test_it_was_found(world: World) -> None:
    chunk = world.memories["pets"].chunks.get()
    by_memory, by_chunk = asked(world, chunk.memory_id), asked(world, chunk.pk)
    assert (by_memory.code, by_memory.rank) == (by_chunk.code, by_chunk.rank) == ("found", 1)
    assert by_memory.details["scores"]["rank_vector"] == 1


def test_an_id_of_another_account_is_as_unknown_as_one_of_nothing(world: World) -> None:
    mallory = Actor(account=make_account("mallory"))
    pets, query = world.memories["pets"].pk, Query("dogs")
    assert why_not(mallory, [Place(world.home)], query, pets) == why_not(mallory, [Place(world.home)], query, new_id())
    assert asked(world, new_id()).code == "unknown"


def test_what_one_may_not_read_is_as_unknown(world: World) -> None:
    bob = make_user(world.account, "bob")
    secret = world.remember("Layoffs", make_space(world.account, name="Layoffs 2027"), name="secret")
    own = Place(make_space(world.account, bob, name="Bob's"))
    for pk in (secret.pk, secret.chunks.get().pk):
        assert why_not(actor_of(bob), [own], Query("layoffs"), pk).code == "unknown"


def test_it_is_somewhere_else(world: World) -> None:
    there = world.remember("Dogs", make_space(world.account, name="Other"), name="dogs")
    assert asked(world, there.pk) == Reason("other_container", "It belongs to the space Other, which was not searched.")
    file = world.remember("Dogs", chat=make_chat(world.home), name="file")
    assert asked(world, file.pk) == asked(world, new_id()), "who may read the chat is not asked here"
    assert asked(world, file.pk, chat=file.chat_id).code == "found"


def test_its_memory_is_not_ready(world: World) -> None:
    pets = world.memories["pets"]
    Memory.objects.filter(pk=pets.pk).update(state=State.FAILED, failure="It has no text.")
    reason = asked(world, pets.pk)
    assert (reason.code, reason.sentence) == ("not_completed", "Its memory is not ready: failed.")
    assert reason.details == {"failure": "It has no text."}


def test_its_time_is_over(world: World) -> None:
    pets = world.memories["pets"]
    Memory.objects.filter(pk=pets.pk).update(expires_at=timezone.now() - timedelta(hours=1))
    assert asked(world, pets.pk) == asked(world, new_id()), "nobody reads it any more"


def test_its_chunk_is_switched_off(world: World) -> None:
    chunk = world.memories["pets"].chunks.get()
    chunk.disable(world.by)
    assert asked(world, chunk.pk) == Reason("disabled", "The chunk is switched off.")


@pytest.mark.parametrize(
    ("options", "clause"),
    [
        ({"memory_ids": []}, "the memories asked for"),
        ({"contact": new_id()}, "the contact"),
        ({"rules": [{"path": ["topic"], "operator": "equals", "value": "lunch"}]}, "the rules"),
    ],
    ids=["memories", "contact", "rules"],
)
def test_a_condition_leaves_it_out(world: World, options: dict[str, Any], clause: str) -> None:
    reason = asked(world, world.memories["pets"].pk, **options)
    assert (reason.code, reason.details) == ("filtered", {"clause": clause})


def test_the_filter_leaves_it_out(world: World) -> None:
    only = Place(world.home, filter=parse("CAST(val('$.topic') AS TEXT) = 'lunch'"))
    assert asked(world, world.memories["pets"].pk, only).details == {"clause": "the filter"}
    unknown = Place(world.home, filter=parse("CAST(val('$.missing') AS TEXT) = 'lunch'"))
    assert asked(world, world.memories["pets"].pk, unknown).code == "filtered", "NULL leaves it out too"


def test_no_embedder_has_embedded_it(world: World) -> None:
    chunk = world.memories["lunch"].chunks.get()
    Embedding.objects.filter(chunk=chunk).delete()
    assert asked(world, chunk.pk, mode=Mode.VECTOR).code == "no_vector"


def test_it_is_further_down_with_its_exact_rank(world: World) -> None:
    question, ranks = "Dogs are welcome in the office on Fridays", {}
    everything = world.names(question, mode=Mode.VECTOR)
    for name in everything[1:]:
        reason = asked(world, world.memories[name].pk, text=question, limit=1, mode=Mode.VECTOR)
        assert reason.code == "beyond_limit"
        ranks[name] = reason.rank
    assert ranks == {name: place for place, name in enumerate(everything, start=1) if place > 1}


def test_it_is_below_the_threshold(world: World) -> None:
    reason = asked(world, world.memories["lunch"].pk, min_similarity=0.99, mode=Mode.VECTOR)
    assert (reason.code, reason.sentence) == ("below_threshold", "It is below the threshold of 0.99.")
    assert reason.rank is not None


def test_it_has_none_of_the_words(world: World) -> None:
    assert asked(world, world.memories["lunch"].pk, mode=Mode.FULL_TEXT).code == "no_words"
