"""The callers that every test of this dialect may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
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


@pytest.fixture(scope="module")
def _kept_library(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    from tests.api.unique.library import Library
    from tests.kept import kept

    with kept(django_db_blocker, Library) as library:
        yield library


@pytest.fixture
def library(_kept_library: Any, db: None) -> Any:
    """Folders and a chat with files in them."""
    return deepcopy(_kept_library)


@pytest.fixture
def folder(world: Any) -> Any:
    """Alice's, with files that are embedded by lexical hashing."""
    from tests.api.unique.files import make_folder
    from tests.ingesting import use_hashing

    use_hashing(world.account)
    return make_folder(world.alice)


@pytest.fixture
def to(folder: Any) -> dict[str, Any]:
    """The folder as content/upsert names it."""
    return {"scopeId": folder.wire_id}
