"""The callers that every test of this dialect may ask for."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def alice(world: Any) -> Any:
    from tests.api.unique.caller import Caller

    return Caller(world.tokens[world.alice.pk])


@pytest.fixture
def bob(world: Any) -> Any:
    from tests.api.unique.caller import Caller

    return Caller(world.tokens[world.bob.pk])


@pytest.fixture
def mallory(world: Any) -> Any:
    from tests.api.unique.caller import Caller

    return Caller(world.tokens[world.mallory.pk])
