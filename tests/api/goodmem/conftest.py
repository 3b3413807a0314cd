"""The callers of GoodMem's tests, in the same world as the other dialects'."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def alice(world: Any) -> Any:
    from .caller import caller

    return caller(world.alice)


@pytest.fixture
def bob(world: Any) -> Any:
    from .caller import caller

    return caller(world.bob)


@pytest.fixture
def mallory(world: Any) -> Any:
    from .caller import caller

    return caller(world.mallory)


@pytest.fixture
def admin(world: Any) -> Any:
    from spaces.models.api_keys import Scope

    from .caller import caller

    return caller(world.admin, tuple(Scope))


@pytest.fixture
def anyone() -> Any:
    """Without a key."""
    from .caller import Caller

    return Caller()
