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


@pytest.fixture(scope="module")
def _kept_desk(_kept_world: Any, django_db_blocker: Any) -> Iterator[Any]:
    from tests.kept import kept
    from tests.pages.desk import furnished

    with kept(django_db_blocker, lambda: furnished(deepcopy(_kept_world))) as desk:
        yield desk


@pytest.fixture
def desk(_kept_desk: Any, db: None) -> Any:
    """The world with chats in every state; a module that asks for it shares them with ``world``."""
    return deepcopy(_kept_desk)


@pytest.fixture(scope="module")
def _kept_files(_kept_world: Any, django_db_blocker: Any) -> Iterator[Any]:
    from tests.kept import kept
    from tests.pages.folders import Files

    with kept(django_db_blocker, lambda: Files(deepcopy(_kept_world))) as files:
        yield files


@pytest.fixture
def files(_kept_files: Any, db: None) -> Any:
    """The world with a tree of folders and some files in it."""
    return deepcopy(_kept_files)
