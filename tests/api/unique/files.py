"""Files as programs bring them through the Unique dialect: announced, put to an address, finished."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from memories.models import Folder, Memory
from spaces.models import User
from tests.api.unique.caller import Caller, told
from tests.api.world import CLIENT
from tests.factories import actor_of
from tests.ingesting import ingest_all

TEXT = b"The ferry to the island leaves at noon from the western pier."
JSON = "application/json"


def make_folder(user: User, name: str = "Docs", parent: Folder | None = None, **fields: Any) -> Folder:
    return Folder.create(actor_of(user), user.account, parent, name, **fields)


def said(key: str, **more: Any) -> dict[str, Any]:
    """The ``input`` of content/upsert."""
    return {"key": key, "title": key, "mimeType": "text/plain", "metadata": {}, **more}


def upsert(by: Caller, key: str = "ferry.txt", body: Any = None, status: int = 201, **given: Any) -> Any:
    """The body of the answer; ``given`` is of the input, ``body`` the rest."""
    return told(by.post("content/upsert", {"input": said(key, **given), **(body or {})}), status)


def put(url: str, data: bytes = TEXT, **headers: str) -> Any:
    """The answer of the address, which is called without a key."""
    parts = urlsplit(url)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return CLIENT.generic("PUT", f"{parts.path}?{parts.query}", data, "", headers=named)


def read(url: str, **headers: str) -> Any:
    parts = urlsplit(url)
    return CLIENT.get(f"{parts.path}?{parts.query}", headers=headers)


def bring(by: Caller, key: str = "ferry.txt", data: bytes = TEXT, body: Any = None, **given: Any) -> Any:
    """All three steps; the answer of the last."""
    first = upsert(by, key, body, **given)
    answer = put(first["writeUrl"], data)
    assert answer.status_code == 201, answer.content
    return upsert(by, key, {**(body or {}), "fileUrl": first["readUrl"]}, **{**given, "byteSize": len(data)})


def ingested(by: Caller, user: User, key: str = "ferry.txt", data: bytes = TEXT, **more: Any) -> Memory:
    """As ``bring``, and the job done."""
    shape = bring(by, key, data, **more)
    ingest_all(user.account)
    return memory_of(shape)


def memory_of(shape: Any) -> Memory:
    from spaces_project.kit.ids import decode_any

    found: Memory = Memory.objects.with_text().select_related("folder", "chat").get(pk=decode_any(shape["id"]))
    return found


def body_of(answer: Any) -> bytes:
    """All of a streamed answer."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content
