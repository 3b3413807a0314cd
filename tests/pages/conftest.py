"""The world of the page tests (imported late: models need Django to be set up)."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest


@pytest.fixture(scope="module")
def _kept_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    from tests.kept import kept
    from tests.pages.world import make_world

    with kept(django_db_blocker, make_world) as world:
        yield world


@pytest.fixture
def world(_kept_world: Any, db: None) -> Any:
    return deepcopy(_kept_world)
