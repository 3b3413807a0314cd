"""One try after the other: what becomes of a memory when it goes well, fails, fails for now, or is interrupted."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage

from memories import ingestion, jobs
from memories.models import Attempt, Embedder, Memory, Stage, State, set_embedders
from spaces_project.kit import limits
from tests.factories import make_embedder
from tests.memories.provider_server import ProviderServer, base64_of, usual

from .world import POEM, World, assert_is_whole, chunks_of, fresh, jobs_of, tries, waiting


@pytest.fixture
def remote(world: World, server: ProviderServer) -> Embedder:
    """The space's embedder, on the server."""
    made = make_embedder(
        world.account, endpoint_url=server.url("/v1"), api_path="/embeddings", provider_type="OPENAI", api_key="sk-1"
    )
    set_embedders(world.by, world.home, [(made, 1.0)])
    return made


def told(memory: Memory) -> tuple[str, str, str]:
    memory = fresh(memory)
    return memory.state, memory.failure_code, memory.failure


def test_it_goes_well(world: World) -> None:
    memory = world.remember()
    assert_is_whole(memory, POEM)
    (attempt,) = Attempt.objects.filter(memory=memory)
    count = memory.chunk_count
    assert count > 4
    assert (attempt.stage, attempt.done, attempt.total, attempt.is_ok) == (Stage.STORING, count, count, True)
    assert attempt.finished_at >= attempt.created_at
    assert attempt.worker
    assert memory.completed_at is not None


def test_once_done_it_is_not_done_again(world: World) -> None:
    memory = world.remember()
    before = chunks_of(memory)
    world.ingest(memory)
    assert (chunks_of(memory), len(tries(memory))) == (before, 1)


def test_every_stage_is_reported(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingestion, "PROGRESS_SECONDS", 0)
    memory, seen = world.add("word " * 9_000), list[Any]()

    def look() -> bool:
        seen.append(Attempt.objects.filter(memory=memory).values_list("stage", "done", "total").get())
        return False

    world.ingest(memory, should_stop=look)
    stages = [stage for stage, _ in itertools.groupby(seen, key=lambda each: each[0])]
    assert stages == ["loading", "extracting", "chunking", "embedding"], "as it is before each next one"
    count = fresh(memory).chunk_count
    assert [(done, total) for stage, done, total in seen if stage == "embedding"] == [(0, count), (64, count)]


def test_fast_parts_are_not_all_reported_and_each_may_be_the_last(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingestion, "PROGRESS_SECONDS", 60)
    memory, seen = world.add("word " * 40_000), list[Any]()

    def look() -> bool:
        seen.append(Attempt.objects.filter(memory=memory).values_list("stage", "done").get())
        return seen.count(("embedding", 0)) == 3

    world.ingest(memory, should_stop=look)
    assert seen.count(("embedding", 0)) == 3, "asked before each part, and the numbers stay for a while"
    assert fresh(memory).state == State.PENDING
    assert tries(memory) == [(1, 1, False, "INTERRUPTED")]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "EMPTY"), (b"%PDF-1.7 nothing else", "CORRUPT"), (b"PK\x05\x06" + bytes(18), "UNSUPPORTED")],
)
def test_a_file_without_text_fails_at_once_and_says_why(world: World, content: bytes, code: str) -> None:
    memory = world.remember(content)
    state, said, sentence = told(memory)
    assert (state, said) == (State.FAILED, code)
    assert sentence.endswith(".")
    assert tries(memory) == [(1, 1, False, code)]
    assert (chunks_of(memory), len(waiting(memory))) == ([], 1), "no other job than the one that was done"


def test_a_text_that_would_be_cut_into_too_many_fails(world: World, monkeypatch) -> None:
    monkeypatch.setattr(limits, "CHUNKS_PER_MEMORY", 1_000)
    chunking = {"recursive": {"chunkSize": 1, "chunkOverlap": 0}}
    memory = world.remember("x" * (limits.CHUNKS_PER_MEMORY + 1), chunking=chunking)
    state, code, sentence = told(memory)
    assert (state, code) == (State.FAILED, "TOO_LARGE")
    assert sentence == "The text has more than 1,000 chunks; choose a larger chunk size."
    assert tries(memory) == [(1, 1, False, "TOO_LARGE")]


def test_a_stored_chunking_that_is_not_understood_any_more(world: World) -> None:
    memory = world.add()
    Memory.objects.filter(pk=memory.pk).update(chunking={"recursive": {"chunkSize": 10**9}})
    assert told(world.ingest(memory))[:2] == (State.FAILED, "CHUNKING_INVALID")


def test_a_file_that_is_gone(world: World, settings: Any) -> None:
    memory = world.add(b"soon gone, nobody knows why")
    (Path(settings.ORIGINALS_DIR) / str(world.account.pk) / memory.original).unlink()
    assert told(world.ingest(memory)) == (State.FAILED, "CONTENT_MISSING", "The file is not there any more.")


def test_a_failed_one_may_be_tried_again(world: World, settings: Any) -> None:
    memory = world.add(b"lost and found")
    path = Path(settings.ORIGINALS_DIR) / str(world.account.pk) / memory.original
    path.unlink()
    world.ingest(memory)
    path.write_bytes(b"lost and found")
    ingestion.again(world.by, memory)
    assert told(memory) == (State.PENDING, "", "")
    world.ingest(memory)
    assert_is_whole(memory, "lost and found")
    assert tries(memory) == [(1, 1, False, "CONTENT_MISSING"), (2, 1, True, "")]


# ---------------------------------------------------------------- failures that may pass


def test_pauses_grow_and_at_last_it_fails(world: World, server: ProviderServer, remote: Embedder, settings) -> None:
    server.script[:] = [429] * 100
    memory = world.add()
    pauses = [waiting(world.ingest(memory))[-1][1] for _ in range(limits.INGESTION_ATTEMPTS - 1)]
    assert pauses == [3, 9, 27, 81], "although the server says that it may be asked again at once"
    world.ingest(memory)
    assert len(waiting(memory)) == limits.INGESTION_ATTEMPTS, "the last one asks for no other"
    assert told(memory) == (State.FAILED, "RATE_LIMITED", "The embedder is too busy at the moment.")
    assert tries(memory) == [(1, number, False, "RATE_LIMITED") for number in range(1, 6)]
    server.script.clear()
    ingestion.again(world.by, memory)
    world.ingest(memory)
    assert_is_whole(memory, POEM)


def test_what_passes_by_does_no_harm(world: World, server: ProviderServer, remote: Embedder) -> None:
    server.script[:] = [503, 503, 503]
    memory = world.remember()
    assert told(memory)[:2] == (State.PENDING, "")
    assert waiting(memory) == [(1, 0), (1, 3)]
    world.ingest(memory)
    assert_is_whole(memory, POEM)
    assert tries(memory) == [(1, 1, False, "EMBEDDER_UNAVAILABLE"), (1, 2, True, "")]


@pytest.mark.parametrize("wrong", ["dimension", "nan", "zero", "too few"])
def test_vectors_that_are_none_are_never_stored(
    world: World, server: ProviderServer, remote: Embedder, wrong: str
) -> None:
    def answer(body: dict[str, Any]) -> Any:
        found = usual("/v1/embeddings", body, server)
        rows = found["data"]
        bad = {"dimension": [0.5] * 7, "nan": [float("nan")] * 8, "zero": [0.0] * 8}.get(wrong)
        if bad is None:
            found["data"] = rows[1:]
        else:
            rows[0]["embedding"] = base64_of(bad) if isinstance(rows[0]["embedding"], str) else bad
        return found

    server.script[:] = [answer] * 3
    memory = world.remember()
    state, code, sentence = told(memory)
    assert (state, code) == (State.FAILED, "EMBEDDER_FAILED")
    assert sentence.startswith("The embedder answered")
    assert chunks_of(memory) == []
    ingestion.again(world.by, memory)
    server.script.clear()
    world.ingest(memory)
    assert_is_whole(memory, POEM)


def test_a_key_that_cannot_be_read_any_more(world: World, server: ProviderServer, remote: Embedder, settings) -> None:
    settings.ENCRYPTION_KEYS = ("another secret than the one that it was sealed with",)
    memory = world.remember()
    assert told(memory)[:2] == (State.FAILED, "EMBEDDER_FAILED")
    assert not server.requests


class Broken(FileSystemStorage):
    """A storage whose line is cut."""

    def path(self, name: str) -> str:
        raise NotImplementedError

    def open(self, name: str, mode: str = "rb") -> Any:
        raise ConnectionResetError("by peer")


def test_what_nobody_foresaw_is_tried_again_and_at_last_a_failure(world: World, settings, caplog) -> None:
    memory = world.add()
    working = settings.STORAGES
    settings.STORAGES = {**working, "originals": {"BACKEND": f"{__name__}.Broken"}}
    world.ingest(memory)
    assert told(memory)[:2] == (State.PENDING, "")
    assert waiting(memory)[1:] == [(1, 3)]
    assert "ConnectionResetError" in caplog.text, "whoever runs it must find out why"
    for _ in range(limits.INGESTION_ATTEMPTS - 1):
        world.ingest(memory)
    assert told(memory)[:2] == (State.FAILED, "INTERNAL")
    assert "peer" not in told(memory)[2]
    settings.STORAGES = working
    ingestion.again(world.by, memory)
    world.ingest(memory)
    assert_is_whole(memory, POEM)


# ---------------------------------------------------------------- workers that end


def stop_at(call: int) -> Any:
    """Asked for the n-th time whether to stop, yes."""
    calls = itertools.count(1)
    return lambda: next(calls) >= call


@pytest.mark.parametrize("call", [1, 2, 3, 4])
def test_a_worker_that_is_asked_to_end_puts_it_back(world: World, call: int) -> None:
    memory = world.add()
    world.ingest(memory, should_stop=stop_at(call))
    assert told(memory)[:2] == (State.PENDING, "")
    assert (chunks_of(memory), tries(memory)) == ([], [(1, 1, False, "INTERRUPTED")])
    assert waiting(memory) == [(1, 0), (1, 0)], "and is done by another one at once"
    world.ingest(memory)
    assert_is_whole(memory, POEM)


def test_being_interrupted_often_is_no_failure(world: World) -> None:
    memory = world.add()
    for _ in range(limits.INGESTION_ATTEMPTS + 2):
        world.ingest(memory, should_stop=stop_at(2))
    assert told(memory)[:2] == (State.PENDING, "")
    world.ingest(memory)
    assert_is_whole(memory, POEM)


def killed(memory: Memory) -> None:
    """What a try leaves whose process is killed."""

    class Killed(BaseException):
        pass

    def kill() -> bool:
        raise Killed

    with pytest.raises(Killed):
        ingestion.ingest(memory.account_id, memory.pk, memory.generation, kill)


def test_a_killed_try_is_called_lost_by_the_next(world: World) -> None:
    memory = world.add()
    killed(memory)
    assert (told(memory)[0], tries(memory)) == (State.PROCESSING, [(1, 1, None, "")])
    world.ingest(memory)
    assert_is_whole(memory, POEM)
    assert tries(memory) == [(1, 1, False, "LOST"), (1, 2, True, "")]


def test_what_kills_every_worker_is_given_up(world: World) -> None:
    memory = world.add()
    for _ in range(limits.INGESTION_ATTEMPTS):
        killed(memory)
    world.ingest(memory)
    state, code, sentence = told(memory)
    assert (state, code, sentence) == (State.FAILED, "LOST", "Its worker was killed.")
    assert len(tries(memory)) == limits.INGESTION_ATTEMPTS
    ingestion.again(world.by, memory)
    world.ingest(memory)
    assert_is_whole(memory, POEM)


def test_a_try_that_was_given_up_too_early_harms_nobody(world: World) -> None:
    """Its process stood still so long that another one was begun; then it goes on."""
    memory = world.add()
    begun = list[bool]()

    def other_first() -> bool:
        if not begun:
            begun.append(True)
            world.ingest(memory)
        return False

    world.ingest(memory, should_stop=other_first)
    assert_is_whole(memory, POEM)
    assert tries(memory) == [(1, 1, False, "SUPERSEDED"), (1, 2, True, "")]


def test_the_early_one_may_also_win(world: World) -> None:
    memory = world.add()
    first = ingestion._claim(memory.account_id, memory.pk, 1)
    second = ingestion._claim(memory.account_id, memory.pk, 1)
    assert first is not None
    assert second is not None
    ingestion._store(first, *ingestion._prepared(first))
    with pytest.raises(ingestion.Superseded):
        ingestion._prepared(second)
    assert_is_whole(memory, POEM)
    assert tries(memory)[0] == (1, 1, True, "")


def test_the_job_names_what_the_function_takes(world: World) -> None:
    memory = world.add()
    (job,) = jobs_of(memory)
    assert set(job.args) == {"account", "memory", "generation"}
    assert json.dumps(job.args)
    assert (job.queue_name, job.lock, job.priority) == (jobs.QUEUE, f"memory:{memory.pk}", jobs.NOW)
