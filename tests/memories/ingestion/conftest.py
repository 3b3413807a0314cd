"""The world of these tests, made once for each module, and a server of embedders."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from spaces_project.kit.egress import Allowed
from tests.kept import kept
from tests.memories.provider_server import ProviderServer, provider_server

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


@pytest.fixture(scope="module")
def _server() -> Iterator[ProviderServer]:
    with provider_server() as server:
        yield server


@pytest.fixture
def server(_server: ProviderServer, settings: Any) -> ProviderServer:
    """The module's server with nothing in its book; it may be called."""
    settings.EGRESS_ALLOW = Allowed.parse(["127.0.0.1"])
    for book in (_server.requests, _server.headers, _server.paths, _server.script):
        book.clear()
    return _server
