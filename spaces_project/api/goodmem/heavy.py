"""Answers with whole files in them: each takes several times its size in memory, so few are made at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from spaces_project.api.errors import Unavailable
from spaces_project.kit import limits

WAIT_SECONDS = 5
seats = threading.BoundedSemaphore(limits.CONTENTS_AT_ONCE)


def answer(make: Callable[[], Response], *, content: bool) -> Any:
    """What ``make`` answers. With ``content`` it waits for its turn, and is written out within it. Unavailable."""
    if not content:
        return make()
    if not seats.acquire(timeout=WAIT_SECONDS):
        raise Unavailable("Too many answers with contents at once; try again.")
    try:
        made = make()
        data = JSONRenderer().render(made.data)
        return HttpResponse(data, status=made.status_code, content_type="application/json")
    finally:
        seats.release()
