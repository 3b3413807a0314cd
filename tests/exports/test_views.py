"""The downloads of the dashboard: the same filters as the list, for a session or a key, and nobody else's rows."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import Any

import pytest
from django.test import Client

from spaces_project.kit import limits
from tests.factories import admin_of, make_account, make_contact, make_key, make_operator, make_space, make_user

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def text_of(response: Any) -> str:
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content).decode()


def names_in(response: Any) -> list[str]:
    return [row["name"] for row in csv.DictReader(io.StringIO(text_of(response), newline=""))]


@pytest.fixture
def acme() -> Any:
    account = make_account("acme")
    alice = make_user(account, "alice")
    make_space(account, alice, name="Warranty", labels={"team": "support"}, meta={"tier": "gold"})
    make_space(account, admin_of(account), name="Internal")
    make_space(account, alice, name="Old", is_archived=True)
    mallory = make_user(make_account("other"), "mallory")
    make_space(mallory.account, mallory, name="Foreign")
    return account


def signed_in(account: Any, username: str) -> Client:
    client = Client()
    client.force_login(account.users.get(username=username), backend=BACKEND)
    return client


def test_a_member_downloads_what_his_list_shows(acme: Any) -> None:
    assert names_in(signed_in(acme, "alice").get("/spaces/export.csv")) == ["Warranty"]
    assert names_in(signed_in(acme, "admin-acme").get("/spaces/export.csv?order=asc")) == ["Warranty", "Internal"]


def test_filters_take_and_order_apply(acme: Any) -> None:
    admin = signed_in(acme, "admin-acme")
    assert names_in(admin.get("/spaces/export.csv?archived=any&take=2")) == ["Old", "Internal"]
    assert names_in(admin.get("/spaces/export.csv?meta=tier%3Dgold")) == ["Warranty"]
    assert names_in(admin.get("/spaces/export.csv?label=team")) == ["Warranty"]
    assert names_in(admin.get("/spaces/export.csv?q=nothing+like+it")) == []


def test_headers_of_a_download(acme: Any) -> None:
    response = signed_in(acme, "alice").get("/spaces/export.csv")
    assert response["Content-Disposition"] == f'attachment; filename="spaces-{date.today():%Y-%m-%d}.csv"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"
    text_of(response)


@pytest.mark.parametrize("format", ["csv", "json", "jsonl", "xlsx"])
def test_every_format_answers(acme: Any, format: str) -> None:
    response = signed_in(acme, "alice").get(f"/spaces/export.{format}")
    assert response.status_code == 200
    assert b"".join(response.streaming_content)


def test_contacts_download(acme: Any) -> None:
    make_contact(acme, name="=HYPERLINK()", phone="+1 555 010 0199")
    text = text_of(signed_in(acme, "admin-acme").get("/contacts/export.csv"))
    assert "'=HYPERLINK()" in text
    assert '"+15550100199"' in text
    raw = text_of(signed_in(acme, "admin-acme").get("/contacts/export.csv?raw=1"))
    assert '"=HYPERLINK()"' in raw
    assert json.loads(text_of(signed_in(acme, "admin-acme").get("/contacts/export.jsonl")))["name"] == "=HYPERLINK()"


def test_a_key_downloads_with_its_users_rights(acme: Any) -> None:
    _, token = make_key(acme.users.get(username="alice"))
    headers = {"Authorization": f"Bearer {token}"}
    assert names_in(Client().get("/spaces/export.csv", headers=headers)) == ["Warranty"]
    assert names_in(Client().get("/spaces/export.csv", headers={"x-api-key": token})) == ["Warranty"]


def test_a_wrong_key_is_refused_even_with_a_session(acme: Any) -> None:
    response = signed_in(acme, "alice").get("/spaces/export.csv", headers={"Authorization": "Bearer sk_wrong_key"})
    assert response.status_code == 401


def test_a_key_without_read_is_refused(acme: Any) -> None:
    _, token = make_key(acme.users.get(username="alice"), scopes=["write"])
    assert Client().get("/spaces/export.csv", headers={"x-api-key": token}).status_code == 403


def test_nobody_is_sent_to_the_sign_in(acme: Any) -> None:
    response = Client().get("/spaces/export.csv?q=a")
    assert response.status_code == 302
    assert response["Location"] == "/sign-in/?next=/spaces/export.csv%3Fq%3Da"


def test_an_operator_is_sent_to_admin(acme: Any) -> None:
    client = Client()
    client.force_login(make_operator(), backend=BACKEND)
    assert client.get("/spaces/export.csv")["Location"] == "/admin/"


@pytest.mark.parametrize(
    "query", ["created_after=tomorrow", "archived=maybe", "take=x", "take=-1", "q=%00", "meta=%3Dx", "id=nonsense"]
)
def test_a_filter_that_cannot_be_read_is_refused(acme: Any, query: str) -> None:
    assert signed_in(acme, "alice").get(f"/spaces/export.csv?{query}").status_code == 400


@pytest.mark.parametrize("ending", ["exe", "items", "CSV"])
def test_unknown_formats_are_missing(acme: Any, ending: str) -> None:
    assert signed_in(acme, "alice").get(f"/spaces/export.{ending}").status_code == 404


@pytest.mark.thorough
def test_a_workbook_that_would_be_too_large_is_refused(acme: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "XLSX_ROWS", 1)
    response = signed_in(acme, "admin-acme").get("/spaces/export.xlsx")
    assert response.status_code == 400
    assert "At most 1 rows" in response.content.decode()
    response = signed_in(acme, "admin-acme").get("/spaces/export.xlsx?take=1")
    assert b"".join(response.streaming_content).startswith(b"PK")
