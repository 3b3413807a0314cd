"""The operator's world (imported late: models need Django to be set up)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def _kept_operations(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    from tests.admin.world import make_operations
    from tests.kept import kept

    with kept(django_db_blocker, make_operations) as operations:
        yield operations


@pytest.fixture
def operations(_kept_operations: Any, db: None) -> Any:
    return _kept_operations.copy()
