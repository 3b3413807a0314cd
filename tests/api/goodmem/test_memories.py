"""/v1/memories: create in three ways, read, list, download, delete."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from uuid import uuid4

import pytest

from memories.models import Chunk, Memory
from memories.models.memories import State
from spaces.models import AuditEntry, SpaceAccess
from spaces_project.kit import limits
from tests.factories import actor_of, make_chat

from .caller import Caller, blamed, refused, told
from .library import BOUNDARY, body_of, desk, form, listed, made, ready, send_form

MISSING = "00000000-0000-7000-8000-000000000000"
PDF = b"%PDF-1.4\n"


@pytest.fixture
def space(world: Any) -> Any:
    return desk(world)


# ----------------------------------------------------------------------- create


def test_a_text_becomes_a_memory(world: Any, alice: Caller, space: Any) -> None:
    pk, meta = str(uuid4()), {"tenant": "acme", "year": 2026, "nested": {"x": 1.5}, "title": " A \n title "}
    memory = made(alice, space, "Hello ☕ world", memoryId=pk, metadata=meta, originalContentRef="s3://b/k")
    text = "Hello ☕ world".encode()
    assert memory == {
        "memoryId": pk,
        "spaceId": str(space.pk),
        "contentType": "text/plain",
        "processingStatus": "PENDING",
        "pageImageStatus": "PENDING",
        "pageImageCount": 0,
        "metadata": meta,
        "originalContentLength": len(text),
        "originalContentSha256": hashlib.sha256(text).hexdigest(),
        "originalContentRef": "s3://b/k",
        "createdAt": memory["createdAt"],
        "updatedAt": memory["createdAt"],
        "createdById": str(world.alice.pk),
        "updatedById": str(world.alice.pk),
    }
    assert isinstance(memory["createdAt"], int)
    assert Memory.objects.get(pk=pk).name == "A title"
    (again,) = told(alice.get(f"spaces/{space.pk}/memories"))["memories"]
    assert again == memory
    ready(world, alice, space)
    done = told(alice.get(f"memories/{pk.upper()}?include_content=true&includeProcessingHistory=true"))
    assert done["processingStatus"] == done["pageImageStatus"] == "COMPLETED"
    assert base64.b64decode(done["originalContent"]) == text
    job = done["processingHistory"]["latestJob"]
    assert (job["jobId"], job["status"], job["attempts"], job["maxAttempts"]) == (1, "BACKGROUND_JOB_SUCCEEDED", 1, 5)
    (attempt,) = done["processingHistory"]["attempts"]
    assert (attempt["attemptId"], attempt["ok"], attempt["progressCurrent"]) == (101, True, 1)


def test_base64_becomes_a_memory(alice: Caller, space: Any) -> None:
    plan = {"none": {}}
    memory = made(
        alice, space, None, originalContentB64="JVBERi0xLjQK", contentType="application/pdf", chunkingConfig=plan
    )  # fmt: skip
    assert memory["chunkingConfig"] == {"none": {}, "recursive": None, "sentence": None}
    assert body_of(alice.get(f"memories/{memory['memoryId']}/content")) == PDF


def test_a_file_becomes_a_memory(alice: Caller, space: Any) -> None:
    request = {"spaceId": str(space.pk), "contentType": "application/pdf", "metadata": {"k": "v"}}
    answer = send_form(
        alice, "memories", form("request", request, ("file", "döc.pdf", "application/pdf", PDF * 400_000))
    )
    memory = told(answer, 201)
    assert (memory["originalContentLength"], memory["metadata"]) == (len(PDF) * 400_000, {"k": "v"})
    assert Memory.objects.get(pk=memory["memoryId"]).key == "döc.pdf"


def test_what_failed_says_why(world: Any, alice: Caller, space: Any) -> None:
    (pk,) = ready(world, alice, space, "")
    memory = told(alice.get(f"memories/{pk}?include_processing_history=true"))
    assert memory["processingStatus"] == "FAILED"
    job, (attempt,) = memory["processingHistory"]["latestJob"], memory["processingHistory"]["attempts"]
    assert job["status"] == "BACKGROUND_JOB_FAILED"
    assert job["lastError"] == attempt["errorMessage"]
    assert job["failureStage"] == attempt["failureStage"] == "DOCUMENT_PROCESSING_STAGE_EXTRACTING_CONTENT"


CONTENT = {"originalContent": "x"}


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"originalContentB64": "eA=="}, ["originalContent"]),
        ({"originalContent": None}, ["originalContent"]),
        ({"originalContent": None, "originalContentB64": "a b!"}, ["originalContentB64"]),
        ({"originalContent": None, "originalContentB64": "eA="}, ["originalContentB64"]),
        ({"contentType": None}, ["contentType"]),
        ({"contentType": "text/plain\r\nX: y"}, ["contentType"]),
        ({"contentType": "a/" + "b" * 127}, ["contentType"]),
        ({"memoryId": "../spaces"}, ["memoryId"]),
        ({"spaceId": "x"}, ["spaceId"]),
        ({"spaceId": None}, ["spaceId"]),
        ({"metadata": [1]}, ["metadata"]),
        ({"metadata": {"k": "v" * 70_000}}, ["metadata"]),
        ({"chunkingConfig": {}}, ["chunkingConfig"]),
        ({"chunkingConfig": {"recursive": {"chunkSize": 0}}}, ["chunkingConfig.recursive.chunkSize"]),
        (
            {"chunkingConfig": {"recursive": {"chunkSize": 9, "chunkOverlap": 9}}},
            ["chunkingConfig.recursive.chunkOverlap"],
        ),
        ({"chunkingConfig": {"none": {}, "sentence": {"maxChunkSize": 5}}}, ["chunkingConfig"]),
        ({"extractPageImages": "maybe"}, ["extractPageImages"]),
        ({"unknown": 1}, []),
        ({"originalContent": "a\u0000b"}, []),
    ],
)
def test_a_wrong_memory_is_refused(alice: Caller, space: Any, change: Any, fields: list[str]) -> None:
    body = {"spaceId": str(space.pk), "contentType": "text/plain", **CONTENT, **change}
    assert blamed(alice.post("memories", {name: value for name, value in body.items() if value is not None})) == fields
    assert not Memory.objects.exists()


def test_texts_stand_for_numbers_and_booleans(alice: Caller, space: Any) -> None:
    plan = {"recursive": {"chunkSize": "1000", "chunkOverlap": "0", "separatorIsRegex": "false"}}
    memory = made(alice, space, chunkingConfig=plan, extractPageImages="true")
    assert memory["chunkingConfig"]["recursive"]["chunkSize"] == 1000


def test_an_id_is_taken_once(alice: Caller, mallory: Caller, space: Any, world: Any) -> None:
    pk = str(uuid4())
    made(alice, space, memoryId=pk)
    body = {"spaceId": str(space.pk), "memoryId": pk, "contentType": "text/plain", **CONTENT}
    assert refused(alice.post("memories", body)) == (409, "A memory with this ID already exists")
    theirs = {**body, "spaceId": str(world.other.default_space.pk)}
    assert refused(mallory.post("memories", theirs))[0] == 409


@pytest.mark.thorough
def test_where_a_memory_may_not_be(alice: Caller, bob: Caller, space: Any, world: Any) -> None:
    body = {"contentType": "text/plain", **CONTENT}
    assert refused(alice.post("memories", {**body, "spaceId": MISSING})) == (404, f"Space not found: {MISSING}")
    assert refused(bob.post("memories", {**body, "spaceId": str(space.pk)})) == (404, f"Space not found: {space.pk}")
    SpaceAccess.grant(space, world.bob, "USE", actor_of(world.alice))
    assert refused(bob.post("memories", {**body, "spaceId": str(space.pk)}))[0] == 403
    space.archive(actor_of(world.alice))
    assert refused(alice.post("memories", {**body, "spaceId": str(space.pk)}))[0] == 409
    assert not Memory.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        form("other", {}),
        form("request", [1]),
        form("request", {"contentType": "text/plain"}, ("file", "f", "text/plain", b"x")),
        b"--nonsense",
        b"",
    ],
)
def test_a_wrong_form_is_refused(alice: Caller, space: Any, data: bytes) -> None:
    assert refused(send_form(alice, "memories", data))[0] == 400


END = f"--{BOUNDARY}--\r\n".encode()


def test_a_form_needs_one_file(alice: Caller, space: Any) -> None:
    request = {"spaceId": str(space.pk), "contentType": "text/plain"}
    assert blamed(send_form(alice, "memories", form("request", request))) == ["originalContent"]
    two = [("a", "a.txt", "text/plain", b"A"), ("b", "b.txt", "text/plain", b"B")]
    assert blamed(send_form(alice, "memories", form("request", request, *two))) == ["fileField"]
    chosen = told(send_form(alice, "memories", form("request", {**request, "fileField": "b"}, *two)), 201)
    assert body_of(alice.get(f"memories/{chosen['memoryId']}/content")) == b"B"
    both = {**request, "originalContent": "x"}
    assert blamed(send_form(alice, "memories", form("request", both, *two[:1]))) == ["originalContent"]


def test_nothing_of_a_form_is_dropped_for_the_like(alice: Caller, space: Any) -> None:
    request = {"spaceId": str(space.pk), "contentType": "text/plain"}
    named = [("file", "1.txt", "text/plain", b"1"), ("more", "2.txt", "text/plain", b"2")]
    assert blamed(send_form(alice, "memories", form("request", request, *named))) == ["fileField"]
    twice = [("file", "1.txt", "text/plain", b"1"), ("file", "2.txt", "text/plain", b"2")]
    assert blamed(send_form(alice, "memories", form("request", request, *twice))) == ["file"]
    once = form("request", request, named[0])
    assert blamed(send_form(alice, "memories", form("request", request).removesuffix(END) + once)) == ["request"]
    assert not Memory.objects.exists()


def test_the_json_of_a_form_is_read_as_strictly_as_any(alice: Caller, space: Any) -> None:
    request = {"spaceId": str(space.pk), "contentType": "text/plain", "metadata": {"place": "Café"}}
    data = form("request", request, ("file", "ü.txt", "text/plain", b"1"))
    spelled = data.replace(b"\\u00e9", "é".encode())
    memory = told(send_form(alice, "memories", spelled), 201)
    assert memory["metadata"] == {"place": "Café"}
    assert Memory.objects.get(pk=memory["memoryId"]).key == "ü.txt"
    status, sentence = refused(send_form(alice, "memories", data.replace(b"\\u00e9", b"\xe9")))
    assert (status, "not UTF-8" in sentence) == (400, True)


def test_a_form_of_too_many_files_is_told_so(alice: Caller, space: Any) -> None:
    request = {"spaceId": str(space.pk), "contentType": "text/plain"}
    many = [(f"f{number}", "a.txt", "text/plain", b"A") for number in range(101)]
    status, sentence = refused(send_form(alice, "memories", form("request", request, *many)))
    assert (status, sentence) == (400, "The form has more than 100 files; send several forms.")


def test_files_have_an_end(alice: Caller, space: Any, monkeypatch: Any) -> None:
    for name, most in (("ORIGINAL_BYTES", 100_000), ("JSON_BODY_BYTES", 120_000), ("UPLOAD_JSON_BYTES", 180_000)):
        monkeypatch.setattr(limits, name, most)

    def sent(coded: str) -> Any:
        body = {"spaceId": str(space.pk), "contentType": "text/plain", "originalContentB64": coded}
        return alice.post("memories", body)

    assert refused(sent(base64.b64encode(bytes(100_001)).decode()))[0] == 413
    assert refused(sent("A" * 170_000))[0] == 413
    assert refused(sent("A" * 180_000))[0] == 413
    assert refused(alice.post("spaces", {"name": "A" * 120_000}))[0] == 413
    request = {"spaceId": str(space.pk), "contentType": "text/plain"}
    data = form("request", request, ("file", "f", "text/plain", bytes(100_001)))
    assert refused(send_form(alice, "memories", data))[0] == 413
    assert not Memory.objects.exists()
    made(alice, space, None, originalContentB64=base64.b64encode(bytes(100_000)).decode())


# ------------------------------------------------------------------- read, list


def test_what_is_not_there_or_hidden_is_404(
    alice: Caller, bob: Caller, mallory: Caller, space: Any, world: Any
) -> None:
    from memories import ingestion

    pk = made(alice, space)["memoryId"]
    chat = make_chat(space, world.alice)
    hidden = str(ingestion.add(actor_of(world.alice), space, b"Hidden", chat=chat).pk)
    for who, memory in ((alice, MISSING), (bob, pk), (mallory, pk), (alice, hidden)):
        for route in (f"memories/{memory}", f"memories/{memory}/content", f"memories/{memory}/pages"):
            assert refused(who.get(route)) == (404, f"Memory not found: {memory}")
        assert refused(who.delete(f"memories/{memory}")) == (404, f"Memory not found: {memory}")
    assert refused(bob.get(f"spaces/{space.pk}/memories"))[0] == 404
    assert listed(alice, space) == [pk]
    assert blamed(alice.get("memories/not-a-uuid")) == ["id"]


def test_a_public_space_is_read_without_a_key(anyone: Caller, alice: Caller, mallory: Caller, world: Any) -> None:
    space = desk(world)
    (pk,) = ready(world, alice, space, "Open to all")
    for who in (anyone, mallory):
        assert refused(who.get(f"memories/{pk}"))[0] in (401, 404)
    space.change(actor_of(world.alice), public_read=True)
    for who in (anyone, mallory):
        assert told(who.get(f"memories/{pk}"))["memoryId"] == pk
        assert listed(who, space) == [pk]
        assert body_of(who.get(f"memories/{pk}/content")) == b"Open to all"
        assert told(who.get(f"memories/{pk}/pages")) == {"pageImages": [], "nextToken": None}
        assert refused(who.get(f"memories/{pk}/pages/0/image"))[0] in (401, 404)
        batch = told(who.post("memories:batchGet", {"memoryIds": [pk]}))
        assert batch["results"][0]["memory"]["memoryId"] == pk
    assert refused(anyone.delete(f"memories/{pk}"))[0] == 401
    assert refused(mallory.delete(f"memories/{pk}"))[0] == 404
    assert refused(anyone.post("memories", {"spaceId": str(space.pk)}))[0] == 401
    assert refused(Caller("sk_wrong").get(f"memories/{pk}"))[0] == 401


def test_lists_are_filtered_sorted_and_paged(world: Any, alice: Caller, space: Any) -> None:
    first, second = ready(world, alice, space, "First", "Second", metadata={"tenant": "acme", "n": 1})
    third = made(alice, space, "Third", metadata={"tenant": "other", "n": 2}, contentType="text/markdown")["memoryId"]
    assert listed(alice, space) == [third, second, first]
    assert listed(alice, space, "sort_order=ASCENDING") == [first, second, third]
    assert listed(alice, space, "sortBy=content_type&sortOrder=ASCENDING")[0] == third
    assert listed(alice, space, "sort_by=processing_status&sort_order=DESCENDING")[0] == third
    assert listed(alice, space, "statusFilter=PENDING") == [third]
    assert listed(alice, space, "filter=CAST(val('$.tenant') AS TEXT) = 'acme'") == [second, first]
    assert listed(alice, space, "status_filter=COMPLETED&filter=CAST(val('$.n') AS NUMERIC) %3E 1") == []
    seen, token = [], ""
    while token is not None:
        page = told(alice.get(f"spaces/{space.pk}/memories?max_results=0&sort_by=content_type&next_token={token}"))
        seen += [each["memoryId"] for each in page["memories"]]
        token = page["nextToken"]
        assert len(page["memories"]) == 1
    assert sorted(seen) == sorted([first, second, third])


@pytest.mark.thorough
def test_wrong_lists_are_refused(alice: Caller, bob: Caller, space: Any, world: Any) -> None:
    for number in range(3):
        made(alice, space, str(number))
    at = f"spaces/{space.pk}/memories"
    assert blamed(alice.get(f"{at}?sortBy=name")) == ["sortBy"]
    assert blamed(alice.get(f"{at}?statusFilter=DONE")) == ["statusFilter"]
    assert blamed(alice.get(f"{at}?maxResults=many")) == ["maxResults"]
    status, message = refused(alice.get(f"{at}?filter=val('$.a') ="))
    assert (status, message.startswith("Invalid filter: Parse error at position")) == (400, True)
    token = told(alice.get(f"{at}?maxResults=1"))["nextToken"]
    assert listed(alice, space, f"maxResults=5&nextToken={token}")
    for query in (f"nextToken={token}&statusFilter=PENDING", f"nextToken={token}x", "nextToken=abc"):
        assert blamed(alice.get(f"{at}?{query}")) == ["nextToken"]
    assert refused(alice.get(f"spaces/{MISSING}/memories"))[0] == 404


@pytest.mark.thorough
def test_a_page_with_contents_ends_early(alice: Caller, space: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(limits, "CONTENT_BYTES_PER_ANSWER", 10)
    for text in ("Aaaaaa", "Bbbb", "Cccc"):
        made(alice, space, text)
    at = f"spaces/{space.pk}/memories?includeContent=true"
    page = told(alice.get(at))
    assert [base64.b64decode(each["originalContent"]) for each in page["memories"]] == [b"Cccc", b"Bbbb"]
    rest = told(alice.get(f"{at}&nextToken={page['nextToken']}"))
    assert [base64.b64decode(each["originalContent"]) for each in rest["memories"]] == [b"Aaaaaa"]
    assert rest["nextToken"] is None


# ---------------------------------------------------------------------- content


def test_content_comes_whole_in_part_or_not_at_all(alice: Caller, space: Any) -> None:
    at = f"memories/{made(alice, space, '0123456789', contentType='text/html')['memoryId']}/content"
    whole = alice.get(at, accept="application/octet-stream")
    assert (body_of(whole), whole["Content-Type"], whole["Content-Length"]) == (b"0123456789", "text/html", "10")
    assert whole["Content-Disposition"] == "attachment"
    assert "sandbox" in whole["Content-Security-Policy"]
    etag = whole["ETag"]
    for asked, told_, span in (
        ("bytes=0-3", b"0123", "0-3"),
        ("bytes=4-", b"456789", "4-9"),
        ("bytes=-3", b"789", "7-9"),
        ("bytes=8-99", b"89", "8-9"),
    ):
        part = alice.get(at, range=asked, if_match=etag)
        assert (part.status_code, body_of(part), part["Content-Range"]) == (206, told_, f"bytes {span}/10")
    for asked in ("bytes=10-", "bytes=5-2", "bytes=0-1,3-4", "bytes=-", "bytes=-0"):
        beyond = alice.get(at, range=asked)
        assert (refused(beyond)[0], beyond["Content-Range"]) == (416, "bytes */10")
    for asked in (f"bytes=0-{'9' * 40}", f"bytes=-{'9' * 40}"):
        assert body_of(alice.get(at, range=asked)) == b"0123456789"
    other = alice.get(at, range="lines=1-2")  # no unit that is known
    assert (other.status_code, body_of(other)) == (200, b"0123456789")
    assert refused(alice.get(at, if_match='"abc"'))[0] == 412
    for known in (etag, f"W/{etag}", f'"x", W/{etag}', "*"):
        unchanged = alice.get(at, if_none_match=known)
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        assert "Content-Length" not in unchanged
    assert refused(alice.get(at, if_match=f"W/{etag}"))[0] == 412
    assert body_of(alice.get(at, range="bytes=0-3", if_range='"old"')) == b"0123456789"
    for head in (alice.call("HEAD", at), alice.call("HEAD", at, range="bytes=0-3")):
        assert (head.status_code, head["Content-Length"], head.content) == (200, "10", b"")


# ----------------------------------------------------------------------- delete


def test_a_deleted_memory_is_gone(world: Any, alice: Caller, space: Any) -> None:
    gone, stays = ready(world, alice, space, "Gone", "Stays")
    answer = alice.delete(f"memories/{gone}?x=1")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "Content-Length" not in answer
    assert refused(alice.get(f"memories/{gone}"))[0] == 404
    assert not Chunk.objects.filter(memory_id=gone).exists()
    assert listed(alice, space) == [stays]
    verbs = AuditEntry.objects.filter(object_id=gone).values_list("operation", flat=True)
    assert sorted(verbs) == ["memory.create", "memory.delete"]


def test_who_only_adds_deletes_his_own(world: Any, alice: Caller, bob: Caller, space: Any) -> None:
    SpaceAccess.grant(space, world.bob, "UPLOAD", actor_of(world.alice))
    hers, his = made(alice, space)["memoryId"], made(bob, space)["memoryId"]
    assert refused(bob.delete(f"memories/{hers}"))[0] == 403
    assert bob.delete(f"memories/{his}").status_code == 204


def test_states_have_goodmems_words(alice: Caller, space: Any) -> None:
    pk = made(alice, space)["memoryId"]
    for state in State:
        Memory.objects.filter(pk=pk).update(state=state)
        status = told(alice.get(f"memories/{pk}"))["processingStatus"]
        assert listed(alice, space, f"statusFilter={status}") == [pk]
