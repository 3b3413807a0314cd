"""Both of GoodMem's Python clients, unmodified, through their quick starts: memories, files, batches, retrieval."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

# The older client leaves its connection pools behind.
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning", "ignore::DeprecationWarning"
)
FOX, TRACTOR, FILE = "The red fox jumps over the fence", "A red tractor stands in the barn", "The handbook is blue"
MISSING = "00000000-0000-7000-8000-000000000000"
ACME = "CAST(val('$.tenant') AS TEXT) = 'acme'"


@pytest.fixture
def home(live: str, live_worker: Any) -> tuple[str, str, Any]:
    """``(URL, key, space)``: an account whose spaces are embedded by lexical hashing."""
    from tests.factories import make_account, make_key, make_space, make_user
    from tests.ingesting import use_hashing

    account = make_account("acme")
    use_hashing(account)
    alice = make_user(account, "alice")
    return live, make_key(alice)[1], make_space(account, alice)


def until(check: Callable[[], Any]) -> Any:
    """What ``check`` gives as soon as it gives something."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if found := check():
            return found
        time.sleep(0.1)
    raise AssertionError("waited for 30 seconds")


# ---------------------------------------------------------------- the newer client


def test_the_newer_client_goes_through_its_quick_start(home: Any, tmp_path: Path) -> None:
    from goodmem import Goodmem, MemoryCreationRequest

    url, key, space = home
    path = tmp_path / "handbook.txt"
    path.write_text(FILE)
    with Goodmem(base_url=url, api_key=key) as client:
        text = client.memories.create(space_id=str(space.pk), original_content=FOX, metadata={"tenant": "acme", "n": 1})
        file = client.memories.create(space_id=str(space.pk), file_path=str(path), metadata={"k": "v"})
        wanted = ((str(space.pk), TRACTOR), (MISSING, "x"))
        requests = [MemoryCreationRequest(space_id=where, original_content=what) for where, what in wanted]
        batch = client.memories.batch_create(requests=requests)
        assert [each.success for each in batch.results] == [True, False]
        assert batch.results[1].error.code == 404
        ids = [text.memory_id, file.memory_id, batch.results[0].memory.memory_id]
        until(lambda: _all_done(client.memories.batch_get(memory_ids=ids)))
        _read(client, ids)
        _listed(client, str(space.pk), ids)
        _retrieved(client, str(space.pk), ids)
        _deleted(client, str(space.pk), ids)


def _all_done(batch: Any) -> bool:
    return all(each.memory.processing_status == "COMPLETED" for each in batch.results)


def _read(client: Any, ids: list[str]) -> None:
    memory = client.memories.get(id=ids[0], include_content=True, include_processing_history=True)
    assert memory.original_content == FOX.encode()
    assert memory.processing_history.latest_job.status == "BACKGROUND_JOB_SUCCEEDED"
    assert client.memories.content(id=ids[1]) == FILE.encode()
    assert client.memories.content(id=ids[1], range="bytes=4-11") == FILE.encode()[4:12]
    assert client.memories.pages(id=ids[1]).data == []


def _listed(client: Any, space: str, ids: list[str]) -> None:
    page = client.memories.list(space_id=space, page_size=1, sort_by="created_at", sort_order="ASCENDING")
    assert [memory.memory_id for memory in page] == ids
    found = client.memories.list(space_id=space, filter=ACME, status_filter="COMPLETED")
    assert [memory.memory_id for memory in found] == ids[:1]


def _retrieved(client: Any, space: str, ids: list[str]) -> None:
    from goodmem.errors import BadRequestError, NotFoundError

    with client.memories.retrieve(message="red fox", space_ids=[space]) as stream:
        told = list(stream)
    chunks = [event.retrieved_item.chunk for event in told if event.retrieved_item]
    assert chunks[0].chunk.chunk_text == FOX
    assert chunks[0].relevance_score < chunks[1].relevance_score
    assert told[0].result_set_boundary.kind == "BEGIN"
    assert next(event.memory_definition.memory_id for event in told if event.memory_definition) == ids[0]
    key = {"space_id": space, "filter": ACME}
    told = client.memories.retrieve(message="red", space_keys=[key], stream=False, llm_id=MISSING, fetch_memory=False)
    assert [event.status.code for event in told if event.status] == [
        "FEATURE_DISABLED", "NOT_FOUND", "SUMMARIZATION_FAILED",
    ]  # fmt: skip
    assert [event.retrieved_item.chunk.chunk.memory_id for event in told if event.retrieved_item] == ids[:1]
    with pytest.raises(NotFoundError, match="Space not found"):
        client.memories.retrieve(message="x", space_ids=[MISSING], stream=False)
    with pytest.raises(BadRequestError, match="Parse error"):
        client.memories.retrieve(message="x", space_keys=[{"space_id": space, "filter": "val("}], stream=False)


def _deleted(client: Any, space: str, ids: list[str]) -> None:
    from goodmem.errors import ConflictError, NotFoundError

    with pytest.raises(ConflictError):
        client.memories.create(space_id=space, original_content="x", memory_id=ids[0])
    assert client.memories.delete(id=ids[1]) is None
    selectors = [{"memory_id": ids[2]}, {"filter_selector": {"space_id": space, "filter": ACME}}]
    batch = client.memories.batch_delete(requests=selectors)
    assert [each.deleted_count for each in batch.results] == [1, 1]
    with pytest.raises(NotFoundError):
        client.memories.get(id=ids[0])
    assert list(client.memories.list(space_id=space)) == []


# ---------------------------------------------------------------- the older client


@pytest.mark.thorough
def test_the_older_client_goes_through_its_cookbook(home: Any) -> None:
    from goodmem_client.api.memories_api import MemoriesApi
    from goodmem_client.api_client import ApiClient
    from goodmem_client.configuration import Configuration
    from goodmem_client.models import (
        BatchMemoryRetrievalRequest,
        JsonBatchMemoryCreationRequest,
        JsonMemoryCreationRequest,
    )
    from goodmem_client.streaming import MemoryStreamClient

    url, key, space = home
    configuration = Configuration(host=url)
    configuration.api_key = {"ApiKeyAuth": key}
    client = ApiClient(configuration=configuration)
    client.default_headers["x-api-key"] = key
    api, here = MemoriesApi(client), {"spaceId": str(space.pk), "contentType": "text/plain"}
    one = api.create_memory(JsonMemoryCreationRequest.from_dict({**here, "originalContent": FOX, "metadata": {"a": 1}}))
    requests = {"requests": [{**here, "originalContent": TRACTOR}, {**here, "originalContentB64": "VGhlIGhhbmRib29r"}]}
    batch = api.batch_create_memory(JsonBatchMemoryCreationRequest.from_dict(requests))
    ids = [one.memory_id, *(each.memory.memory_id for each in batch.results)]
    wanted = BatchMemoryRetrievalRequest.from_dict({"memoryIds": ids, "includeProcessingHistory": True})
    until(lambda: _all_done(api.batch_get_memory(wanted)))
    assert api.get_memory(ids[0], include_content=True).processing_status == "COMPLETED"
    assert bytes(api.get_memory_content(ids[2])) == b"The handbook"
    listed = api.list_memories(str(space.pk), max_results=2, status_filter="COMPLETED")
    assert len(listed.memories) == 2
    rest = api.list_memories(str(space.pk), max_results=2, status_filter="COMPLETED", next_token=listed.next_token)
    assert (len(rest.memories), rest.next_token) == (1, None)
    _streamed(MemoryStreamClient(client), str(space.pk), ids)
    assert api.delete_memory(ids[0]) is None


def _streamed(client: Any, space: str, ids: list[str]) -> None:
    for form in ("ndjson", "sse"):
        told = list(client.retrieve_memory_stream(message="red fox", space_ids=[space], requested_size=2, format=form))
        assert [event.result_set_boundary.kind for event in (told[0], told[-1])] == ["BEGIN", "END"]
        assert next(event.memory_definition["memoryId"] for event in told if event.memory_definition) == ids[0]
        chunks = [event.retrieved_item.chunk for event in told if event.retrieved_item]
        assert (len(chunks), chunks[0].chunk["chunkText"]) == (2, FOX)
        chat = {"pp_max_results": 1, "pp_llm_id": MISSING, "pp_chronological_resort": True}
        told = list(client.retrieve_memory_stream_chat(message="red fox", space_ids=[space], format=form, **chat))
        assert [event.status.code for event in told if event.status][-1] == "SUMMARIZATION_FAILED"
        assert len([event for event in told if event.retrieved_item]) == 1
    with pytest.raises(Exception, match="404: Space not found"):
        list(client.retrieve_memory_stream(message="x", space_ids=[MISSING]))
