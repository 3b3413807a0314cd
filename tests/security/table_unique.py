"""The table's lines for the Unique dialect."""

from __future__ import annotations

from typing import Any

from .route import Route, key
from .stage import Stage


def unique(name: str, method: str = "GET", **more: Any) -> Route:
    return key(name, method, "unique", **{"answers": (200, 201), **more})


def of_admin(name: str, method: str, **more: Any) -> Route:
    """What only administrators may: other members see the thing, and are told 403."""
    return unique(name, method, actor="admin", outsider=403, **more)


SPACE, CHAT, GROUP = {"space_id": "space.unique"}, {"chat_id": "chat.unique"}, {"group_id": "group.unique"}
QUESTION, ANSWER = {"message_id": "message.unique"}, {"message_id": "answer.unique"}
IN_SPACE, IN_CHAT, OF_ANSWER = (
    {"assistantId": "space.unique"},
    {"chatId": "chat.unique"},
    {"messageId": "answer.unique"},
)
NEW = {"name": "New", "fallbackModule": "UniqueAi", "modules": [{"name": "UniqueAi"}]}
ASKED = {"text": "Hello?"}
ANSWERED = {"role": "ASSISTANT", "text": "x"}
CHECK = {"type": "HALLUCINATION", "status": "DONE", "isVisible": True}
STEP = {"text": "Step", "status": "RUNNING", "order": 1}
KEPT = {"userConfiguration": {"theme": "dark"}}
NOTE = {"memoryName": "facts", "data": "x"}


def _granted(stage: Stage) -> dict[str, Any]:
    return {"access": [{"entityId": stage.ours.bob.username, "entityType": "USER", "type": "USE"}]}


def _bob(stage: Stage) -> dict[str, Any]:
    return {"userIds": [stage.ours.bob.username]}


UNIQUE: tuple[Route, ...] = (
    unique("spaces", outsider=200),
    unique("spaces", "POST", data=NEW, outsider=201, writes=("assistant", "space")),
    unique("space", path=SPACE),
    unique("space", "PATCH", path=SPACE, data={"name": "changed", "title": "T"}, writes=("assistant", "space")),
    unique("space", "PATCH", path=SPACE, data={"assistantPrompts": []}, writes=("assistant",)),
    unique("space", "DELETE", path=SPACE, writes=("space",)),
    unique("space.access", path=SPACE),
    unique("space.access", "POST", path=SPACE, data=_granted, writes=("space",)),
    unique("space.access", "DELETE", path=SPACE, query={"accessIds[0]": "grant.unique"}, writes=("space",)),
    unique("space.mcp", path=SPACE),
    unique("space.message", "POST", body=IN_SPACE, data=ASKED, writes=("chat", "message", "message")),
    unique("space.message", "POST", body={**IN_SPACE, **IN_CHAT}, data=ASKED, writes=("message", "message")),
    unique("space.chats", "POST", body=IN_SPACE, data={"title": "T"}, writes=("chat",)),
    unique("space.chat", "PATCH", path=CHAT, data={"title": "T"}, writes=("chat",)),
    unique("space.chat", "DELETE", path=CHAT, writes=("chat",)),
    unique("space.chat.messages", path=CHAT),
    unique("space.chat.latest", path=CHAT),
    unique("messages", query=IN_CHAT),
    unique("messages", "POST", body={**IN_SPACE, **IN_CHAT}, data=ANSWERED, writes=("message",)),
    unique("message", path=QUESTION, query=IN_CHAT),
    unique("message", "PATCH", path=ANSWER, body=IN_CHAT, data={"text": "changed"}, writes=("message",)),
    unique("message", "DELETE", path=QUESTION, query=IN_CHAT, writes=("message",)),
    unique("message.event", "POST", path=ANSWER, body=IN_CHAT, data={"text": "changed"}),
    unique("message.interrupt", "POST", path=QUESTION, body=IN_CHAT, writes=("message",)),
    unique("assessments", "POST", body=OF_ANSWER, data=CHECK, writes=("assessment",)),
    unique("assessment", "PATCH", path=ANSWER, data={"type": "COMPLIANCE", "label": "RED"}, writes=("assessment",)),
    unique("logs", "POST", body=OF_ANSWER, data=STEP, writes=("messagelog",)),
    unique("log", "PATCH", path={"log_id": "log.unique"}, data={"text": "changed"}, writes=("messagelog",)),
    unique("memories", "POST", data=NOTE, outsider=201, writes=("shorttermmemory",)),
    unique("memories", "POST", body={**IN_CHAT, **OF_ANSWER}, data=NOTE, writes=("shorttermmemory",)),
    unique("memory.find", "POST", body={**IN_CHAT, **OF_ANSWER}, data=NOTE),
    unique("users", outsider=200),
    unique("user", path={"user_id": "carol.unique"}, outsider=200),
    unique("user.groups", path={"user_id": "carol.unique"}, outsider=200),
    unique("user.configuration", "PATCH", path={"user_id": "alice.unique"}, data=KEPT, outsider=403, writes=("user",)),
    unique("groups", outsider=200),
    of_admin("groups", "POST", data={"name": "New"}, writes=("group",)),
    of_admin("group", "PATCH", path=GROUP, data={"name": "changed"}, writes=("group",)),
    of_admin("group", "DELETE", path=GROUP, writes=("group",)),
    of_admin("group.users", "POST", path=GROUP, data=_bob, writes=("group",)),
    of_admin("group.users", "DELETE", path=GROUP, query={"userIds[0]": "carol.unique"}, writes=("group",)),
)
