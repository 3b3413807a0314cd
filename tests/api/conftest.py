"""The callers that every API test may ask for. Imports wait for the fixtures: Django is not set up before."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest


@pytest.fixture(scope="module")
def _kept_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    from tests.api.world import make_world
    from tests.kept import kept

    with kept(django_db_blocker, make_world) as world:
        yield world


@pytest.fixture
def world(_kept_world: Any, db: None) -> Any:
    return deepcopy(_kept_world)


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
