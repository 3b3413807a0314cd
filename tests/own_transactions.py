"""The transaction of a test does not stand for one that the code forgot.

What must be written together asserts that it is in a transaction, which everything is while a test runs. Here such a
module is given a connection that knows where a request of the test client begins: only what begins behind that counts.
"""

from __future__ import annotations

import threading
from typing import Any

from django.db import connection

ASSERTING = ("spaces.audit", "spaces.webhooks")
_request = threading.local()


class OwnConnection:
    """The connection, but for ``in_atomic_block``."""

    def __getattr__(self, name: str) -> Any:
        return getattr(connection, name)

    @property
    def in_atomic_block(self) -> bool:
        outer = getattr(_request, "outer", None)
        return bool(connection.in_atomic_block) and (outer is None or len(connection.savepoint_ids) > outer)


def watch() -> None:
    """From now on, in this process."""
    from importlib import import_module

    from django.test.client import ClientHandler

    for name in ASSERTING:
        module: Any = import_module(name)
        assert module.connection, "it asserts nothing any more"
        module.connection = OwnConnection()
    answer = ClientHandler.__call__

    def counted(self: Any, environ: Any) -> Any:
        before = getattr(_request, "outer", None)
        _request.outer = len(connection.savepoint_ids) if _is_test_in_one() else None
        try:
            return answer(self, environ)
        finally:
            _request.outer = before

    ClientHandler.__call__ = counted  # type: ignore[method-assign]


def _is_test_in_one() -> bool:
    return connection.connection is not None and bool(connection.in_atomic_block)
