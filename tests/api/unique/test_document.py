"""The OpenAPI document of the dialect is whole, and what schemathesis makes of it never surprises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from schemathesis import GenerationMode

from chats.models import Assessment, MessageLog
from memories import ingestion
from memories.models import Folder
from spaces_project.api.unique.operations import ALL
from spaces_project.api.unique.schema import document as made_document
from spaces_project.api.unique.urls import implemented
from spaces_project.kit.ids import Prefix, encode
from tests.api.schemas import document_of, put_ids, try_operation
from tests.api.unique.caller import space_id, user_id
from tests.api.world import CLIENT, World
from tests.factories import actor_of, make_chat, make_group, make_key, say

NAMES = [operation.id for operation in ALL]
pytestmark = pytest.mark.xdist_group("schemathesis")


def test_every_operation_is_documented_and_nothing_else(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    made_document.cache_clear()
    made = CLIENT.get("/api/docs/unique/openapi.json").json()
    assert capsys.readouterr().err == ""  # the generator warns there
    routes = {"/public/chat-gen2/" + str(each.pattern).replace("<str:", "{").replace(">", "}") for each in implemented}
    assert set(made["paths"]) == routes
    names = [operation["operationId"] for path in made["paths"].values() for operation in path.values()]
    assert sorted(names) == sorted(NAMES)
    assert b"Unique" in CLIENT.get("/api/docs/").content
    assert CLIENT.get("/api/docs/unique/").status_code == 200


@pytest.fixture
def document(world: World) -> Iterator[Any]:
    with document_of("unique") as document:
        yield document


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mode", [GenerationMode.NEGATIVE])
def test_no_operation_fails_or_answers_what_is_not_documented(
    world: World, document: Any, name: str, mode: GenerationMode
) -> None:
    try_examples(world, document, name, mode, 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_none_does_with_many_examples(world: World, document: Any, name: str, mode: GenerationMode) -> None:
    try_examples(world, document, name, mode, 60)


def ids_of(world: World) -> dict[str, str]:
    """Things of the administrator's, by the names that paths, queries and bodies give them."""
    space = world.space()
    chat = make_chat(space, world.admin)
    message = say(chat, "Hello", "assistant")
    Assessment.record(actor_of(world.admin), message, "COMPLIANCE", status="DONE")
    log = MessageLog.create(actor_of(world.admin), message, text="Step", status="RUNNING")
    group = make_group(world.account, world.bob)
    by = actor_of(world.admin)
    folder = Folder.create(by, world.account, None, "Docs")
    file = ingestion.add(by, world.account.default_space, b"Text.", folder=folder, key="a.txt")
    return {
        **dict.fromkeys(("folder_id", "scopeId", "parentId", "ownerId"), folder.wire_id),
        **dict.fromkeys(("content_id", "contentId"), file.unique_id),
        "space_id": space_id(space),
        "assistantId": space_id(space),
        "chat_id": chat.unique_id,
        "chatId": chat.unique_id,
        "message_id": message.wire_id,
        "messageId": message.wire_id,
        "log_id": log.wire_id,
        "user_id": user_id(world.bob),
        "group_id": encode(Prefix.GROUP, group.pk),
    }


def try_examples(world: World, document: Any, name: str, mode: GenerationMode, examples: int) -> None:
    token = make_key(world.admin, ["read", "write", "admin"])[1]
    ids = ids_of(world)
    headers = {"Authorization": f"Bearer {token}"}
    try_operation(document.find_operation_by_id(name), mode, examples, headers, lambda case: put_ids(case, ids))
