"""Addresses to put files to and to get them from: good once, for a time, and for whom they were made."""

from __future__ import annotations

from typing import Any

import pytest

from memories.models import FolderAccess, FolderLevel, State
from spaces_project.kit import limits
from tests.api.unique.caller import Caller, refused
from tests.api.unique.files import TEXT, body_of, bring, memory_of, put, read, said, upsert
from tests.api.world import World
from tests.factories import actor_of, make_key
from tests.ingesting import ingest_all


def test_an_address_is_good_once(world: World, alice: Caller, to: Any) -> None:
    first = upsert(alice, body=to, byteSize=4)
    assert refused(put(first["writeUrl"], b"12345")) == (413, "PAYLOAD_TOO_LARGE")
    assert refused(read(first["readUrl"])) == (404, "NOT_FOUND"), "nothing is kept of what was refused"
    assert put(first["writeUrl"], b"1234").status_code == 201
    assert refused(put(first["writeUrl"], b"5678")) == (409, "CONFLICT")
    assert body_of(read(first["readUrl"])) == b"1234"


@pytest.mark.thorough
def test_sizes_that_nobody_knew(world: World, alice: Caller, to: Any) -> None:
    placeholder = upsert(alice, "one.txt", body=to, byteSize=1)
    assert put(placeholder["writeUrl"]).status_code == 201
    empty = upsert(alice, "empty.txt", body=to)
    assert put(empty["writeUrl"], b"").status_code == 201
    done = upsert(alice, "empty.txt", body={**to, "fileUrl": empty["readUrl"]}, byteSize=0)
    assert done["byteSize"] == 0
    ingest_all(world.account)
    assert memory_of(done).failure_code == "EMPTY"
    large = alice.post("content/upsert", {"input": said("l", byteSize=limits.ORIGINAL_BYTES + 1), **to})
    assert refused(large) == (413, "PAYLOAD_TOO_LARGE")


def test_what_is_no_address_opens_nothing(world: World, alice: Caller, to: Any) -> None:
    first = upsert(alice, body=to)
    url, _, key = first["writeUrl"].partition("key=")
    for wrong in ("", "x", key[:-1], key[1:], f"{key}{key}", "%00", "a" * 2000, "%ff"):
        assert refused(put(f"{url}key={wrong}"))[0] == 403
    assert refused(put(url.rstrip("?")))[0] == 403
    assert refused(read(first["writeUrl"]))[0] == 405
    assert memory_of(first).state == State.UPLOADING


def test_an_address_ends_with_its_time(world: World, alice: Caller, to: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UPLOAD_SECONDS", -1)
    first = upsert(alice, body=to)
    answer = put(first["writeUrl"])
    assert refused(answer) == (403, "FORBIDDEN")
    assert "time" in answer.json()["error"]["message"]
    assert refused(read(first["readUrl"])) == (403, "FORBIDDEN")
    finished = alice.post("content/upsert", {"input": said("ferry.txt"), **to, "fileUrl": first["readUrl"]})
    assert "announce the file again" in finished.json()["error"]["message"]


def test_an_address_ends_with_who_it_was_made_for(world: World, bob: Caller, folder: Any, to: Any) -> None:
    grant = FolderAccess.grant(folder, world.bob, FolderLevel.WRITE, actor_of(world.alice))
    kept, lost = bring(bob, body=to), upsert(bob, "later.txt", body=to)
    grant.revoke(actor_of(world.alice))
    assert refused(put(lost["writeUrl"]))[0] in (403, 404)
    assert refused(read(kept["readUrl"])) == (404, "NOT_FOUND")
    FolderAccess.grant(folder, world.bob, FolderLevel.READ, actor_of(world.alice))
    assert body_of(read(kept["readUrl"])) == TEXT
    assert refused(put(lost["writeUrl"])) == (403, "FORBIDDEN")
    world.bob.deactivate(by=actor_of(world.admin))
    assert refused(read(kept["readUrl"])) == (403, "FORBIDDEN")


@pytest.mark.thorough
def test_an_address_ends_with_its_key(world: World, folder: Any, to: Any) -> None:
    key, token = make_key(world.alice)
    first = upsert(Caller(token), body=to)
    key.revoke(by=actor_of(world.alice))
    assert refused(put(first["writeUrl"])) == (403, "FORBIDDEN")


def test_every_name_of_the_dialect_takes_whole_files(world: World, alice: Caller, to: Any) -> None:
    """Clients rewrite all of an address but its key, as INGESTION_UPLOAD_API_URL_INTERNAL tells them."""
    data = b"x" * (limits.JSON_BODY_BYTES + 1)
    for name in ("", "chat/", "chat-gen2/"):
        url = upsert(alice, f"{name}large.bin".replace("/", "-"), to)["writeUrl"]
        assert put(url.replace("/public/chat-gen2/", f"/public/{name}"), data).status_code == 201, name
