"""The probes: for load balancers, which know no host name and carry no session."""

import json
import urllib.request

import pytest
from django.db import connection
from django.test import Client

from spaces_project import health


@pytest.mark.django_db
def test_ready_when_everything_is_in_place(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LEAST_FREE_DISK", 0.0)  # whatever this machine's disk looks like
    response = client.get("/readyz", headers={"host": "10.0.0.7"})
    assert response.status_code == 200, response.content
    assert response.json() == {"status": "ok", "checks": {"database": "ok", "migrations": "ok", "disk": "ok"}}


@pytest.mark.django_db
def test_not_ready_while_a_migration_is_missing(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["migrations"] == "1 not applied"


@pytest.mark.django_db
def test_not_ready_on_a_full_disk(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LEAST_FREE_DISK", 1.0)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "free, at least 100% needed" in response.json()["checks"]["disk"]


def test_alive_needs_no_database(client: Client) -> None:
    response = client.get("/healthz", headers={"host": "10.0.0.7"})
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response.headers["Cache-Control"] == "no-store"


def test_probes_answer_get_and_head_only(client: Client) -> None:
    assert client.head("/healthz").status_code == 200
    assert client.post("/healthz").status_code == 405


def test_the_live_server_is_ready(live: str) -> None:
    with urllib.request.urlopen(f"{live}/healthz") as answer:
        assert json.load(answer) == {"status": "ok"}
