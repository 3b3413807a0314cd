"""Reading the next batch while this one is rendered and sent: one batch ahead, never more.

Each read has a thread of its own for as long as it takes, with a connection that goes back to the pool at its end;
a client that stalls keeps neither.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any, Generic, TypeVar

from django.db import connection

T = TypeVar("T")


class Ahead(Generic[T]):
    """``work`` running in another thread; ``result()`` waits for what it returns, or raises what it raised."""

    def __init__(self, work: Callable[..., T], *args: Any) -> None:
        self.work, self.args = work, args
        self.error: BaseException | None = None
        self.thread = Thread(target=self._run, name="export-ahead", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.value = self.work(*self.args)
        except BaseException as error:
            self.error = error
        finally:
            connection.close()  # this thread's

    def result(self) -> T:
        self.thread.join()
        if self.error is not None:
            raise self.error
        return self.value


class Now(Generic[T]):
    """The same without a thread: for a caller whose transaction the read must see."""

    def __init__(self, work: Callable[..., T], *args: Any) -> None:
        self.work, self.args = work, args

    def result(self) -> T:
        return self.work(*self.args)
