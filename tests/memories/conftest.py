"""A server of embedders and rerankers, which may be called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from spaces_project.kit.egress import Allowed
from tests.memories.provider_server import DIMENSION, ProviderServer, provider_server


@pytest.fixture(scope="module")
def _server() -> Iterator[ProviderServer]:
    with provider_server() as server:
        yield server


@pytest.fixture
def server(_server: ProviderServer, settings: Any) -> ProviderServer:
    """The module's server with nothing in its book."""
    settings.EGRESS_ALLOW = Allowed.parse(["127.0.0.1"])
    for book in (_server.requests, _server.headers, _server.paths, _server.script):
        book.clear()
    _server.native = DIMENSION
    return _server
