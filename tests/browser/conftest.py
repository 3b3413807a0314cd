"""Visitors: a browser context that fails the test with what it noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest


@pytest.fixture
def visit(browser: Any, live: str) -> Iterator[Callable[..., Any]]:
    """``visit()`` opens a fresh context on the live server; checked at the end of the test."""
    from tests.browser.visitor import Visitor

    visitors: list[Visitor] = []

    def open_visitor(**options: Any) -> Visitor:
        visitors.append(Visitor(browser, live, **options))
        return visitors[-1]

    yield open_visitor
    for visitor in visitors:
        visitor.check()
