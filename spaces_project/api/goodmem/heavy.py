"""Answers with whole files in them: each takes several times its size in memory, so few are made at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable

from spaces_project.api.errors import Unavailable
from spaces_project.api.operations import Response
from spaces_project.kit import limits

WAIT_SECONDS = 5
seats = threading.BoundedSemaphore(limits.CONTENTS_AT_ONCE)


def answer(make: Callable[[], Response], *, content: bool) -> Response:
    """What ``make`` answers, which is written out by then. With ``content`` it waits for its turn. Unavailable."""
    if not content:
        return make()
    if not seats.acquire(timeout=WAIT_SECONDS):
        raise Unavailable("Too many answers with contents at once; try again.")
    try:
        return make()
    finally:
        seats.release()
