"""What the tests of Unique's Python client share."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

# The vendor's client leaves connections of dead loops behind, and calls httpx as it was called once.
IGNORED = (
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
    "ignore:Use 'content:DeprecationWarning",
)


def in_its_own_loop(coroutine: Any) -> Any:
    """``asyncio.run``, in a thread: Playwright keeps a loop running in the one of the tests."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
