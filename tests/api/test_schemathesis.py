"""Schemathesis sends what the OpenAPI document allows, and what it does not, to every operation through WSGI."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from schemathesis import GenerationMode

from chats.models import Rating
from memories.texts import add_text
from spaces_project.api.chatbotkit.operations import ALL
from tests.api.schemas import document_of, try_operation
from tests.api.world import World
from tests.factories import actor_of, make_chat, make_contact, make_key, say

NAMES = [operation.id for operation in ALL]
pytestmark = pytest.mark.xdist_group("schemathesis")


@pytest.fixture
def document(world: World) -> Iterator[Any]:
    with document_of("chatbotkit") as document:
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

    def fill(case: Any) -> None:
        case.path_parameters = {name: ids.get(name, "@a") for name in case.path_parameters}

    try_operation(document.find_operation_by_id(name), mode, examples, {"Authorization": f"Bearer {token}"}, fill)
