"""Doing something in the middle of what the code does: around one of its statements."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection

from spaces.actors import Actor
from spaces.errors import Conflict, NotFound
from spaces.models import Space


@contextmanager
def around(*parts: str, before: Any = None, after: Any = None) -> Iterator[None]:
    """Do something around the first statement of this thread with these parts in it; its connection is closed then."""
    left = [parts]

    def execute(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        is_it = bool(left) and all(part in sql for part in parts)
        if is_it:
            left.clear()
        if is_it and before:
            before()
        answer = run(sql, params, many, context)
        if is_it and after:
            after()
        return answer

    try:
        with connection.execute_wrapper(execute):
            yield
    finally:
        connection.close()


def delete_meanwhile(by: Actor, space: Space, write: Callable[[], Any], parts: tuple[str, ...]) -> None:
    """Have this space deleted by another thread when ``write`` is behind its first statement with these parts; both
    end, and without an error but that what it writes is gone."""
    is_there, deletes = threading.Event(), threading.Event()

    def wait() -> None:
        is_there.set()
        deletes.wait(5)
        threading.Event().wait(0.3)  # until the other statement has begun

    def written() -> None:
        with around(*parts, after=wait), suppress(Conflict, NotFound, ObjectDoesNotExist):
            write()

    def delete() -> None:
        is_there.wait(10)
        with around('DELETE FROM "spaces_space"', before=deletes.set):
            Space.objects.get(pk=space.pk).remove(by)

    with ThreadPoolExecutor(2) as threads:
        for each in (threads.submit(written), threads.submit(delete)):
            each.result(30)
    assert is_there.is_set()
    assert deletes.is_set()
    assert not Space.objects.filter(pk=space.pk).exists()
