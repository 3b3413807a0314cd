"""The OpenAPI document of the dialect is whole, and what schemathesis makes of it never surprises."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from chats.models import Assessment, MessageLog
from memories import ingestion
from memories.models import Folder
from spaces_project.api.unique.operations import ALL
from spaces_project.api.unique.schema import document as made_document
from spaces_project.api.unique.urls import implemented
from spaces_project.kit.ids import Prefix, encode
from tests.api.unique.caller import space_id, user_id
from tests.api.world import CLIENT, World
from tests.factories import actor_of, make_chat, make_group, make_key, say

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
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


@cache
def loaded() -> Any:
    """The OpenAPI document as schemathesis loads it from our WSGI application."""
    from spaces_project.wsgi import application

    return schemathesis.openapi.from_wsgi("/api/docs/unique/openapi.json", application)


@pytest.fixture
def document(world: World) -> Iterator[Any]:
    """The document, while calls leave the connection open."""
    signals = (request_started, request_finished)
    for signal in signals:  # they would close the connection that holds the test's transaction
        signal.disconnect(close_old_connections)
    yield loaded()
    for signal in signals:
        signal.connect(close_old_connections)


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
    operation = document.find_operation_by_id(name)

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        if mode == GenerationMode.POSITIVE:
            for part in (case.path_parameters, case.query, case.body):
                if isinstance(part, dict):
                    part.update({key: value for key, value in ids.items() if key in part})
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        case.validate_response(answer, checks=CHECKS)

    run()
