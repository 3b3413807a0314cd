"""The table's lines for memories in the dialects: ChatBotKit's and GoodMem's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .route import Route, key
from .stage import Stage

MEMORY, OURS = {"memory_id": "memory.wire"}, {"memory_id": "memory"}
CONTACT, CONTACT_ALIAS = {"contact_id": "contact.wire"}, {"contact_id": "contact.alias"}
OF_MEMORIES = {"cursor": "memory.wire", "spaceId": "space.wire", "contactId": "contact.wire"}
PLACE = {"spaceId": "space.wire", "contactId": "contact.wire"}
TEXT, SEARCH = {"text": "Something new"}, {"search": "canary"}

CHATBOTKIT_MEMORIES: tuple[Route, ...] = (
    key("memory.create", "POST", data=TEXT, outsider=200, writes=("memory",)),
    key("memory.create", "POST", body=PLACE, data=TEXT, writes=("memory",)),
    key("memory.create", "POST", body={"spaceId": "space.alias"}, data=TEXT, writes=("memory",)),
    key("memory.list", query=OF_MEMORIES, outsider=400),
    key("memory.list", query={"spaceId": "space.alias", "contactId": "contact.alias"}, outsider=200),
    key("memory.export", query=OF_MEMORIES, outsider=400),
    key("memory.fetch", path=MEMORY),
    key("memory.update", "POST", path=MEMORY, data={"name": "changed"}, writes=("memory",)),
    key("memory.update", "POST", path=MEMORY, body=PLACE, data=TEXT, writes=("memory",)),
    key("memory.delete", "POST", path=MEMORY, writes=("memory",)),
    key("memory.search", "POST", body=PLACE, data=SEARCH),
    key("contact.memory.list", path=CONTACT, query=OF_MEMORIES),
    key("contact.memory.list", path=CONTACT_ALIAS),
    key("contact.memory.search", "POST", path=CONTACT, body={"spaceId": "space.wire"}, data=SEARCH),
    key("bot.memory.search", "POST", path={"bot_id": "=bot"}, body={"spaceId": "space.wire"}, data=SEARCH),
)


def goodmem(name: str, method: str = "GET", **more: Any) -> Route:
    return key(name, method, "goodmem", **{"answers": (200, 201, 204, 207), **more})


NEW = {"originalContent": "Something new", "contentType": "text/plain"}
Data = Callable[[Stage], dict[str, Any]]


def _many(stage: Stage) -> dict[str, Any]:
    """One here, and one that fails."""
    return {"requests": [{**NEW, "spaceId": str(stage.ours.space.pk)}, {**NEW, "spaceId": str(stage.theirs.space.pk)}]}


def _some(stage: Stage) -> dict[str, Any]:
    return {"memoryIds": [str(house.memory.pk) for house in (stage.ours, stage.theirs)]}


def _matching(stage: Stage) -> dict[str, Any]:
    selectors = [{"filterSelector": {"spaceId": str(house.space.pk)}} for house in (stage.ours, stage.theirs)]
    return {"requests": selectors}


def _asked(stage: Stage) -> dict[str, Any]:
    return {"message": "canary", "spaceKeys": [{"spaceId": str(stage.ours.space.pk)}]}


GOODMEM_MEMORIES: tuple[Route, ...] = (
    goodmem("memories", "POST", body={"spaceId": "space"}, data=NEW, writes=("memory",)),
    goodmem("memories.batch_create", "POST", data=_many, outsider=207, writes=("memory",)),
    goodmem("memories.batch_get", "POST", data=_some, outsider=207),
    goodmem("memories.batch_delete", "POST", data=_some, outsider=207, writes=("memory",)),
    goodmem("memories.batch_delete", "POST", data=_matching, outsider=207, writes=("memory",)),
    goodmem("memories.retrieve", query={"message": "=canary", "spaceIds": "space"}),
    goodmem("memories.retrieve", "POST", data=_asked),
    goodmem("memory", path=OURS),
    goodmem("memory", "DELETE", path=OURS, writes=("memory",)),
    goodmem("memory.content", path=OURS),
    goodmem("memory.pages", path=OURS),
    goodmem("memory.image", path={**OURS, "page_index": "=0"}, answers=(404,)),
    goodmem("space.memories", path={"space_id": "space"}),
)
