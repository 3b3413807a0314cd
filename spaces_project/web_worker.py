"""gunicorn's worker of threads, where a thread stays with its connection while requests follow each other closely.

gunicorn hands a connection that is kept alive back to its loop after each answer, and the loop hands it to a thread
again: two pipes, two queues and four changes of thread, which together take a third of the time of a short request.
"""

from __future__ import annotations

import select
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

SOON_MS = 5  # how long a thread waits for the next request; a program that sends many needs less


class Worker(ThreadWorker):  # type: ignore[misc]
    """As gunicorn's, but for the wait."""

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
