"""What a search finds, by meaning or by words, and what it must never find."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from memories.filters.expressions import parse
from memories.models import Chunk, Embedder, Memory, State, VectorIndex, set_embedders
from memories.models.embedders import Builtin
from memories.retrieval import Mode, Place, Query, retrieve, search
from tests.factories import make_chat, make_contact, make_space

from .world import World

TWIN = {"provider_type": "TEI", "model_identifier": "twin", "dimensionality": 8}
RETURNS = {"path": ["topic"], "operator": "equals", "value": "returns"}


@pytest.mark.parametrize("mode", Mode)
def test_the_best_passage_comes_first(world: World, mode: Mode) -> None:
    (first, *_) = search(world.by, [Place(world.home)], Query("sent back within thirty days", mode=mode))
    text = "Goods may be sent back within thirty days of delivery. Keep the receipt."
    assert (first.name, first.text, first.start, first.end, first.order) == ("returns", text, 0, len(text), 0)
    assert (first.memory_id, first.space_id) == (world.memories["returns"].pk, world.home.pk)
    assert first.pages is None


def test_a_question_in_a_sentence_is_found_by_its_rare_words(world: World) -> None:
    assert world.names("What is the code that I need at night?", mode=Mode.FULL_TEXT) == ["parking"]
    assert world.names("may the been of?", mode=Mode.FULL_TEXT) == []
    assert world.names('"the code" -4711', mode=Mode.FULL_TEXT) == []
    assert world.names("?! ²", mode=Mode.FULL_TEXT) == [], "no words are in no passage"


def test_scores_tell_their_parts(world: World) -> None:
    (first, *_) = search(world.by, [Place(world.home)], Query("Dogs are welcome on Fridays"))
    embedder = Embedder.default_of(world.account)
    assert first.scores["vector"] == pytest.approx(first.scores[str(embedder.pk)])
    assert (first.scores["rank_vector"], first.scores["rank_text"]) == (1, 1)
    assert first.score == pytest.approx(2 / 61)


def test_the_limit_and_the_thresholds_hold(world: World) -> None:
    everything = search(world.by, [Place(world.home)], Query("the office", limit=100, mode=Mode.VECTOR))
    assert len(everything) == 4
    assert world.names("the office", limit=2, mode=Mode.VECTOR) == [each.name for each in everything[:2]]
    least = everything[1].score
    assert world.names("the office", min_score=least, mode=Mode.VECTOR) == [each.name for each in everything[:2]]
    assert world.names("zzzz qqqq", for_answer=True) == []


@pytest.mark.parametrize("rule", [RETURNS, {"and": [RETURNS, RETURNS]}])
def test_a_rule_leaves_only_what_it_matches(world: World, rule: Any) -> None:
    found = retrieve(world.by, [world.home], Query("dogs parking lunch office receipt", rules=[rule]))
    assert {each.name for each in found} == {"returns"}
    nothing = {"path": ["topic"], "operator": "equals", "value": "nothing"}
    assert not retrieve(world.by, [world.home], Query("dogs", rules=[rule, nothing]))


def test_a_filter_belongs_to_its_place(world: World) -> None:
    other = make_space(world.account, name="Other")
    world.remember("Dogs of the other space", other, name="other dogs")
    only = parse("CAST(val('$.topic') AS TEXT) = 'pets'")
    places = [Place(world.home, filter=only), Place(other)]
    assert set(world.names("dogs in the office at noon", *places)) == {"pets", "other dogs"}


def test_what_may_not_be_found_is_not(world: World) -> None:
    question = "Dogs are welcome in the office on Fridays"
    pets = world.memories["pets"]
    assert world.names(question)[0] == "pets"
    rows = Memory.objects.filter(pk=pets.pk)
    for values in ({"state": State.PROCESSING}, {"expires_at": timezone.now() - timedelta(hours=1)}):
        before = rows.values(*values).get()
        rows.update(**values)
        assert "pets" not in world.names(question)
        rows.update(**before)
    pets.chunks.get().disable(world.by)
    assert "pets" not in world.names(question)
    pets.chunks.get().disable(world.by, is_disabled=False)
    assert world.names(question)[0] == "pets"
    pets.remove(world.by)
    assert "pets" not in world.names(question)


def test_files_of_a_chat_are_found_there_alone(world: World) -> None:
    chat, other = (make_chat(world.home) for _ in range(2))
    world.remember("The secret of this chat is a purple dog", chat=chat, name="secret")
    question = "secret purple dog"
    assert "secret" not in world.names(question)
    assert "secret" not in world.names(question, chat=other.pk)
    assert world.names(question, chat=chat.pk)[0] == "secret"
    assert world.names(question, chat=chat.pk, chat_only=True) == ["secret"]
    found = retrieve(world.by, [world.home], Query(question, chat=chat.pk, rules=[RETURNS]))
    assert {each.name for each in found} == {"secret", "returns"}, "rules bind the space, not the chat's own files"


def test_only_the_memories_or_the_contact_asked_for(world: World) -> None:
    contact = make_contact(world.account)
    world.remember("This person likes dogs", contact=contact, name="likes")
    assert world.names("dogs", contact=contact.pk) == ["likes"]
    assert world.names("dogs", memory_ids=[world.memories["lunch"].pk]) == ["lunch"]
    assert world.names("dogs", memory_ids=[]) == []


def test_a_moved_memory_is_found_where_it_is(world: World) -> None:
    other = make_space(world.account, name="Other")
    world.memories["pets"].change(world.by, space=other)
    assert "pets" not in world.names("Dogs are welcome on Fridays")
    assert world.names("Dogs are welcome on Fridays", Place(other)) == ["pets"]


def test_an_empty_space_answers_with_nothing(world: World) -> None:
    assert world.names("dogs", Place(make_space(world.account, name="Empty"))) == []
    assert world.names("   ") == []


def test_several_embedders_count_by_weight(world: World) -> None:
    hashing = Embedder.objects.of(world.account).get(builtin=Builtin.HASHING)
    twin = Embedder.create(
        world.by,
        world.account,
        name="Twin",
        provider_type="TEI",
        endpoint_url="https://embed.example.com",
        model_identifier="twin",
        dimensionality=8,
        owner=world.alice,
    )
    set_embedders(world.by, world.home, [(hashing, 0.5), (twin, 2.0)])
    found = search(world.by, [Place(world.home)], Query("dogs", mode=Mode.VECTOR))
    assert [problem.code for problem in found.problems] == ["EMBEDDER_UNAVAILABLE"], "the twin cannot be reached"
    best = found[0]
    assert best.scores["vector"] == pytest.approx(0.5 * best.scores[str(hashing.pk)])
    heavier = search(world.by, [Place(world.home, {hashing.pk: 3.0})], Query("dogs", mode=Mode.VECTOR))
    assert heavier[0].scores["vector"] == pytest.approx(3 * best.scores[str(hashing.pk)])


def test_an_index_that_lacks_rows_hides_nothing(world: World) -> None:
    """A row that says READY without an index in PostgreSQL: the query still works, and finds the same."""
    expected = world.names("dogs on fridays", mode=Mode.VECTOR)
    embedder = Embedder.default_of(world.account)
    VectorIndex.objects.create(
        account=world.account, container_id=world.home.pk, embedder=embedder, state=VectorIndex.State.READY
    )
    assert world.names("dogs on fridays", mode=Mode.VECTOR) == expected
    assert Chunk.objects.filter(container_id=world.home.pk).count() == 4


def test_a_word_that_is_nowhere_counts_as_missing(world: World) -> None:
    """The only word of a question that is known here is no reason to build an answer on its passage."""
    (best, *_) = search(
        world.by, [Place(world.home)], Query("Which astronaut repaired the garage?", mode=Mode.FULL_TEXT)
    )
    assert best.name == "parking"
    assert best.scores["text"] == pytest.approx(1 / 3), "of astronaut, repaired, garage"
    (whole, *_) = search(world.by, [Place(world.home)], Query("the garage closes", mode=Mode.FULL_TEXT))
    assert whole.scores["text"] > 1


def test_few_of_the_words_do_not_change_the_order(world: World) -> None:
    """One passage has one word of the question and is alone in the list of words: the nearest is another."""
    question = "Doggies welcomed by officers, fridayish lunch"
    assert world.names(question, mode=Mode.FULL_TEXT) == ["lunch"]
    by_vectors = world.names(question, mode=Mode.VECTOR)
    assert by_vectors[0] == "pets"
    assert world.names(question) == by_vectors


def test_another_default_leaves_what_is_there_findable(world: World) -> None:
    hashing = Embedder.default_of(world.account)
    other = Embedder.objects.of(world.account).exclude(pk=hashing.pk).get(builtin=Builtin.MINILM)
    other.make_default(world.by)
    assert world.names("Dogs are welcome in the office on Fridays", mode=Mode.VECTOR)[0] == "pets"
    assert [each.embedder_id for each in world.home.embedder_links.all()] == [hashing.pk]


def test_where_other_embedders_are_used_a_moved_memory_is_ingested_again(world: World) -> None:
    twin = Embedder.create(world.by, world.account, name="Twin", endpoint_url="https://e.example.com", **TWIN)
    there, pets = make_space(world.account, name="There"), world.memories["pets"]
    set_embedders(world.by, there, [(twin, 1.0)])
    pets.change(world.by, space=there)
    assert (pets.state, pets.generation) == (State.PENDING, 2)
    lunch = world.memories["lunch"]
    lunch.change(world.by, space=make_space(world.account, name="Same"))
    assert (lunch.state, lunch.generation) == (State.COMPLETED, 1), "its vectors are what that space uses"


def test_a_move_meanwhile_does_not_lose_the_chunks(world: World) -> None:
    pets, other = world.memories["pets"], make_space(world.account, name="Other")
    stale = Memory.objects.select_related("space").get(pk=pets.pk)
    pets.change(world.by, space=other)
    stale.change(world.by, space=world.home)
    assert world.names("Dogs are welcome in the office on Fridays")[0] == "pets"


def test_weights_do_not_move_the_threshold_of_answers(world: World) -> None:
    hashing, question = Embedder.default_of(world.account), "Dogs are welcome in the office on Fridays"
    set_embedders(world.by, world.home, [(hashing, 0.1)])
    (first, *_) = search(world.by, [Place(world.home)], Query(question, mode=Mode.VECTOR, for_answer=True))
    assert first.scores["similarity"] == pytest.approx(10 * first.scores["vector"])
