"""A file of a chat is seen nowhere but in its chat: every list, search, export and count of every dialect and of the
pages, as who may read everything; beside it a memory of the space with the same words, which is seen everywhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from chats.answering import answer_chat
from chats.models import Assistant, Chat, Message
from chats.replies import ask
from memories import ingestion
from memories.models import Chunk, Folder, Memory
from memories.permissions import changeable_memories, visible_files, visible_memories
from memories.retrieval import Place, Query, retrieve
from memories.retrieval.explaining import why_not
from spaces.actors import Actor
from spaces.models import Space
from spaces_project.kit.ids import Prefix, encode
from tests.factories import actor_of, admin_of, make_account, make_chat, make_key, make_space
from tests.ingesting import ingest_all, use_hashing
from tests.security.stage import undone

pytestmark = pytest.mark.django_db
HIDDEN, SHOWN = "hidden-saffron", "shown-saffron"
WORDS = "The secret recipe needs saffron"


class House:
    """Alice administers; her chat has the file ``hidden``, her space the memory ``shown``, a folder the file
    ``filed``."""

    def __init__(self) -> None:
        account = make_account("acme")
        use_hashing(account)
        self.alice = admin_of(account)
        self.by: Actor = actor_of(self.alice)
        self.space = make_space(account, self.alice, name="Kitchen")
        Assistant.of(self.space).change(self.by, chat_upload=Assistant.Upload.ENABLED)
        self.chat = make_chat(self.space, self.alice)
        self.other_chat = make_chat(self.space, self.alice)
        self.hidden = self.add(HIDDEN, chat=self.chat)
        self.shown = self.add(SHOWN)
        folder = Folder.create(self.by, account, None, "Recipes")
        self.filed = self.add(SHOWN, account.default_space, folder=folder)
        ingest_all(account)
        self.token = make_key(self.alice, ("read", "write", "admin"))[1]
        self.api = Client(headers={"authorization": f"Bearer {self.token}"})
        self.pages = Client()
        self.pages.force_login(self.alice)

    def add(self, mark: str, space: Space | None = None, **place: Any) -> Memory:
        text, fields = f"{WORDS}: {mark}.".encode(), {"name": mark, "key": f"{mark}.txt", "meta": {"mark": mark}}
        return ingestion.add(self.by, space or self.space, text, **fields, **place)

    def ids(self, memory: Memory) -> dict[str, str]:
        """Every spelling."""
        wire = {prefix.name: encode(prefix, memory.pk) for prefix in (Prefix.MEMORY, Prefix.CONTENT)}
        return {"plain": str(memory.pk), **wire, "chunk": str(Chunk.objects.get(memory=memory).pk)}


@pytest.fixture
def house() -> House:
    return House()


def body_of(answer: Any) -> bytes:
    assert answer.status_code in (200, 207), (answer.status_code, answer.content[:300])
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


Call = Callable[[House], Any]


def get(path: str) -> Call:
    return lambda house: house.api.get(path.format(space=house.space.pk, wire=house.space.wire_id))


def post(path: str, body: dict[str, Any]) -> Call:
    def call(house: House) -> Any:
        data = json.dumps(body).replace("SPACE", str(house.space.pk))
        return house.api.post(path.format(space=house.space.wire_id), data, content_type="application/json")

    return call


def page(path: str) -> Call:
    return lambda house: house.pages.get(path.format(space=house.space.pk))


UNIQUE = "/public/chat-gen2"
ASKED = {"searchString": WORDS, "searchType": "COMBINED", "limit": 100}
RULE = {"path": ["mark"], "operator": "contains", "value": "saffron"}
SURFACES: dict[str, Call] = {
    "content/search": post(f"{UNIQUE}/content/search", {"where": {}, "includeFailedContent": True}),
    "content/search key": post(f"{UNIQUE}/content/search", {"where": {"key": {"contains": "saffron"}}}),
    "content/info": post(f"{UNIQUE}/content/info", {"metadataFilter": RULE}),
    "content/infos": post(f"{UNIQUE}/content/infos", {"metadataFilter": RULE}),
    "search": post(f"{UNIQUE}/search/search", ASKED),
    "search words": post(f"{UNIQUE}/search/search", {**ASKED, "searchType": "FULL_TEXT"}),
    "memory/list": get("/api/v1/memory/list"),
    "memory/list of space": get("/api/v1/memory/list?spaceId={wire}"),
    "memory/export": get("/api/v1/memory/export"),
    "memory/search": post("/api/v1/memory/search", {"search": WORDS}),
    "goodmem list": get("/v1/spaces/{space}/memories?includeContent=true"),
    "goodmem retrieve": post("/v1/memories:retrieve", {"message": WORDS, "spaceKeys": [{"spaceId": "SPACE"}]}),
    "pages: memories": page("/memories/"),
    "pages: memories found": page("/memories/?q=saffron"),
    "pages: space": page("/spaces/{space}/memories/"),
    "pages: search": page("/search/retrieval/?text=secret+recipe+saffron&spaces={space}"),
    "pages: global search": page("/search/?q=saffron"),
    "pages: export": page("/memories/export.jsonl"),
    "pages: chunks": page("/memories/chunks/export.jsonl"),
}


@pytest.mark.thorough
def test_no_list_and_no_search_shows_it(house: House) -> None:
    marks = [HIDDEN, *house.ids(house.hidden).values()]
    for name, call in SURFACES.items():
        said = body_of(call(house)).decode()
        assert SHOWN in said, f"{name} shows nothing at all"
        assert not [mark for mark in marks if mark in said], name


BY_ID: dict[str, tuple[str, str]] = {
    "file": ("GET", f"{UNIQUE}/content/{{CONTENT}}/file"),
    "file in another chat": ("GET", f"{UNIQUE}/content/{{CONTENT}}/file?chatId={{chat}}"),
    "change": ("PATCH", f"{UNIQUE}/content/{{CONTENT}}"),
    "delete": ("DELETE", f"{UNIQUE}/content/{{CONTENT}}"),
    "state": ("PATCH", f"{UNIQUE}/content/{{CONTENT}}/ingestion-state"),
    "versions": ("GET", f"{UNIQUE}/content/{{CONTENT}}/versions"),
    "memory/fetch": ("GET", "/api/v1/memory/{MEMORY}/fetch"),
    "memory/update": ("POST", "/api/v1/memory/{MEMORY}/update"),
    "memory/delete": ("POST", "/api/v1/memory/{MEMORY}/delete"),
    "goodmem": ("GET", "/v1/memories/{plain}"),
    "goodmem content": ("GET", "/v1/memories/{plain}/content"),
    "goodmem delete": ("DELETE", "/v1/memories/{plain}"),
    **{f"page {part}": ("PAGE", f"/memories/{{plain}}/{part}") for part in ("", "chunks/", "original/", "settings/")},
}


def called(house: House, name: str, memory: Memory) -> Any:
    method, path = BY_ID[name]
    path = path.format(**house.ids(memory), chat=house.other_chat.unique_id)
    if method == "PAGE":
        return house.pages.get(path)
    body = {"ingestionState": "RE_INGESTING"} if path.endswith("state") else {"name": "x", "title": "x"}
    return house.api.generic(method, path, json.dumps(body) if method in ("PATCH", "POST") else "", "application/json")


def test_its_id_alone_opens_nothing(house: House) -> None:
    for name in BY_ID:
        with undone():
            answer, control = called(house, name, house.hidden), called(house, name, house.shown)
            assert answer.status_code == 404, (name, answer.content[:300])
            assert HIDDEN.encode() not in answer.content
            assert Memory.objects.filter(pk=house.hidden.pk, name=HIDDEN, generation=1).exists()
            assert control.status_code < 300, f"{name} does not reach what is no file of a chat either"
            b"".join(control)  # to its end, which closes it


def test_no_count_counts_it(house: House) -> None:
    count = house.api.post(f"{UNIQUE}/content/infos", "{}", content_type="application/json").json()["totalCount"]
    assert count == 2
    for rows in (visible_memories, changeable_memories):
        assert set(rows(house.by).values_list("pk", flat=True)) == {house.shown.pk, house.filed.pk}
    assert [each.pk for each in visible_files(house.by)] == [house.filed.pk]
    assert [each.memory_id for each in retrieve(house.by, [house.space], Query(WORDS))] == [house.shown.pk]


def test_nobody_is_told_why_it_is_not_found(house: House) -> None:
    chunk = Chunk.objects.get(memory=house.hidden)
    for pk in (house.hidden.pk, chunk.pk):
        assert why_not(house.by, [Place(house.space)], Query(WORDS), pk).code == "unknown"
        asked_elsewhere = Query(WORDS, chat=house.other_chat.pk)
        assert why_not(house.by, [Place(house.space)], asked_elsewhere, pk).code == "unknown"


def cited(house: House, chat: Chat) -> set[str]:
    answer = ask(house.by, chat, f"{WORDS}?").answer
    assert answer_chat(chat)
    said = Message.objects.get(pk=answer.pk)
    return {reference.name for reference in said.references.all()} | ({HIDDEN} if HIDDEN in said.text else set())


def test_answers_of_its_chat_alone_use_it(house: House) -> None:
    assert cited(house, house.chat) == {HIDDEN, SHOWN}
    assert cited(house, house.other_chat) == {SHOWN}
    chat = house.chat.unique_id
    named = {"where": {}, "chatId": chat}
    said = house.api.post(f"{UNIQUE}/content/search", json.dumps(named), content_type="application/json").json()
    assert {each["key"] for each in said} == {f"{HIDDEN}.txt", f"{SHOWN}.txt"}
    assert HIDDEN in body_of(house.api.get(f"{UNIQUE}/content/{house.hidden.unique_id}/file?chatId={chat}")).decode()


def test_it_goes_with_its_chat(house: House) -> None:
    assert house.api.delete(f"{UNIQUE}/space/chat/{house.chat.unique_id}").status_code == 200
    left = {house.shown.pk, house.filed.pk}
    assert set(Memory.objects.values_list("pk", flat=True)) == left
    assert set(Chunk.objects.values_list("memory", flat=True)) == left
