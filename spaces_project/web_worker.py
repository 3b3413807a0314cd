"""gunicorn's worker of threads, in two points made for connections that are kept alive.

A thread stays with its connection while requests follow each other closely: gunicorn hands it back to its loop after
each answer, and the loop hands it to a thread again, by two pipes, two queues and four changes of thread, which
together take a third of the time of a short request.

And the processes share connections evenly: which of them accepts one is chance, and it stays there for its life, so
that the four connections of one program would often be answered by one process while the other is idle.
"""

from __future__ import annotations

import mmap
import select
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

SOON_MS = 5  # how long a thread waits for the next request; a program that sends many needs less
POLITE_S = 0.005  # how long a process that has more connections leaves a new one to the others
PLACES = 64  # processes beyond share the last
NOBODY = -1
# How many connections each process has open; made before they are forked, and seen by all of them.
OPEN = memoryview(mmap.mmap(-1, PLACES * 4)).cast("i")
OPEN[:] = memoryview(b"\xff" * PLACES * 4).cast("i")


class Worker(ThreadWorker):  # type: ignore[misc]
    """As gunicorn's, but for the wait for a next request and the order of accepting."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place = next((place for place in range(PLACES) if OPEN[place] == NOBODY), PLACES - 1)
        OPEN[self.place] = 0

    def leave(self) -> None:
        """The process has ended; what it had open is closed. To be called by its parent."""
        OPEN[self.place] = NOBODY

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        OPEN[self.place] = self.nr_conns
        super().wait_for_and_dispatch_events(timeout)

    def accept(self, listener: Any) -> None:
        """Take a new connection, unless one with fewer of them does so first."""
        if any(NOBODY < others < self.nr_conns for others in OPEN):
            time.sleep(POLITE_S)
        super().accept(listener)
        OPEN[self.place] = self.nr_conns

    def handle(self, conn: Any) -> Any:
        """Answer a request, and those that come soon after it; what this returns tells gunicorn what to do then."""
        outcome = super().handle(conn)
        while outcome is True and self._may_stay(conn) and _comes(conn):
            outcome = super().handle(conn)
        return outcome

    def _may_stay(self, conn: Any) -> bool:
        """Not while connections queue for a thread, nor when the worker is to end; and what has been read too far
        already is gunicorn's to go on with."""
        return bool(self.alive) and self.tpool._work_queue.empty() and not conn.parser.unreader.buf.getvalue()


def _comes(conn: Any) -> bool:
    poll = select.poll()
    poll.register(conn.sock, select.POLLIN)
    return bool(poll.poll(SOON_MS))
