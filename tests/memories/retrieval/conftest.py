"""The world of these tests, made once for each module."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.kept import kept

if TYPE_CHECKING:
    from .world import World


@pytest.fixture(scope="module")
def _made(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    from .world import World  # models can only be imported now

    with kept(django_db_blocker, World) as world:
        yield world


@pytest.fixture
def world(_made: World, db: None) -> World:
    return copy.deepcopy(_made)
