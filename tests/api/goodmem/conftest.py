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


@pytest.fixture(scope="module")
def _library(_kept_world: Any, django_db_blocker: Any) -> tuple[Any, list[str]]:
    """A space of alice's with library.TEXTS in it, and their ids, made once for a module."""
    from .caller import caller
    from .library import TEXTS, desk, ready

    with django_db_blocker.unblock():
        space = desk(_kept_world)
        return space, ready(_kept_world, caller(_kept_world.alice), space, *TEXTS)


@pytest.fixture
def library(_library: Any, world: Any) -> Any:
    """The space with library.TEXTS in it."""
    from copy import deepcopy

    return deepcopy(_library[0])


@pytest.fixture
def filled(_library: Any, world: Any) -> list[str]:
    """The ids of its memories."""
    return list(_library[1])
