"""The operator's world (imported late: models need Django to be set up)."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def operations(db: None) -> Any:
    from tests.admin.world import make_operations

    return make_operations()
