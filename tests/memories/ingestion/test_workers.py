"""Ingestion on a real worker that is killed again and again: nothing is lost, nothing is there twice."""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import Any

import pytest

from chats.models import Chat, Message
from memories import ingestion
from memories.embedders import is_installed
from memories.models import Attempt, Chunk, Memory, State
from tests.chats.models import asked, make_talk
from tests.factories import actor_of, make_chat, make_space
from tests.ingesting import ingest_all

from .world import World, assert_is_whole, assert_no_orphans, tries

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("workers"), pytest.mark.slow]
MEMORIES = 300
KILLS = 50
WORDS = "ferry bridge harbour night market winter bread letter garden engine window river lamp paper stone"
QUESTION = "How do I return a parcel?"


def text_of(number: int) -> str:
    """Some 20 to 160 chunks: a try takes long enough to be killed in any of its stages."""
    chance, words = random.Random(number), WORDS.split()
    sentences = (" ".join(chance.choices(words, k=12)).capitalize() + "." for _ in range(chance.randrange(100, 800)))
    return f"Memory {number}. " + "\n".join(sentences)


def until(condition: Any, seconds: float) -> None:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "it did not happen"
        time.sleep(0.02)


def worked_on() -> bool:
    return Memory.objects.filter(state=State.PROCESSING).exists()


def left(world: World) -> int:
    return Memory.objects.of(world.account).unfinished().count()


def test_fifty_kills_lose_nothing(live_worker: Any) -> None:
    world = World()
    live_worker.stop()
    memories = [world.add(text_of(number)) for number in range(MEMORIES)]
    chance, killed_at_work, began = random.Random(0), 0, time.monotonic()
    for number in range(KILLS):
        live_worker.start()
        until(lambda goal=MEMORIES - 4 * (number + 1): left(world) <= goal, 120)  # so that enough is left for the last
        until(worked_on, 30)
        time.sleep(chance.random() / 10)
        live_worker.kill()
        killed_at_work += worked_on()
    live_worker.start()
    until(lambda: left(world) == 0, 300)
    print(f"{KILLS} kills in {time.monotonic() - began:.0f} s, {killed_at_work} of them while something was ingested")
    for number, memory in enumerate(memories):
        now = Memory.objects.get(pk=memory.pk)
        if now.state == State.FAILED:
            assert now.failure_code == "LOST"
            assert len(tries(memory)) >= 5
        else:
            assert_is_whole(memory, text_of(number))
    assert_no_orphans()
    assert killed_at_work > KILLS // 2
    assert Attempt.objects.filter(is_ok=True).count() == Memory.objects.filter(state=State.COMPLETED).count()
    assert Attempt.objects.filter(failure_code="LOST").count() >= killed_at_work


def test_changes_while_it_works_lose_nothing(live_worker: Any) -> None:
    """Two spaces whose memories are moved, replaced, asked for again and deleted while the worker ingests them."""
    world = World()
    spaces = [world.home, make_space(world.account, name="Other")]
    texts = {world.add(text_of(number)).pk: text_of(number) for number in range(60)}
    chance, done = random.Random(1), Counter[str]()
    until(worked_on, 30)
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        now = list(Memory.objects.filter(state=State.PROCESSING).values_list("pk", flat=True))
        memory = Memory.objects.get(pk=chance.choice(now or list(texts)))
        action = chance.choices(["move", "replace", "again", "remove"], [6, 2, 2, 1])[0]
        done[action] += 1
        if action == "move":
            memory.change(world.by, space=chance.choice(spaces))
        elif action == "replace":
            texts[memory.pk] = text_of(done.total() + 1_000)
            ingestion.replace(world.by, memory, texts[memory.pk].encode())
        elif action == "again":
            ingestion.again(world.by, memory)
        else:
            memory.remove(world.by)
            del texts[memory.pk]
            texts |= {world.add(text_of(done.total())).pk: text_of(done.total())}
        time.sleep(chance.random() / 20)
    until(lambda: left(world) == 0, 120)
    print(dict(done), "superseded:", Attempt.objects.filter(failure_code="SUPERSEDED").count())
    for pk, text in texts.items():
        assert_is_whole(Memory.objects.get(pk=pk), text)
    assert_no_orphans()
    assert not Attempt.objects.filter(failure_code="INTERNAL").exists()


@pytest.mark.skipif(not is_installed("minilm"), reason="the files of MiniLM are not installed")
def test_how_long_the_first_character_takes(live_worker) -> None:
    """Prints the seconds: of a worker that begins; without memories; with them, which loads the model; again."""
    talk = make_talk()
    took = [first_character(chat, QUESTION) for chat in (talk, make_chat(talk.space, talk.user))]
    ingestion.add(actor_of(talk.user), talk.space, b"Parcels go back by post, free of charge, within 30 days.")
    ingest_all(talk.account)
    assert Chunk.objects.filter(container_id=talk.space_id).exists()
    took += [first_character(make_chat(talk.space, talk.user), QUESTION) for _ in range(3)]
    print("to the first character:", [round(each, 2) for each in took])
    assert max(took[1:]) < 10


def first_character(chat: Chat, text: str) -> float:
    """Seconds from the question to the first character that is stored."""
    began = time.monotonic()
    message = asked(chat, text)
    while not Message.objects.filter(pk=message.pk).exclude(text="").exists():
        assert time.monotonic() - began < 30
        time.sleep(0.005)
    return time.monotonic() - began
