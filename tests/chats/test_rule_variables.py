"""Variables in rules: what administrators say of the person who asks, and what the call brings along."""

from __future__ import annotations

from typing import Any

import pytest

from chats.responders.base import Dialogue, Turn
from chats.responders.passages import found
from spaces.actors import Actor
from tests.factories import make_user
from tests.memories.retrieval.world import World

pytestmark = pytest.mark.django_db
OF_UNIT = {"path": ["unit"], "operator": "equals", "value": "<userMetadata.unit>||<toolParameters.unit>"}


@pytest.fixture
def world() -> World:
    made = World()
    for unit in ("hr", "legal"):
        made.remember(f"The notice period of {unit} is three months.", name=unit, meta={"unit": unit})
    return made


def names(world: World, actor: Actor, **options: Any) -> set[str]:
    asked = (Turn("user", "How long is the notice period?"),)
    dialogue = Dialogue(space=world.home, actor=actor, turns=asked, rules=(OF_UNIT,), options=options)
    return {passage.name for passage in found(dialogue, 4)}


def test_a_rule_asks_for_the_attributes_of_who_asks(world: World) -> None:
    alice = Actor(account=world.account, user=make_user(world.account, meta={"unit": "hr"}))
    bob = Actor(account=world.account, user=make_user(world.account, meta={"unit": "sales"}))
    assert names(world, alice) == {"hr"}
    assert names(world, alice, toolParameters={"unit": "legal"}) == {"hr"}
    assert names(world, bob) == set()


def test_a_rule_asks_for_parameters_of_the_call(world: World) -> None:
    carol = Actor(account=world.account, user=make_user(world.account))
    assert names(world, carol) == set()
    assert names(world, carol, toolParameters={"unit": "legal"}) == {"legal"}
    assert names(world, carol, toolParameters={"unit": ["legal"]}) == set()
