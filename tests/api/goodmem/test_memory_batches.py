"""/v1/memories:batch…: many at once, each with its own outcome."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from memories.models import Memory
from spaces.models import AuditEntry, SpaceAccess
from spaces_project.kit import limits
from tests.factories import actor_of

from .caller import Caller, refused, told
from .library import body_of, desk, form, listed, made, ready, send_form

MISSING = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def space(world: Any) -> Any:
    return desk(world)


def test_many_are_made_each_with_its_own_outcome(alice: Caller, space: Any) -> None:
    base = {"spaceId": str(space.pk), "contentType": "text/plain"}
    requests = [
        {**base, "originalContent": "First"},
        {**base, "originalContentB64": "AAEC"},
        {**base, "originalContentB64": "?"},
        {**base, "originalContent": "x", "spaceId": MISSING},
        {**base, "originalContent": "x", "spaceId": None},
    ]
    results = told(alice.post("memories:batchCreate", {"requests": requests}), 207)["results"]
    assert [each["success"] for each in results] == [True, True, False, False, False]
    assert results[0]["memory"]["processingStatus"] == "PENDING"
    assert [each["error"]["code"] for each in results[2:]] == [400, 404, 400]
    assert results[3]["error"]["message"] == f"Space not found: {MISSING}"
    assert Memory.objects.count() == 2
    told(alice.post("memories:batchCreate", {"requests": requests[:1]}), 200)
    for body in ({}, {"requests": []}, {"requests": [1]}, {"requests": {}}):
        assert refused(alice.post("memories:batchCreate", body))[0] == 400


def test_many_files_are_made_by_one_form(alice: Caller, space: Any) -> None:
    base = {"spaceId": str(space.pk), "contentType": "text/plain"}
    requests = [{**base, "fileField": "b"}, {**base, "fileField": "a"}, {**base, "fileField": "c"}]
    files = [("a", "a.txt", "text/plain", b"A"), ("b", "b.txt", "text/plain", b"B")]
    for body in (requests, {"requests": requests}):
        results = told(send_form(alice, "memories:batchCreate", form("requests", body, *files)), 207)["results"]
        contents = [body_of(alice.get(f"memories/{each['memory']['memoryId']}/content")) for each in results[:2]]
        assert contents == [b"B", b"A"]
        assert results[2]["error"]["code"] == 400


def test_no_file_of_a_form_is_taken_for_another_memory(alice: Caller, space: Any) -> None:
    base = {"spaceId": str(space.pk), "contentType": "text/plain"}
    first, second = ("a", "a.txt", "text/plain", b"A"), ("b", "b.txt", "text/plain", b"B")
    mixed = [{**base, "fileField": "a"}, {**base, "originalContent": "Inline"}, base]
    results = told(send_form(alice, "memories:batchCreate", form("requests", mixed, first)), 207)["results"]
    assert [each["success"] for each in results] == [True, True, False]
    contents = [body_of(alice.get(f"memories/{each['memory']['memoryId']}/content")) for each in results[:2]]
    assert contents == [b"A", b"Inline"]
    status, sentence = refused(send_form(alice, "memories:batchCreate", form("requests", mixed, first, second)))
    assert (status, sentence) == (400, "No fileField names the file b.")
    same = [("file", "1.txt", "text/plain", b"1"), ("file", "2.txt", "text/plain", b"2")]
    assert refused(send_form(alice, "memories:batchCreate", form("requests", [base, base], *same)))[0] == 400
    assert Memory.objects.count() == 2
    alone = told(send_form(alice, "memories:batchCreate", form("requests", [base], first)))["results"]
    assert alone[0]["success"]


def test_many_are_read(world: Any, alice: Caller, space: Any, monkeypatch: Any) -> None:
    first, second = ready(world, alice, space, "First", "Second")
    asked = {"memoryIds": [second, MISSING, "x", 5, first], "includeContent": True, "includeProcessingHistory": True}
    results = told(alice.post("memories:batchGet", asked), 207)["results"]
    assert [each["success"] for each in results] == [True, False, False, False, True]
    assert base64.b64decode(results[0]["memory"]["originalContent"]) == b"Second"
    assert results[4]["memory"]["processingHistory"]["attempts"]
    assert results[1]["memoryId"] == MISSING
    assert [each["error"]["code"] for each in results[1:4]] == [404, 400, 400]
    monkeypatch.setattr(limits, "CONTENT_BYTES_PER_ANSWER", 6)
    results = told(alice.post("memories:batchGet", {"memoryIds": [second, first], "includeContent": True}), 207)[
        "results"
    ]
    assert [each["success"] for each in results] == [True, False]


def test_many_are_deleted_by_id_or_by_filter(world: Any, alice: Caller, bob: Caller, space: Any) -> None:
    acme = ready(world, alice, space, "A", "B", metadata={"a": "b"})
    other, third = ready(world, alice, space, "C", "D")
    here = {"spaceId": str(space.pk)}
    selectors = [
        {"memoryId": other},
        {"memoryId": MISSING},
        {"filterSelector": {**here, "statusFilter": "COMPLETED", "filter": "CAST(val('$.a') AS TEXT) = 'b'"}},
        {"filterSelector": {**here, "statusFilter": "FAILED"}},
        {"filterSelector": {**here, "filter": "nonsense("}},
        {"memoryId": other, "filterSelector": here},
    ]  # fmt: skip
    body = told(alice.post("memories:batchDelete", {"requests": selectors}), 207)
    assert [each["deletedCount"] for each in body["results"]] == [1, 0, 2, 0, 0, 0]
    assert [each["success"] for each in body["results"]] == [True, False, True, True, False, False]
    assert [each["requestIndex"] for each in body["results"]] == [0, 1, 2, 3, 4, 5]
    assert body["totalDeleted"] == 3
    assert listed(alice, space) == [third]
    assert AuditEntry.objects.filter(operation="memory.delete", object_id__in=[*acme, other]).count() == 3
    assert told(alice.post("memories:batchDelete", {"memoryIds": [third]}))["totalDeleted"] == 1
    assert refused(alice.post("memories:batchDelete", {}))[0] == 400


def test_a_filter_deletes_nothing_that_one_may_not(world: Any, alice: Caller, bob: Caller, space: Any) -> None:
    SpaceAccess.grant(space, world.bob, "UPLOAD", actor_of(world.alice))
    hers, his = made(alice, space, metadata={"who": "alice"})["memoryId"], made(bob, space)["memoryId"]
    everything = {"requests": [{"filterSelector": {"spaceId": str(space.pk)}}]}
    (result,) = told(bob.post("memories:batchDelete", everything), 207)["results"]
    assert (result["error"]["code"], result["deletedCount"]) == (403, 0)
    assert set(listed(alice, space)) == {hers, his}
    mine = {"spaceId": str(space.pk), "filter": "NOT exists('$.who')"}
    assert told(bob.post("memories:batchDelete", {"requests": [{"filterSelector": mine}]}))["totalDeleted"] == 1
    assert listed(alice, space) == [hers]
