"""Bodies without a length are kept aside until they are answered; whatever becomes of them, no file stays open."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory

from spaces.errors import InvalidInput, TooLarge
from spaces_project.api.body import BLOCK, buffered
from spaces_project.kit import limits

LONG = limits.JSON_BODY_BYTES + BLOCK  # so it goes to disk


class Breaking(io.BytesIO):
    """A client that goes away in the middle."""

    def read(self, size: int | None = -1, /) -> bytes:
        if block := super().read(size):
            return block
        raise OSError("gone")


def request(stream: io.BytesIO) -> WSGIRequest:
    made = RequestFactory().post("/api/v1/space/create", content_type="multipart/form-data; boundary=x")
    made.META.update({"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "", "wsgi.input": stream})
    return made


def take(stream: io.BytesIO, most: int, *, use: Callable[[Any], Any] = lambda request: None) -> None:
    asked = request(stream)
    with buffered(asked, most):
        use(asked)


@pytest.fixture
def left_open() -> Any:
    """The warnings about files that nobody closed."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always", ResourceWarning)
        yield found


def test_a_body_over_the_limit_leaves_no_file_open(left_open: Any) -> None:
    with pytest.raises(TooLarge):
        take(io.BytesIO(b"x" * (LONG + BLOCK)), LONG)
    assert [str(each.message) for each in left_open] == []


def test_a_body_that_breaks_off_leaves_no_file_open(left_open: Any) -> None:
    with pytest.raises(InvalidInput):
        take(Breaking(b"x" * LONG), LONG * 2)
    assert [str(each.message) for each in left_open] == []


def test_a_body_that_nobody_reads_or_that_is_a_form_leaves_no_file_open(left_open: Any) -> None:
    take(io.BytesIO(b"x" * LONG), LONG)
    field = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n' + b"y" * LONG + b"\r\n--x--\r\n"
    sizes = []
    take(io.BytesIO(field), LONG * 2, use=lambda asked: sizes.append(asked.FILES["f"].size) or asked.close())
    assert sizes == [LONG]
    assert [str(each.message) for each in left_open] == []
