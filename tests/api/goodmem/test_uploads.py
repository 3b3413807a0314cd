"""Files as large as they may be, sent to a live server in every way."""

from __future__ import annotations

import base64
import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest

from .library import BOUNDARY, form

pytestmark = pytest.mark.slow
MIB = 1 << 20
FORM = f"multipart/form-data; boundary={BOUNDARY}"


@pytest.fixture
def home(live: str) -> tuple[str, str, str]:
    """``(URL, key, space)``."""
    from tests.factories import make_account, make_key, make_space, make_user

    alice = make_user(make_account("acme"), "alice")
    return live, make_key(alice)[1], str(make_space(alice.account, alice).pk)


def post(home: Any, data: Any, kind: str) -> tuple[int, Any]:
    """Status and JSON; an iterator goes out in chunks, without a length."""
    url, key, _ = home
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
    try:
        connection.request("POST", "/v1/memories", data, {"x-api-key": key, "Content-Type": kind})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    except (BrokenPipeError, ConnectionResetError):  # refused before everything was sent
        return 413, None
    finally:
        connection.close()


def a_form(home: Any, size: int) -> bytes:
    request = {"spaceId": home[2], "contentType": "application/octet-stream"}
    return form("request", request, ("file", "large.bin", "application/octet-stream", bytes(size)))


def as_json(home: Any, size: int) -> bytes:
    body = {"spaceId": home[2], "contentType": "application/octet-stream"}
    return json.dumps({**body, "originalContentB64": base64.b64encode(bytes(size)).decode()}).encode()


def test_fifty_mebibytes_are_taken_and_no_more(home: Any) -> None:
    for data, kind in ((a_form(home, 50 * MIB), FORM), (as_json(home, 50 * MIB), "application/json")):
        status, memory = post(home, data, kind)
        assert (status, memory["originalContentLength"]) == (201, 50 * MIB)
    for size in (50 * MIB + 1, 60 * MIB):
        assert post(home, a_form(home, size), FORM)[0] == 413
        assert post(home, as_json(home, size), "application/json")[0] == 413
    chunks = a_form(home, 20 * MIB)
    status, memory = post(home, (chunks[at : at + MIB] for at in range(0, len(chunks), MIB)), FORM)
    assert (status, memory["originalContentLength"]) == (201, 20 * MIB)


def test_many_at_once_are_all_answered(home: Any) -> None:
    data = as_json(home, 40 * MIB)
    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(lambda _: post(home, data, "application/json")[0], range(6)))
    assert set(found) <= {201, 503}
    assert found.count(201) >= 3
