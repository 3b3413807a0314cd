"""What GoodMem's routes must not tell or do for whom: time that is over, models, histories, contents."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from memories.models import Embedder, LanguageModel, Memory, MemorySettings, Reranker, set_embedders
from spaces.models.api_keys import Scope
from spaces_project.kit import limits
from spaces_project.kit.egress import Allowed
from tests.factories import actor_of, make_embedder

from .caller import Caller, blamed, caller, refused, told
from .library import TEXTS, ask, body_of, desk, events, listed, processed, ready, statuses, texts

NOWHERE = "https://127.0.0.1:9999"


@pytest.fixture
def llm(world: Any) -> LanguageModel:
    where: dict[str, Any] = {"endpoint_url": NOWHERE, "api_path": "/chat/completions", "model_identifier": "m"}
    where |= {"client_config": {"headers": {"x-secret": "k"}}}
    return LanguageModel.create(actor_of(world.admin), world.account, name="L", **where)


@pytest.fixture
def reranker(world: Any) -> Reranker:
    where = {"provider_type": "TEI", "endpoint_url": NOWHERE, "api_path": "/rerank", "model_identifier": "m"}
    return Reranker.create(actor_of(world.admin), world.account, name="R", owner=world.alice, **where)


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


# ------------------------------------------------------------------------ models


def test_who_may_not_use_models_gets_the_hits_alone(
    world: Any, library: Any, filled: list[str], llm: LanguageModel, reranker: Reranker
) -> None:
    wanted = processed(library, llm_id=str(llm.pk), reranker_id=str(reranker.pk))
    for who in (caller(world.alice, (Scope.READ,)), caller(world.alice, spaces=[library])):
        said = events(who.post("memories:retrieve", wanted))
        assert statuses(said) == ["PERMISSION_DENIED"]
        assert len(texts(said)) == 3


@pytest.mark.thorough
def test_a_model_that_is_off_is_not_there(
    world: Any, alice: Caller, library: Any, filled: list[str], llm: LanguageModel
) -> None:
    llm.change(actor_of(world.admin), is_active=False)
    said = events(alice.post("memories:retrieve", processed(library, llm_id=str(llm.pk))))
    assert statuses(said) == ["FEATURE_DISABLED", "NOT_FOUND", "SUMMARIZATION_FAILED"]
    assert refused(alice.post("ping:once", {"targetId": str(llm.pk)})) == (404, "Target not found")


def test_only_administrators_see_how_a_language_model_is_called(
    alice: Caller, admin: Caller, llm: LanguageModel
) -> None:
    assert told(alice.get(f"llms/{llm.pk}"))["clientConfig"] is None
    assert told(alice.get("llms"))["llms"][0]["clientConfig"] is None
    assert told(admin.get(f"llms/{llm.pk}"))["clientConfig"] == llm.client_config


@pytest.mark.thorough
def test_a_reranker_that_others_use_stays_where_it_is(
    world: Any, alice: Caller, admin: Caller, reranker: Reranker
) -> None:
    at, hers = f"rerankers/{reranker.pk}", desk(world)
    MemorySettings.of(hers).change(actor_of(world.alice), reranker=reranker)
    elsewhere = "https://models.example.com"
    assert told(alice.put(at, {"endpointUrl": elsewhere}))["endpointUrl"] == elsewhere
    hers.change(actor_of(world.admin), owner=world.bob)
    for change in ({"endpointUrl": NOWHERE}, {"apiPath": "/v2/rerank"}):
        status, message = refused(alice.put(at, change))
        assert (status, message) == (412, "Spaces of other people use this reranker: only an administrator moves it.")
    assert told(alice.put(at, {"displayName": "Renamed", "endpointUrl": f"{elsewhere}/"}))
    assert told(admin.put(at, {"endpointUrl": NOWHERE}))["endpointUrl"] == NOWHERE


def test_pings_tell_no_map_of_the_network(world: Any, alice: Caller, admin: Caller, settings: Any) -> None:
    closed = make_embedder(world.account, endpoint_url="https://10.0.0.1:9999")
    silent = make_embedder(world.account, endpoint_url="https://127.0.0.1:9999")
    settings.EGRESS_ALLOW = Allowed.parse(["127.0.0.1"])

    def said(who: Caller, row: Any) -> tuple[int, str]:
        result = told(who.post("ping:once", {"targetId": str(row.pk), "timeoutMs": 1000}))
        return result["httpStatus"], result["errorMessage"]

    assert said(alice, closed) == said(alice, silent)
    assert said(admin, closed) != said(admin, silent)


def test_only_administrators_name_servers_inside_the_network(alice: Caller, admin: Caller, settings: Any) -> None:
    settings.EGRESS_ALLOW = Allowed.parse(["inside.example"])
    shared = {"displayName": "Ours", "modelIdentifier": "m", "providerType": "TEI", "dimensionality": 8}
    inside = (
        "http://models.example.com",
        "https://10.1.2.3:8443",
        "https://[::1]",
        "https://localhost",
        "https://inside.example",
    )
    for url in inside:
        for route in ("embedders", "rerankers"):
            given = {name: value for name, value in shared.items() if route == "embedders" or value != 8}
            kind = {"distributionType": "DENSE"} if route == "embedders" else {}
            answer = alice.post(route, {**given, **kind, "endpointUrl": url})
            assert blamed(answer) == ["endpointUrl"], url
            made = told(admin.post(route, {**given, **kind, "endpointUrl": url}), 201)
            assert made["endpointUrl"] == url
    given = {name: value for name, value in shared.items() if value != 8}
    row = told(alice.post("rerankers", {**given, "endpointUrl": "https://models.example.com"}), 201)
    at = f"rerankers/{row['rerankerId']}"
    assert blamed(alice.put(at, {"endpointUrl": "https://10.1.2.3:8444"})) == ["endpointUrl"]
    assert told(alice.get(at))["endpointUrl"] == "https://models.example.com"
    told(admin.put(at, {"endpointUrl": "https://10.1.2.3:8444"}))
    assert told(alice.put(at, {"displayName": "Renamed"}))["displayName"] == "Renamed"


# ------------------------------------------------------------- readers of public spaces


def test_strangers_are_told_nothing_of_workers_and_servers(
    world: Any, alice: Caller, mallory: Caller, anyone: Caller, library: Any, filled: list[str]
) -> None:
    library.change(actor_of(world.alice), public_read=True)
    at = f"memories/{filled[0]}?includeProcessingHistory=true"
    asked = {"memoryIds": filled, "includeProcessingHistory": True}
    assert "processingHistory" in told(alice.get(at))
    for who in (mallory, anyone):
        assert "processingHistory" not in told(who.get(at))
        (first, *_) = told(who.get(f"spaces/{library.pk}/memories?includeProcessingHistory=true"))["memories"]
        (each, *_) = told(who.post("memories:batchGet", asked))["results"]
        assert "processingHistory" not in first
        assert "processingHistory" not in each["memory"]
    away = make_embedder(world.account, endpoint_url=NOWHERE)
    set_embedders(actor_of(world.alice), library, [(Embedder.default_of(world.account), 1.0), (away, 1.0)])
    (status,) = (event["status"] for event in ask(mallory, library) if "status" in event)
    assert status["message"] == "A part of the search failed."
    assert "details" not in status


def test_without_a_key_large_files_are_fetched_by_themselves(
    world: Any, alice: Caller, anyone: Caller, library: Any, filled: list[str], monkeypatch: Any
) -> None:
    library.change(actor_of(world.alice), public_read=True)
    monkeypatch.setattr(limits, "CONTENT_BYTES_PER_LINE", 20)
    at = f"memories/{filled[0]}?includeContent=true"
    listing = f"spaces/{library.pk}/memories?includeContent=true"
    assert "originalContent" in told(alice.get(at))
    for answer in (anyone.get(at), anyone.get(f"{listing}&sortOrder=ASCENDING")):
        status, message = refused(answer)
        assert (status, "/content" in message) == (400, True)
    (only,) = told(anyone.get(listing))["memories"]  # the newest is small; the next page would be too large
    assert only["memoryId"] == filled[-1]
    found = told(anyone.post("memories:batchGet", {"memoryIds": [filled[0], filled[-1]], "includeContent": True}), 207)
    assert [each["success"] for each in found["results"]] == [False, True]


def test_contents_wait_for_their_turn(alice: Caller, library: Any, filled: list[str], monkeypatch: Any) -> None:
    from spaces_project.api.goodmem import heavy

    monkeypatch.setattr(heavy, "WAIT_SECONDS", 0.01)
    at, asked = f"memories/{filled[0]}", {"memoryIds": filled, "includeContent": True}
    routes = (f"{at}?includeContent=true", f"spaces/{library.pk}/memories?includeContent=true")
    for _ in range(limits.CONTENTS_AT_ONCE):
        heavy.seats.acquire()
    try:
        for answer in (*map(alice.get, routes), alice.post("memories:batchGet", asked)):
            assert refused(answer)[0] == 503
        assert told(alice.get(at))
    finally:
        heavy.seats.release(limits.CONTENTS_AT_ONCE)
    assert all(told(alice.get(route)) for route in routes)


def test_answers_are_kept_by_nobody_on_the_way(world: Any, alice: Caller, library: Any, filled: list[str]) -> None:
    for answer in (alice.get("spaces"), alice.get(f"memories/{filled[0]}"), alice.get("nowhere")):
        assert answer["Cache-Control"] == "private, no-store"
    file = alice.get(f"memories/{filled[0]}/content")
    assert (body_of(file), file["Cache-Control"]) == (TEXTS[0].encode(), "private, no-cache")
    assert world.caller(world.alice).get("space/list")["Cache-Control"] == "private, no-store"
