"""The callers that every test of this dialect may ask for."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def alice(world: Any) -> Any:
    from tests.api.unique.caller import caller

    return caller(world.alice)


@pytest.fixture
def bob(world: Any) -> Any:
    from tests.api.unique.caller import caller

    return caller(world.bob)


@pytest.fixture
def mallory(world: Any) -> Any:
    from tests.api.unique.caller import caller

    return caller(world.mallory)
