"""Files of chats through the Unique dialect: who may bring them, and what of them a question selects."""

from __future__ import annotations

from typing import Any

import pytest

from chats.files import place_in
from chats.models import Assistant, Chat, Message
from memories.files import Given, announce
from memories.models import Memory
from spaces.errors import Conflict
from spaces.models import SpaceAccess
from tests.api.unique.caller import Caller, refused, space_id, told
from tests.api.unique.files import body_of, bring, ingested, put, read, said, upsert
from tests.api.world import World
from tests.factories import actor_of, make_chat
from tests.ingesting import use_hashing


@pytest.fixture
def chat(world: World) -> Chat:
    """Alice's, in a space that takes files; bob may use the space."""
    use_hashing(world.account)
    space = world.space()
    Assistant.of(space).change(actor_of(world.alice), chat_upload=Assistant.Upload.ENABLED)
    SpaceAccess.grant(space, world.bob, "USE", actor_of(world.alice))
    return make_chat(space, world.alice)


@pytest.fixture
def to(chat: Chat) -> dict[str, Any]:
    return {"chatId": chat.unique_id, "scopeId": None}


def test_a_file_comes_into_a_chat(world: World, alice: Caller, chat: Chat, to: Any) -> None:
    done = bring(alice, body=to)
    assert (done["ownerType"], done["ownerId"]) == ("CHAT", chat.unique_id)
    assert "folderId" not in done["metadata"]
    file = Memory.objects.get()
    assert (file.chat, file.space_id, file.folder) == (chat, chat.space_id, None)
    assert bring(alice, body=to)["id"] == done["id"], "the same key in the same chat"
    other = make_chat(chat.space, world.alice)
    assert bring(alice, body={"chatId": other.unique_id})["id"] != done["id"]


def test_a_chat_that_moves_takes_what_comes_meanwhile(world: World, chat: Chat) -> None:
    """What was asked of the chat before it moved: its file is of the space where the chat is then."""
    by, other = actor_of(world.alice), world.space()
    before, given = place_in(by, chat), Given(key="ferry.txt", fields={"mime_type": "text/plain"})
    Chat.objects.get(pk=chat.pk).change(by, space=other)
    memory = announce(by, before, given).memory
    assert (memory.space_id, Memory.objects.get().space_id) == (other.pk, other.pk)
    chat.remove(by)
    with pytest.raises(Conflict, match="deleted meanwhile"):
        announce(by, before, given)


def test_it_is_given_back_where_its_chat_is_named(
    world: World, alice: Caller, bob: Caller, chat: Chat, to: Any
) -> None:
    ids = {bring(alice, data=data, body={**to, "versioningEnabled": True})["id"] for data in (b"one", b"two")}
    (content,), there = ids, f"?chatId={chat.unique_id}"
    assert body_of(alice.get(f"content/{content}/file{there}")) == b"two"
    (version,) = told(alice.get(f"content/{content}/versions{there}"))["data"]
    route = f"content/versions/{version['id']}"
    url = told(alice.get(f"{route}/download-url{there}"))["url"]
    assert body_of(read(url)) == b"one"
    assert refused(alice.get(f"{route}/download-url")) == (404, "NOT_FOUND")
    assert refused(alice.post(f"{route}/restore")) == (404, "NOT_FOUND")
    for stranger_route in (f"content/{content}/file{there}", f"{route}/download-url{there}"):
        assert refused(bob.get(stranger_route)) == (404, "NOT_FOUND")
    restored = told(alice.post(f"{route}/restore", {"chatId": chat.unique_id}), 201)
    assert restored["byteSize"] == 3
    state = {"ingestionState": "QUEUED", "chatId": chat.unique_id}
    told(alice.patch(f"content/{content}/ingestion-state", state))
    chat.remove(actor_of(world.alice))
    assert refused(read(url)) == (404, "NOT_FOUND")


def test_only_who_may_write_in_the_chat_adds_files(world: World, bob: Caller, mallory: Caller, to: Any) -> None:
    for stranger in (bob, mallory):
        assert refused(stranger.post("content/upsert", {"input": said("x.txt"), **to})) == (404, "NOT_FOUND")
    assert not Memory.objects.exists()


def test_a_space_may_take_no_files_in_chats(world: World, alice: Caller, chat: Chat, to: Any) -> None:
    first = upsert(alice, body=to)
    put(first["writeUrl"])
    Assistant.of(chat.space).change(actor_of(world.alice), chat_upload=Assistant.Upload.DISABLED)
    for body in ({}, {"fileUrl": first["readUrl"]}):
        answer = alice.post("content/upsert", {"input": said("ferry.txt"), **to, **body})
        assert refused(answer) == (403, "FORBIDDEN")
        assert "takes no files" in answer.json()["error"]["message"]
    chat.space.archive(actor_of(world.alice))
    Assistant.of(chat.space).change(actor_of(world.alice), chat_upload=Assistant.Upload.ENABLED)
    late = alice.post("content/upsert", {"input": said("late.txt"), **to})
    assert refused(late) == (409, "CONFLICT")


def test_a_question_selects_files_of_its_chat(world: World, alice: Caller, chat: Chat, to: Any) -> None:
    file = ingested(alice, world.alice, body=to)
    elsewhere = ingested(alice, world.alice, "b.txt", body={"chatId": make_chat(chat.space, world.alice).unique_id})
    asked = {"assistantId": space_id(chat.space), "chatId": chat.unique_id, "text": "?"}

    def ask(*ids: str, **more: Any) -> Any:
        return alice.post("space/message", {**asked, "selectedUploadedFileIds": list(ids), **more})

    for wrong in ([elsewhere.unique_id], ["cont_nothing"], [file.unique_id, chat.unique_id], [""]):
        answer = ask(*wrong)
        assert refused(answer) == (400, "BAD_REQUEST")
        assert "selectedUploadedFileIds" in answer.json()["error"]["message"]
    assert refused(ask(text="")) == (400, "BAD_REQUEST")
    assert refused(ask(file.unique_id, chatId=None)) == (400, "BAD_REQUEST"), "a new chat has no files"
    assert not Message.objects.exists()
    told(ask(file.unique_id, text=""), 201)
    told(ask(file.unique_id, file.unique_id), 201)
    assert Message.objects.filter(role="user").count() == 2
