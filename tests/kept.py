"""Worlds that are made once for a module: a world costs as much as ten requests, and most tests only read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import transaction

T = TypeVar("T")


@contextmanager
def kept(blocker: Any, make: Callable[[], T]) -> Iterator[T]:
    """What ``make`` makes, inside a transaction that is taken back at the end.

    For a fixture of a module; ``blocker`` is pytest-django's. Tests run inside it, each taken back on its own: they
    ask for ``db`` as well, and get a deep copy, so that none sees what another did to an object. No test with a
    transaction of its own may ask for it.
    """
    with blocker.unblock(), transaction.atomic():
        yield make()
        transaction.set_rollback(True)
