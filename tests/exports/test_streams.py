"""Exports while the world goes on: rows come and go, clients stall, the database breaks."""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext

from spaces.models import Space
from spaces.resources import SpaceResource
from spaces_project.kit.exports import export_response
from tests.factories import admin_of, make_account, make_key, make_space

FILL = """
INSERT INTO spaces_space (id, account_id, owner_id, created_at, updated_at, name, description, meta, labels,
    blueprint_id, public_read, is_archived, is_default)
SELECT gen_random_uuid(), %s, %s, now() - n * interval '1 second', now(), 'Space ' || n, repeat('x', %s), '{}', '{}',
    '', false, false, false FROM generate_series(1, %s) n
"""


def fill(account: Any, count: int, width: int = 1) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL, [account.pk, admin_of(account).pk, width, count])


@pytest.mark.django_db
def test_the_first_batch_goes_out_before_the_second_is_read() -> None:
    account = make_account("acme")
    fill(account, 2500)
    with CaptureQueriesContext(connection) as queries:
        response: Any = export_response(SpaceResource(), Space.objects.of(account).listed(), "jsonl")
        assert len(queries) == 1
        stream = iter(response)
        assert next(stream).count(b"\n") == 100
        assert len(queries) == 1
        assert [chunk.count(b"\n") for chunk in stream] == [2000, 400]
        assert len(queries) == 3
    assert not any("count(" in query["sql"].lower() for query in queries)


@pytest.mark.django_db
def test_a_workbook_goes_out_row_by_row() -> None:
    """No piece waits for the next batch, and none grows with the table."""
    account = make_account("acme")
    fill(account, 4500)
    with CaptureQueriesContext(connection) as queries:
        response: Any = export_response(SpaceResource(), Space.objects.of(account).listed(), "xlsx")
        stream = iter(response)
        assert next(stream).startswith(b"PK\x03\x04")
        assert len(queries) == 2  # that they fit, and the first batch
        pieces = list(stream)
        assert len(queries) == 5
    assert len(pieces) > 10
    assert max(map(len, pieces)) < 100_000


@pytest.mark.thorough
@pytest.mark.django_db
def test_wide_rows_come_in_small_batches() -> None:
    account = make_account("acme")
    fill(account, 250, width=50_000)
    response: Any = export_response(SpaceResource(), Space.objects.of(account).listed(), "jsonl")
    sizes = [len(chunk) for chunk in response]
    assert sum(sizes) > 250 * 50_000
    assert max(sizes) < 6_000_000


@pytest.mark.django_db
def test_rows_that_come_and_go_meanwhile_disturb_nobody() -> None:
    account = make_account("acme")
    fill(account, 9)
    spaces = Space.objects.of(account).listed()
    stays = set(spaces.values_list("name", flat=True)) - {"Space 8", "Space 2"}
    seen = []
    for number, batch in enumerate(SpaceResource().batches(spaces, size=3)):
        seen += [json.loads(line)["name"] for line in batch.lines]
        if number == 0:
            spaces.filter(name__in=["Space 8", "Space 2"]).delete()
            make_space(account, name="Newer")
    assert len(seen) == len(set(seen))
    assert stays <= set(seen)
    assert "Space 8" not in seen
    assert "Newer" not in seen


@pytest.mark.django_db
def test_only_the_own_rows_go_out() -> None:
    acme, other = make_account("acme"), make_account("other")
    make_space(acme, name="Ours")
    make_space(other, name="Theirs")
    response: Any = export_response(SpaceResource(), Space.objects.of(acme).listed(), "json")
    text = b"".join(response).decode()
    assert "Ours" in text
    assert "Theirs" not in text


@pytest.mark.django_db
def test_what_is_wrong_from_the_beginning_is_an_ordinary_error() -> None:
    with pytest.raises(DataError):
        export_response(SpaceResource(), Space.objects.extra(where=["1 = 'a'::int"]), "csv")


# ------------------------------------------------------------------- over a real socket


@contextmanager
def download(live: str, path: str, token: str) -> Iterator[socket.socket]:
    """A client that has asked and reads no more than it is told to."""
    address = urlsplit(live)
    with closing(socket.socket()) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(30)
        client.connect((address.hostname, address.port))
        head = f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\nx-api-key: {token}\r\nConnection: close\r\n\r\n"
        client.sendall(head.encode())
        yield client


def rest_of(client: socket.socket) -> bytes:
    parts = []
    try:
        while data := client.recv(1 << 20):
            parts.append(data)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def test_a_failure_midway_breaks_the_connection(live: str) -> None:
    account = make_account("acme")
    fill(account, 8000, width=2000)
    _, token = make_key(admin_of(account))
    for path in ("/spaces/export.csv", "/spaces/export.jsonl", "/spaces/export.json", "/spaces/export.xlsx"):
        with download(live, path, token) as client:
            start = client.recv(64)
            assert start.startswith(b"HTTP/1.1 200")
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE spaces_space RENAME COLUMN description TO hidden")
            try:
                answer = start + rest_of(client)
            finally:
                with connection.cursor() as cursor:
                    cursor.execute("ALTER TABLE spaces_space RENAME COLUMN hidden TO description")
        assert b"Space 1" in answer or b"PK\x03\x04" in answer
        assert not answer.endswith(b"0\r\n\r\n")


def test_a_whole_export_ends_with_the_last_chunk(live: str) -> None:
    account = make_account("acme")
    fill(account, 2500)
    _, token = make_key(admin_of(account))
    with download(live, "/spaces/export.jsonl", token) as client:
        answer = rest_of(client)
    assert answer.endswith(b"\r\n0\r\n\r\n")
    assert answer.count(b'"Space ') == 2500


def busy_connections() -> int:
    """Connections of others to this database that run something or have a transaction open."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND (state <> 'idle' OR xact_start IS NOT NULL) AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


@pytest.mark.slow
def test_slow_clients_hold_no_connection(live: str) -> None:
    """The live server has a pool of 8: with ten stalled downloads an eleventh request still gets one."""
    account = make_account("acme")
    fill(account, 8000, width=2000)
    _, token = make_key(admin_of(account))
    clients = [download(live, "/spaces/export.csv", token) for _ in range(10)]
    try:
        opened = [client.__enter__() for client in clients]
        assert all(client.recv(64).startswith(b"HTTP/1.1 200") for client in opened)
        with download(live, "/spaces/export.csv?take=1", token) as another:
            assert rest_of(another).startswith(b"HTTP/1.1 200")
        end = time.monotonic() + 20  # the batch that is read ahead may still be under way
        while busy_connections() and time.monotonic() < end:
            time.sleep(0.1)
        assert busy_connections() == 0
    finally:
        for client in clients:
            client.__exit__(None, None, None)


@pytest.mark.django_db
def test_a_broken_export_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    account = make_account("acme")
    fill(account, 2500)
    response: Any = export_response(SpaceResource(), Space.objects.of(account).listed(), "csv", filename="spaces")
    stream = iter(response)
    next(stream)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE spaces_space RENAME COLUMN description TO hidden")
    with caplog.at_level(logging.ERROR), pytest.raises(Exception, match="description"):
        list(stream)
    assert "export spaces broke off" in caplog.text
