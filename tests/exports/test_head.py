"""HEAD of whatever can be downloaded: the headers of GET, no body, and no row is read."""

from __future__ import annotations

import http.client
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from memories import ingestion
from spaces.models import ExportLink
from tests.factories import actor_of, admin_of, make_account, make_chat, make_key, make_space, make_user, say

BACKEND = "django.contrib.auth.backends.ModelBackend"
OF_REQUEST = {"X-Request-Id", "Content-Length"}  # the test client tells the length of streams by itself
LISTS = ("spaces", "contacts", "chats", "chats/messages", "memories", "memories/chunks", "files", "audit")
DIALECT = ("space", "contact", "conversation", "memory", "rating")


@pytest.fixture
def acme(db: None) -> Any:
    account = make_account("acme")
    make_space(account, make_user(account, "alice"), name="Warranty")
    return account


def admin(account: Any) -> Client:
    client = Client()
    client.force_login(admin_of(account), backend=BACKEND)
    return client


def headers(response: Any) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name not in OF_REQUEST}


def check(client: Client, path: str, **options: Any) -> bytes:
    """HEAD is GET without its body, which is given back, and reads no batch of rows."""
    with CaptureQueriesContext(connection) as queries:
        head = client.head(path, **options)
    assert not [query for query in queries if "k_value" in query["sql"] or "count(" in query["sql"].lower()]
    got = client.get(path, **options)
    body = b"".join(got.streaming_content)
    assert (head.status_code, head.getvalue()) == (200, b"")
    assert headers(head) == headers(got)
    return body


@pytest.mark.every_case
@pytest.mark.parametrize("name", LISTS)
def test_every_list(acme: Any, name: str) -> None:
    client = admin(acme)
    for format in ("csv", "json", "jsonl", "xlsx"):
        assert check(client, f"/{name}/export.{format}") or format == "jsonl"


def test_the_messages_of_a_chat_and_its_record(acme: Any) -> None:
    chat = make_chat(acme.spaces.get(name="Warranty"), admin_of(acme))
    say(chat, "Hello")
    assert b"Hello" in check(admin(acme), f"/chats/{chat.pk}/messages/export.csv")
    assert b"Hello" in check(admin(acme), f"/chats/{chat.pk}/raw.json")


def test_a_link(acme: Any) -> None:
    alice = acme.users.get(username="alice")
    link = ExportLink.issue(actor_of(alice), alice, "Weekly", "/spaces/export.csv", "", 30)
    assert check(Client(), f"/links/{link.token}/weekly.xlsx").startswith(b"PK")
    assert Client().head(f"/links/{link.token}x/weekly.xlsx").status_code == 404


@pytest.mark.every_case
@pytest.mark.parametrize("kind", DIALECT)
def test_chatbotkits_exports(acme: Any, kind: str) -> None:
    _, token = make_key(admin_of(acme))
    for form in ("application/json", "application/jsonl", "text/csv"):
        body = check(Client(), f"/api/v1/{kind}/export", headers={"x-api-key": token, "accept": form})
        assert body or kind != "space"
    assert Client().head(f"/api/v1/{kind}/export").status_code == 401
    assert Client().head(f"/api/v1/{kind}/list").status_code == 200  # the vendor's, for anybody


def test_the_file_of_a_memory(acme: Any) -> None:
    space = acme.spaces.get(name="Warranty")
    memory = ingestion.add(actor_of(admin_of(acme)), space, b"two years", name="Terms.txt", mime_type="text/plain")
    head = admin(acme).head(f"/memories/{memory.pk}/original/")
    assert (head.status_code, head["Content-Length"], head.getvalue()) == (200, "9", b"")
    assert "Terms.txt" in head["Content-Disposition"]


def test_what_get_refuses_is_refused(acme: Any) -> None:
    assert admin(acme).head("/spaces/export.csv?take=x").status_code == 400
    assert Client().head("/spaces/export.csv").status_code == 302
    mallory = make_user(make_account("other"), "mallory")
    chat = make_chat(acme.spaces.get(name="Warranty"), admin_of(acme))
    client = Client()
    client.force_login(mallory, backend=BACKEND)
    assert client.head(f"/chats/{chat.pk}/messages/export.csv").status_code == 404


def test_over_a_real_socket(live: str) -> None:
    """Two requests on one connection: a body after the first would be read as the second's answer."""
    account = make_account("acme")
    make_space(account, name="Warranty")
    _, token = make_key(admin_of(account))
    socket = http.client.HTTPConnection(urlsplit(live).netloc, timeout=30)
    for path in ("/spaces/export.xlsx", "/api/v1/space/export", "/sign-in/"):
        socket.request("HEAD", path, headers={"x-api-key": token})
        answer = socket.getresponse()
        assert (answer.status, answer.read()) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 500
    socket.close()
