"""Bodies with files in them: forms, whose files go to disk, and JSON with texts and Base64, which is read whole."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent, TooManyFilesSent
from django.http.multipartparser import MultiPartParserError

from spaces.errors import InvalidInput
from spaces_project.api.body import check_type
from spaces_project.api.errors import Unavailable
from spaces_project.api.strict_json import parse_object, printable
from spaces_project.kit import limits

FORM = "multipart/form-data"
REPLACED = "\ufffd"  # what Django makes of bytes that are not UTF-8
WITH_FILES = ("/memories", "/memories:batchCreate")
WAIT_SECONDS = 20
Files = Mapping[str, Any]

_large = threading.BoundedSemaphore(limits.UPLOADS_AT_ONCE)


def body_bytes(request: Any) -> int:
    """How large the body of this request may be."""
    if request.method != "POST" or not request.path_info.endswith(WITH_FILES):
        return limits.JSON_BODY_BYTES
    return limits.UPLOAD_FORM_BYTES if is_form(request) else limits.UPLOAD_JSON_BYTES


def is_form(request: Any) -> bool:
    return bool((request.content_type or "").lower() == FORM)


@contextmanager
def read_upload(request: Any, part: str) -> Iterator[tuple[dict[str, Any], Files]]:
    """The JSON object of a request, which in a form is its field ``part`` (or a file of that name), and the files.

    Large JSON takes several times its size: few are read at the same time, until this context ends. Raises
    InvalidInput, UnsupportedMediaType, Unavailable.
    """
    if is_form(request):
        yield _form(request, part)
        return
    check_type(request)
    if int(request.META.get("CONTENT_LENGTH") or 0) <= limits.JSON_BODY_BYTES:
        yield parse_object(request.body, limits.UPLOAD_JSON_BYTES), {}
        return
    if not _large.acquire(timeout=WAIT_SECONDS):
        raise Unavailable("Too many large uploads at once; try again.")
    try:
        yield parse_object(request.read(), limits.UPLOAD_JSON_BYTES), {}
    finally:
        _large.release()


def _form(request: Any, part: str) -> tuple[dict[str, Any], Files]:
    """Nothing that comes twice under one name is dropped for the other: that is refused."""
    fields, files = _parts(request)
    for name in {part, *files}:
        if len(fields.getlist(name)) * (name == part) + len(files.getlist(name)) > 1:
            raise InvalidInput(f"The form has several parts {printable(name)}.", field=name)
    if part in fields:
        return _parsed(_utf_8(fields[part], part), part), files
    if part in files:
        if files[part].size > limits.JSON_BODY_BYTES:
            raise InvalidInput(f"The part {part} is larger than {limits.JSON_BODY_BYTES:,} bytes.", field=part)
        return _parsed(files[part].read(), part), {name: file for name, file in files.items() if name != part}
    raise InvalidInput(f"The form has no part {part}.", field=part)


def _parts(request: Any) -> tuple[Any, Any]:
    try:
        return request.POST, request.FILES
    except MultiPartParserError as error:
        raise InvalidInput(f"The form could not be read: {error}") from error
    except TooManyFilesSent as error:
        most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
        raise InvalidInput(f"The form has more than {most} files; send several forms.") from error
    except TooManyFieldsSent as error:
        raise InvalidInput("The form has too many fields.") from error


def _utf_8(text: str, part: str) -> bytes:
    if REPLACED in text:
        raise InvalidInput(f"The part {part} is not UTF-8. (U+FFFD itself is written \\ufffd.)", field=part)
    return text.encode()


def _parsed(data: bytes, part: str) -> dict[str, Any]:
    """An array stands for the object that has it as its member ``part``."""
    return parse_object(b'{"%s":%s}' % (part.encode(), data) if data.lstrip().startswith(b"[") else data)
