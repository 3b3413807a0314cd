"""What an answer quotes opens for who may still read it, on the page and in the Unique dialect; the answer stays."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from tests.pages.chats import url

pytestmark = pytest.mark.django_db
TEXT = "The warranty covers the frame for eleven years."
QUESTION = "How long does the warranty cover the frame?"


class Quoted:
    """A chat of bob's in alice's space, which answers from folders: it quotes ``file``, which he may read."""

    def __init__(self, world: Any) -> None:
        from chats.answering import answer_chat
        from chats.models import Assistant, Chat
        from chats.replies import ask
        from memories import ingestion
        from memories.models import Folder, FolderAccess, FolderLevel
        from spaces.models import SpaceAccess
        from spaces.models.access import AccessLevel
        from tests.api.unique.caller import caller
        from tests.factories import actor_of, make_chat, make_space
        from tests.ingesting import ingest_all, use_hashing

        self.by, self.bob = actor_of(world.alice), actor_of(world.bob)
        account = world.account
        use_hashing(account)
        space = make_space(account, world.alice)
        SpaceAccess.grant(space, world.bob, AccessLevel.USE, self.by)
        Assistant.of(space).change(self.by, internal_search=True)
        folder = Folder.create(self.by, account, None, "Terms")
        self.grant = FolderAccess.grant(folder, world.bob, FolderLevel.READ, self.by)
        self.file = ingestion.add(
            self.by, account.default_space, TEXT.encode(), folder=folder, name="Warranty", key="warranty.txt"
        )
        self.chat: Chat = make_chat(space, world.bob)
        self.attached = ingestion.add(self.bob, space, b"Attached.", chat=self.chat, name="Attached", key="a.txt")
        ingest_all(account)
        self.answer = ask(self.bob, self.chat, QUESTION).answer
        answer_chat(self.chat)
        self.client, self.caller = world.client(world.bob), caller(world.bob)

    @property
    def reference(self) -> Any:
        from tests.api.unique.caller import told

        message = told(self.caller.get(f"messages/{self.answer.wire_id}?chatId={self.chat.unique_id}"))
        return message["references"][0]

    def found(self, content: str) -> Any:
        from tests.api.unique.caller import told

        return told(self.caller.post("content/search", {"where": {"id": {"equals": content}}}))

    def link(self) -> tuple[str, str]:
        """The address and the words of the first source on the page."""
        html = self.client.get(url("chat_detail", self.chat)).content.decode()
        found: list[tuple[str, str]] = re.findall(r'<li class="source".*?<a href="(.*?)">(.*?)</a>', html)
        return found[0]


@pytest.fixture
def quoted(world: Any) -> Quoted:
    return Quoted(world)


def test_a_source_opens_until_it_is_shut_off_and_the_answer_stays(quoted: Quoted) -> None:
    content = quoted.file.unique_id
    assert quoted.reference["url"] == f"unique://content/{content}"
    assert quoted.reference["sourceId"] == f"{content}_chunk_{quoted.file.chunks.get().pk.hex}"
    assert [each["id"] for each in quoted.found(content)] == [content]
    address, words = quoted.link()
    assert words == "Warranty"
    assert quoted.client.get(address, follow=True).status_code == 200
    before = quoted.reference
    quoted.grant.revoke(quoted.by)
    assert quoted.reference == before
    assert quoted.link() == (address, words)
    assert quoted.client.get(address).status_code == 404
    assert quoted.found(content) == []
    assert quoted.caller.get(f"content/{content}/file").status_code == 404


def test_a_file_of_the_chat_comes_as_a_download(quoted: Quoted, world: Any) -> None:
    address = url("chat_source", quoted.chat, quoted.attached.pk)
    response = quoted.client.get(address)
    assert (response.status_code, b"".join(response.streaming_content)) == (200, b"Attached.")
    assert response["Content-Disposition"] == 'attachment; filename="a.txt"'
    assert response["Cache-Control"] == "private, no-store"
    away = Client().get(address)
    assert (away.status_code, away["Location"].split("?")[0]) == (302, "/sign-in/"), "without a sign-in"
    assert world.client(world.mallory).get(address).status_code == 404
    quoted.attached.remove(quoted.bob)
    assert quoted.client.get(address).status_code == 404
