"""Puts as no client library sends them, over a raw socket; and the same key announced by many at once. It commits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from tests.api.test_raw_http import chunked, talk
from tests.api.unique.caller import Caller, told
from tests.api.unique.files import make_folder, said
from tests.api.world import World, make_world

pytestmark = pytest.mark.thorough


class Putting:
    """A file announced on the live server."""

    def __init__(self, live: str) -> None:
        self.world: World = make_world()
        self.live = live
        self.to = {"scopeId": make_folder(self.world.alice).wire_id}
        self.alice = Caller(self.world.tokens[self.world.alice.pk])

    def announce(self, **given: Any) -> Any:
        return told(self.alice.post("content/upsert", {"input": said("a.txt", **given), **self.to}), 201)

    def put(self, announced: Any, headers: str, body: bytes, *, close: bool = False) -> tuple[int, bytes]:
        parts = urlsplit(announced["writeUrl"])
        head = f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n"
        status, _, said = talk(self.live, head.encode() + body, close=close)
        return status, said


@pytest.fixture
def putting(live: str) -> Putting:
    return Putting(live)


CHUNKED = "Transfer-Encoding: chunked\r\nx-ms-blob-type: BlockBlob"


def test_puts_of_all_kinds(putting: Putting) -> None:
    from memories.models import Upload

    sent: dict[str, tuple[str, bytes]] = {
        "chunks": (CHUNKED, chunked(b"The ferry leaves.")),
        "no chunk": (CHUNKED, chunked(b"")),
        "a length": ("Content-Type: text/html; charset=rot13\r\nContent-Length: 3", b"one"),
        "no length": ("Accept: */*", b""),
    }
    for name, (headers, body) in sent.items():
        announced = putting.announce()
        assert putting.put(announced, headers, body)[0] == 201, name
        assert putting.put(announced, headers, body)[0] == 409, name
    sizes = Upload.objects.order_by("created_at").values_list("byte_size", flat=True)
    assert list(sizes) == [17, 0, 3, 0]


def test_what_breaks_off_or_is_too_large_leaves_nothing(putting: Putting) -> None:
    from memories.models import Upload

    announced = putting.announce(byteSize=5)
    tried = [
        putting.put(announced, "Content-Length: 5", b"123", close=True),
        putting.put(announced, CHUNKED, b"2\r\n12", close=True),
        putting.put(announced, CHUNKED, chunked(b"123456")),
        putting.put(announced, "Content-Length: 6", b"123456"),
        putting.put(announced, "Content-Length: 60000000", b""),
    ]
    assert [status for status, _ in tried] == [400, 400, 413, 413, 413]
    assert all(json.loads(body)["error"]["params"] == {"retryable": False} for _, body in tried)
    upload = Upload.objects.get()
    assert (upload.used_at, upload.original) == (None, "")
    assert putting.put(announced, "Content-Length: 5", b"12345")[0] == 201, "what failed may be tried again"


def test_a_slow_put_holds_no_connection(putting: Putting) -> None:
    from memories.files import receive
    from memories.models import Upload
    from tests.factories import actor_of

    held = list[bool]()

    def slowly() -> Iterator[bytes]:
        for block in (b"The ferry", b" leaves."):
            held.append(connection.connection is not None)
            yield block

    putting.announce()
    upload = Upload.objects.select_related("memory__folder", "memory__space__account", "memory__chat").get()
    receive(actor_of(putting.world.alice), upload, slowly())
    assert held == [False, False]
    assert Upload.objects.get().byte_size == 17


def test_nothing_is_taken_before_the_address_is_looked_at(putting: Putting) -> None:
    """Chunks are kept aside before a view is called: none is waited for, or more than of JSON, without an address."""
    from spaces_project.kit import limits

    much, announced = chunked(b"x" * (limits.JSON_BODY_BYTES + 1), 1 << 16), putting.announce()
    url, _, key = announced["writeUrl"].partition("key=")
    assert putting.put({"writeUrl": f"{url}key={key[1:]}"}, CHUNKED, b"")[0] == 403
    assert putting.put({"writeUrl": announced["readUrl"].replace("/read", "/upload")}, CHUNKED, b"")[0] == 403
    elsewhere = announced["writeUrl"].replace("/ingestion/upload", "/content/ingestion/upload")
    assert putting.put({"writeUrl": elsewhere}, CHUNKED, much)[0] == 413
    assert putting.put(announced, CHUNKED, much)[0] == 201


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_makes_the_file() -> None:
    from memories.models import Memory, Upload

    world = make_world()
    alice, to = Caller(world.tokens[world.alice.pk]), {"scopeId": make_folder(world.alice).wire_id}

    def attempt(number: int) -> str:
        try:
            body = {"input": said("a.txt", metadata={f"from{number}": "x"}), **to}
            return str(told(alice.post("content/upsert", body), 201)["id"])
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        ids = set(threads.map(attempt, range(6)))
    memory = Memory.objects.get()
    assert ids == {memory.unique_id}
    assert set(memory.meta) == {f"from{number}" for number in range(6)}, "nobody's words are lost"
    assert Upload.objects.count() == 6
