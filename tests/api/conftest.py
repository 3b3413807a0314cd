"""The callers that every API test may ask for. Imports wait for the fixtures: Django is not set up before."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def world(db: None) -> Any:
    from tests.api.world import make_world

    return make_world()


@pytest.fixture
def alice(world: Any) -> Any:
    return world.caller(world.alice)


@pytest.fixture
def bob(world: Any) -> Any:
    return world.caller(world.bob)


@pytest.fixture
def mallory(world: Any) -> Any:
    return world.caller(world.mallory)


@pytest.fixture
def admin(world: Any) -> Any:
    return world.caller(world.admin)
