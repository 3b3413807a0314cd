"""Watching answers grow. However many streams a process serves, one thread asks the database, in one query for all of
them, every POLL_SECONDS, and twice as often while it is about FEW; a stream waits without a connection.

    with watch(answer) as snapshots:
        for snapshot in snapshots:      # at once, then whenever the row changed; None every HEARTBEAT_SECONDS
            ...                         # ends after the snapshot that is final
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection

from spaces.errors import SpacesError
from spaces_project.kit import limits

from .models import Message
from .models.messages import PENDING, State

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.1
FEW = 20  # answers: their first words would wait for the next look
HEARTBEAT_SECONDS = 10
AFTER_FAULT_SECONDS = 1

CHANGED = """
SELECT w.id, m.state, m.text, m.error, m.updated_at, m.started_at, m.stopped_at, m.completed_at
FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[]) AS w(account, id, seen)
LEFT JOIN chats_message m ON m.account_id = w.account AND m.id = w.id
WHERE m.id IS NULL OR m.updated_at IS DISTINCT FROM w.seen
"""


class TooManyStreams(SpacesError):
    """This process serves as many streams as it may; ask again later, or poll."""

    message = "Too many answers are being watched; try again."


@dataclass(frozen=True)
class Snapshot:
    """An answer as it stood at one moment. ``is_gone``: it was deleted."""

    state: str
    text: str = ""
    error: str = ""
    updated_at: datetime | None = None
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    completed_at: datetime | None = None
    is_gone: bool = False

    @property
    def is_final(self) -> bool:
        return self.is_gone or self.state not in PENDING

    @property
    def has_failed(self) -> bool:
        return self.is_gone or self.state == State.FAILED


GONE = Snapshot(state="", is_gone=True)


@dataclass
class _Watched:
    """One message, and how many streams want to know of it. ``version`` rises with every change."""

    account_id: UUID
    pk: UUID
    readers: int = 0
    version: int = 0
    snapshot: Snapshot | None = None
    changed: threading.Condition = field(default_factory=threading.Condition)

    def tell(self, snapshot: Snapshot) -> None:
        with self.changed:
            self.snapshot, self.version = snapshot, self.version + 1
            self.changed.notify_all()

    def wait(self, seen: int, seconds: float) -> tuple[int, Snapshot | None]:
        """The version and snapshot after ``seen``; None when ``seconds`` pass without one."""
        with self.changed:
            if not self.changed.wait_for(lambda: self.version > seen, seconds):
                return seen, None
            return self.version, self.snapshot


class Hub:
    """All that this process watches, and the thread that looks."""

    def __init__(self, most: int = limits.STREAMS_PER_PROCESS) -> None:
        self._most, self._taken = most, 0
        self._lock = threading.Lock()
        self._watched: dict[UUID, _Watched] = {}
        self._poller: threading.Thread | None = None

    def take_seat(self) -> None:
        """One more stream. Raises TooManyStreams."""
        with self._lock:
            if self._taken >= self._most:
                raise TooManyStreams
            self._taken += 1

    def leave_seat(self) -> None:
        with self._lock:
            self._taken -= 1

    def join(self, message: Message, *, is_seated: bool = False) -> _Watched:
        """Begin to watch, in a seat taken before or a new one. Raises TooManyStreams."""
        if not is_seated:
            self.take_seat()
        with self._lock:
            watched = self._watched.setdefault(message.pk, _Watched(message.account_id, message.pk))
            watched.readers += 1
            if self._poller is None:
                self._poller = threading.Thread(target=self._poll, name="answers", daemon=True)
                self._poller.start()
        return watched

    def leave(self, watched: _Watched) -> None:
        """Watch no longer, and give the seat back."""
        self.leave_seat()
        with self._lock:
            watched.readers -= 1
            if not watched.readers:
                self._watched.pop(watched.pk, None)

    def _poll(self) -> None:
        """Look until nobody watches."""
        try:
            while watched := self._wanted():
                pause = POLL_SECONDS if len(watched) > FEW else POLL_SECONDS / 2
                time.sleep(pause if self._look(watched) else AFTER_FAULT_SECONDS)
        finally:
            connection.close()

    def _wanted(self) -> list[_Watched]:
        with self._lock:
            if not self._watched:
                self._poller = None
            return list(self._watched.values())

    def _look(self, watched: list[_Watched]) -> bool:
        """One query for everything; False when the database could not be asked."""
        by_pk = {one.pk: one for one in watched}
        seen = [one.snapshot.updated_at if one.snapshot else None for one in watched]
        try:
            with connection.cursor() as cursor:
                cursor.execute(CHANGED, [[one.account_id for one in watched], list(by_pk), seen])
                rows = cursor.fetchall()
        except (DatabaseError, InterfaceError):
            logger.warning("answers cannot be watched just now", exc_info=True)
            connection.close()
            return False
        for pk, *values in rows:
            by_pk[pk].tell(Snapshot(*values) if values[0] is not None else GONE)
        return True


hub = Hub()


class seat:  # noqa: N801 (used like a function)
    """A place among the streams of this process. Raises TooManyStreams when there is none; close it.

    Whoever asks and then watches takes it before he asks, so that nothing is stored when he cannot watch.
    """

    def __init__(self) -> None:
        hub.take_seat()
        self._is_taken = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        """Give it back; harmless when repeated, or when a ``watch`` has taken it over."""
        if self._is_taken:
            self._is_taken = False
            hub.leave_seat()

    def hand_over(self) -> None:
        """From now on somebody else gives it back."""
        self._is_taken = False


class watch:  # noqa: N801 (used like a function)
    """The snapshots of one answer: at once, then whenever it changed, with None as a sign of life in between.

    Close it, or use it as a context manager. Takes over ``place``, a seat; else it takes one, and raises
    TooManyStreams when there is none.
    """

    def __init__(self, message: Message, *, heartbeat: float = HEARTBEAT_SECONDS, place: seat | None = None) -> None:
        self._heartbeat = heartbeat
        self._watched: _Watched | None = hub.join(message, is_seated=place is not None)
        if place is not None:
            place.hand_over()
        self._seen = 0
        self._is_over = False

    def __iter__(self) -> Iterator[Snapshot | None]:
        return self

    def __next__(self) -> Snapshot | None:
        if self._watched is None or self._is_over:
            self.close()
            raise StopIteration
        self._seen, snapshot = self._watched.wait(self._seen, self._heartbeat)
        self._is_over = snapshot is not None and snapshot.is_final
        return snapshot

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        """Watch no longer; harmless when repeated."""
        watched, self._watched = self._watched, None
        if watched is not None:
            hub.leave(watched)
