"""The world of the page tests (imported late: models need Django to be set up)."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def world(db: None) -> Any:
    from tests.pages.world import make_world

    return make_world()
