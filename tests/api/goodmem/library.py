"""A space of memories for GoodMem's tests, embedded by lexical hashing."""

from __future__ import annotations

import json
from typing import Any

from tests.api.goodmem.caller import Caller, told
from tests.api.world import World
from tests.ingesting import ingest_all, use_hashing

CHAT = "com.goodmem.retrieval.postprocess.ChatPostProcessorFactory"
MISSING = "00000000-0000-7000-8000-000000000000"
TEXTS = ("The red fox jumps over the fence", "A red tractor stands in the barn", "Bananas are yellow")
BOUNDARY = "93631815cccaff70673a4afe25101adc"


def desk(world: World) -> Any:
    """A space of alice's."""
    use_hashing(world.account)
    return world.space(name="Desk")


def made(who: Caller, space: Any, text: str = "Hello", **fields: Any) -> Any:
    body = {"spaceId": str(space.pk), "originalContent": text, "contentType": "text/plain", **fields}
    return told(who.post("memories", {name: value for name, value in body.items() if value is not None}), 201)


def ready(world: World, who: Caller, space: Any, *texts: str, **fields: Any) -> list[str]:
    """Ids of memories of these texts, ingested."""
    ids = [made(who, space, text, **fields)["memoryId"] for text in texts]
    ingest_all(world.account)
    return ids


def form(part: str, request: Any, *files: tuple[str, str, str, bytes]) -> bytes:
    """A multipart body as GoodMem's client sends it; files are (field, name, type, content)."""
    pieces = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{part}"\r\n\r\n{json.dumps(request)}\r\n'.encode()
    ]
    for field, name, kind, content in files:
        head = f'Content-Disposition: form-data; name="{field}"; filename="{name}"\r\nContent-Type: {kind}'
        pieces.append(f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + content + b"\r\n")
    return b"".join([*pieces, f"--{BOUNDARY}--\r\n".encode()])


def send_form(who: Caller, route: str, data: bytes) -> Any:
    return who.call("POST", route, data, content_type=f"multipart/form-data; boundary={BOUNDARY}")


def body_of(answer: Any) -> bytes:
    assert answer.status_code in (200, 206), answer.content
    return b"".join(answer.streaming_content)


def events(answer: Any) -> list[Any]:
    """The events of a stream of NDJSON, each line ended."""
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/x-ndjson; charset=utf-8"
    text = b"".join(answer.streaming_content)
    assert text.endswith(b"\n")
    return [json.loads(line) for line in text.splitlines() if line]


def listed(who: Caller, space: Any, query: str = "") -> list[str]:
    return [each["memoryId"] for each in told(who.get(f"spaces/{space.pk}/memories?{query}"))["memories"]]


# ------------------------------------------------------------------ retrieval


def body(space: Any, message: str = "red fox", **fields: Any) -> dict[str, Any]:
    return {"message": message, "spaceKeys": [{"spaceId": str(space.pk)}], **fields}


def ask(who: Caller, space: Any, message: str = "red fox", **fields: Any) -> list[Any]:
    return events(who.post("memories:retrieve", body(space, message, **fields)))


def kinds(told: list[Any]) -> list[str]:
    return [next(iter(event)) for event in told]


def texts(told: list[Any]) -> list[str]:
    return [event["retrievedItem"]["chunk"]["chunk"]["chunkText"] for event in told if "retrievedItem" in event]


def scores(told: list[Any]) -> list[float]:
    return [event["retrievedItem"]["chunk"]["relevanceScore"] for event in told if "retrievedItem" in event]


def statuses(told: list[Any]) -> list[str]:
    return [event["status"]["code"] for event in told if "status" in event]


def processed(space: Any, **config: Any) -> dict[str, Any]:
    return body(space, postProcessor={"name": CHAT, "config": config})
