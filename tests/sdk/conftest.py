"""The vendors' clients, set up for the live server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def sdk(live: str) -> Iterator[Any]:
    """Unique's Python package, set up as its documentation says; ``sdk.people`` has the account's people."""
    import unique_sdk

    from tests.api.world import make_world
    from tests.factories import make_key

    world = make_world()
    unique_sdk.api_base = f"{live}/public/chat-gen2"
    unique_sdk.api_key = make_key(world.alice)[1]
    unique_sdk.app_id = "app_test"
    unique_sdk.people = world
    yield unique_sdk
    unique_sdk.api_key = unique_sdk.app_id = None
