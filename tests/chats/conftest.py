"""What tests of answers ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def provider(settings: Any) -> Iterator[Any]:
    """A language model's server on this machine, which the door to the network lets through."""
    from spaces_project.kit.egress import Allowed
    from tests.openai_server import openai_server

    settings.EGRESS_ALLOW = Allowed.parse(["127.0.0.1"])
    with openai_server() as server:
        yield server
