"""Schemathesis sends what the OpenAPI document allows, and what it does not, to every operation through WSGI."""

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

from chats.models import Rating
from memories.texts import add_text
from spaces_project.api.chatbotkit.operations import ALL
from tests.api.world import World
from tests.factories import actor_of, make_chat, make_contact, make_key, say

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
NAMES = [operation.id for operation in ALL]
pytestmark = pytest.mark.xdist_group("schemathesis")


@cache
def loaded() -> Any:
    """The OpenAPI document as schemathesis loads it from our WSGI application; reading it takes it a second."""
    from spaces_project.wsgi import application

    return schemathesis.openapi.from_wsgi("/api/docs/chatbotkit/openapi.json", application)


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


def try_examples(world: World, document: Any, name: str, mode: GenerationMode, examples: int) -> None:
    token = make_key(world.admin)[1]
    contact = make_contact(world.account, world.alice, alias="a")
    chat = make_chat(world.space(contact=contact, alias="a"), world.admin)
    message = say(chat, "Hello")
    rating = Rating.vote(actor_of(world.admin), chat, message, 1)
    memory = add_text(actor_of(world.admin), chat.space, "Remembered")
    ids = {
        "conversation_id": chat.wire_id,
        "message_id": message.wire_id,
        "rating_id": rating.wire_id,
        "memory_id": memory.wire_id,
    }
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
            case.path_parameters = {name: ids.get(name, "@a") for name in case.path_parameters}
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        case.validate_response(answer, checks=CHECKS)

    run()
