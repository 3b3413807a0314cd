"""Chats and messages as downloads: the rows of the list, nobody else's, for a session, a key and a link."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import openpyxl
import pytest
from django.test import Client

from chats.models import Chat, Message, Rating, Reference
from spaces.models import ExportLink
from tests.factories import actor_of, make_account, make_chat, make_contact, make_key, make_space, make_user, say

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def text_of(response: Any) -> str:
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content).decode()


def rows_of(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text_of(response), newline="")))


@pytest.fixture
def acme() -> Any:
    """A rated chat with a reference, in a space of alice's; one of bob's elsewhere; one of mallory's account."""
    account = make_account("acme")
    alice, bob = make_user(account, "alice"), make_user(account, "bob")
    contact = make_contact(account, alice, name="Fern")
    chat = make_chat(
        make_space(account, alice, name="Warranty"), alice, name="=Cover()", contact=contact, meta={"a": 1}
    )
    calls = [{"tokenUsage": {"promptTokens": n, "completionTokens": 2}} for n in (10, 5)]
    question = say(chat, "What is covered?", debug_info={"llm_invocations": calls})
    answer = say(chat, "-1 year <sup>1</sup>", role="assistant", state="done", answers=question)
    say(chat, "It reasons", role="system", kind="reasoning", debug_info={"llm_invocations": "nonsense"})
    Reference.objects.create(account=account, message=answer, number=1, name="Cover.pdf")
    Rating.vote(actor_of(alice), chat, answer, 100, "Clear")
    Rating.vote(actor_of(bob), chat, None, -1)
    say(make_chat(make_space(account, bob, name="Bobs"), bob, name="Of bob"), "Hello")
    mallory = make_user(make_account("other"), "mallory")
    say(make_chat(make_space(mallory.account, mallory, name="Foreign"), mallory, name="Foreign"), "Foreign words")
    return account


def signed_in(account: Any, username: str) -> Client:
    client = Client()
    client.force_login(account.users.get(username=username), backend=BACKEND)
    return client


def the_chat() -> Chat:
    chat: Chat = Chat.objects.get(name="=Cover()")
    return chat


def test_a_row_per_chat(acme: Any) -> None:
    (row,) = rows_of(signed_in(acme, "alice").get("/chats/export.csv"))
    chat = the_chat()
    assert row["id"] == chat.wire_id
    assert (row["name"], row["space_name"], row["user"], row["messages"]) == ("'=Cover()", "Warranty", "alice", "3")
    assert (row["space"], row["contact"]) == (chat.space.wire_id, chat.contact.wire_id)  # type: ignore[union-attr]
    assert (row["ratings_up"], row["ratings_down"], row["last_role"], row["meta"]) == ("1", "1", "assistant", "a: 1\n")
    (raw,) = rows_of(signed_in(acme, "alice").get("/chats/export.csv?raw=1"))
    assert raw["name"] == "=Cover()"


def test_a_row_per_message(acme: Any) -> None:
    found = rows_of(signed_in(acme, "alice").get("/chats/messages/export.csv?order=asc"))
    question, answer, thought = found
    assert [row["text"] for row in found] == ["What is covered?", "'-1 year <sup>1</sup>", "It reasons"]
    assert (question["prompt_tokens"], question["completion_tokens"]) == ("15", "4")
    assert (answer["role"], answer["state"], answer["answers"]) == ("assistant", "done", question["id"])
    assert (answer["references"], answer["ratings_up"], answer["ratings_down"]) == ("1", "1", "0")
    assert (thought["role"], thought["kind"], thought["prompt_tokens"]) == ("system", "reasoning", "")
    assert {row["chat"] for row in found} == {the_chat().wire_id}


def test_json_keeps_numbers_and_texts(acme: Any) -> None:
    lines = text_of(signed_in(acme, "alice").get("/chats/messages/export.jsonl?order=asc")).splitlines()
    question, answer, _ = map(json.loads, lines)
    assert (question["prompt_tokens"], answer["references"], answer["text"]) == (15, 1, "-1 year <sup>1</sup>")
    everything = json.loads(text_of(signed_in(acme, "alice").get("/chats/export.json")))
    assert everything["items"][0]["name"] == "=Cover()"


@pytest.mark.parametrize("path", ["/chats/export", "/chats/messages/export"])
def test_a_workbook(acme: Any, path: str) -> None:
    response = signed_in(acme, "admin-acme").get(f"{path}.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    assert sheet.max_row == (3 if path == "/chats/export" else 5)
    assert sheet["A1"].value == "id"


def test_filters_are_those_of_the_list(acme: Any) -> None:
    admin = signed_in(acme, "admin-acme")
    assert [row["name"] for row in rows_of(admin.get("/chats/export.csv?rating=up"))] == ["'=Cover()"]
    assert [row["name"] for row in rows_of(admin.get("/chats/export.csv?q=hello"))] == ["Of bob"]
    assert [row["text"] for row in rows_of(admin.get("/chats/messages/export.csv?space=bobs"))] == ["Hello"]
    assert len(rows_of(admin.get("/chats/messages/export.csv?q=covered"))) == 3
    assert len(rows_of(admin.get("/chats/messages/export.csv?take=2"))) == 2
    assert [row["name"] for row in rows_of(admin.get("/chats/export.csv?order=asc"))] == ["'=Cover()", "Of bob"]


def test_nobody_downloads_what_he_may_not_read(acme: Any) -> None:
    assert [row["name"] for row in rows_of(signed_in(acme, "bob").get("/chats/export.csv"))] == ["Of bob"]
    assert [row["text"] for row in rows_of(signed_in(acme, "bob").get("/chats/messages/export.csv"))] == ["Hello"]
    whole = text_of(signed_in(acme, "admin-acme").get("/chats/messages/export.csv"))
    assert "Foreign" not in whole
    pk = the_chat().pk
    assert signed_in(acme, "bob").get(f"/chats/{pk}/messages/export.csv").status_code == 404
    assert Client().get("/chats/export.csv").status_code == 302


def test_the_messages_of_one_chat_come_in_their_order(acme: Any) -> None:
    client, path = signed_in(acme, "alice"), f"/chats/{the_chat().pk}/messages/export"
    assert [row["role"] for row in rows_of(client.get(f"{path}.csv"))] == ["user", "assistant", "system"]
    assert [row["role"] for row in rows_of(client.get(f"{path}.csv?order=desc"))] == ["system", "assistant", "user"]
    assert len(text_of(client.get(f"{path}.jsonl")).splitlines()) == 3
    assert client.get(f"{path}.exe").status_code == 404


def test_a_key_downloads_with_its_users_rights(acme: Any) -> None:
    _, token = make_key(acme.users.get(username="bob"))
    assert [row["name"] for row in rows_of(Client().get("/chats/export.csv", headers={"x-api-key": token}))] == [
        "Of bob"
    ]
    _, limited = make_key(acme.users.get(username="alice"), scopes=["write"])
    assert Client().get("/chats/messages/export.csv", headers={"x-api-key": limited}).status_code == 403


@pytest.mark.parametrize(("list_", "column", "value"), [("chats", "name", "Of bob"), ("messages", "text", "Hello")])
def test_a_link_reloads_the_filtered_rows(acme: Any, list_: str, column: str, value: str) -> None:
    client = signed_in(acme, "bob")
    made = client.post(f"/settings/export-links/new/?list={list_}&q=hello&sort=name", {"name": "Weekly", "days": "30"})
    assert made.status_code == 302, made.content.decode()
    link = ExportLink.objects.get(name="Weekly")
    assert link.query == "q=hello"
    assert [row[column] for row in rows_of(Client().get(f"/links/{link.token}/weekly.csv"))] == [value]
    assert list_.title() in client.get(made["Location"]).content.decode()


@pytest.mark.slow
@pytest.mark.parametrize("query", ["active_after=tomorrow", "state=odd", "take=x", "q=%00", "meta=%3Dx", "id=nonsense"])
def test_a_filter_that_cannot_be_read_is_refused(acme: Any, query: str) -> None:
    for path in ("/chats/export.csv", "/chats/messages/export.jsonl"):
        assert signed_in(acme, "alice").get(f"{path}?{query}").status_code == 400


@pytest.mark.thorough
def test_a_wide_message_comes_whole(acme: Any) -> None:
    text = "wide " * 200_000
    said = say(the_chat(), text)
    lines = text_of(signed_in(acme, "alice").get(f"/chats/{the_chat().pk}/messages/export.jsonl")).splitlines()
    assert json.loads(lines[-1])["text"] == text
    assert Message.objects.get(pk=said.pk).text == text
