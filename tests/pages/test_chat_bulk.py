"""Bulk runs over chats: who may delete and move which, and what became of each row."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from chats.models import Chat, Message
from chats.permissions import changeable_chats, visible_chats
from spaces.models import AuditEntry, Space, SpaceAccess
from spaces.permissions import can
from spaces_project.kit import limits
from tests.factories import actor_of, make_chat, make_space, say
from tests.pages.world import World


@pytest.fixture
def shelf(world: World) -> list[Chat]:
    """Two chats of alice's and one of bob's in alice's space, one of bob's in a space of his."""
    SpaceAccess.grant(world.space, world.bob, "USE", actor_of(world.alice))
    own = make_space(world.account, world.bob, name="Bobs own")
    chats = [
        make_chat(world.space, world.alice, name="Desk 0"),
        make_chat(world.space, world.alice),
        make_chat(world.space, world.bob, name="Desk 2"),
        make_chat(own, world.bob, name="Desk 3"),
    ]
    say(chats[1], "Desk 1 has no name but this")
    return chats


def run(client: Client, name: str, data: dict[str, Any], **options: Any) -> str:
    """Confirm, then run with the number that the confirmation showed; returns the result page."""
    question = client.post(f"/chats/bulk/{name}/", data)
    assert question.status_code == 200
    expected = re.search(r'name="expected" value="(\d+)"', question.content.decode())
    assert expected is not None
    response = client.post(f"/chats/bulk/{name}/run/", {**data, **options, "expected": expected[1]}, follow=True)
    assert response.redirect_chain == [("/chats/bulk/result/", 302)], response.content.decode()
    return response.content.decode()


def ids(chats: list[Chat]) -> dict[str, Any]:
    return {"ids": [str(chat.pk) for chat in chats]}


def rows(page: str) -> dict[str, str]:
    """What became of each row, by its name."""
    found = re.findall(r'<th scope="row">(?:<a [^>]*>)?([^<]*)(?:</a>)?</th><td><span class="state[^"]*">([^<]+)', page)
    return dict(found)


@pytest.mark.thorough
def test_the_condition_of_bulk_runs_is_the_table_of_permissions(world: World, shelf: list[Chat]) -> None:
    SpaceAccess.grant(world.space, world.ann, "MANAGE", actor_of(world.alice))
    for user in (world.admin, world.alice, world.bob, world.ann, world.mallory):
        actor = actor_of(user)
        allowed = [chat for chat in visible_chats(actor) if can(actor, "chat.delete", chat)]
        assert set(changeable_chats(actor)) == set(allowed), user


def test_deleting_says_what_became_of_each_row(world: World, shelf: list[Chat]) -> None:
    client = world.client(world.admin)
    question = client.post("/chats/bulk/delete/", ids(shelf)).content.decode()
    assert "Delete 4 chats?" in question
    assert "Desk 1 has no name but this" in question
    assert "<dt>Message</dt><dd>1</dd>" in question
    assert rows(run(client, "delete", ids(shelf))) == dict.fromkeys(
        ("Desk 0", "Desk 1 has no name but this", "Desk 2", "Desk 3"), "Deleted"
    )
    assert not Chat.objects.of(world.account).exists()
    assert not Message.objects.exists()
    assert AuditEntry.objects.filter(operation="chat.delete", actor_id=world.admin.pk).count() == 4


def test_a_member_deletes_his_own_and_what_is_in_his_spaces(world: World, shelf: list[Chat]) -> None:
    bobs = rows(run(world.client(world.bob), "delete", ids(shelf)))
    assert bobs == {"Desk 2": "Deleted", "Desk 3": "Deleted"}
    alices = rows(run(world.client(world.alice), "delete", {"all": "1", "query": "q=desk"}))
    assert alices == {"Desk 0": "Deleted", "Desk 1 has no name but this": "Deleted"}


def test_what_may_only_be_read_is_refused_row_by_row(world: World, shelf: list[Chat]) -> None:
    question = world.client(world.ann).post("/chats/bulk/delete/", ids(shelf)).content.decode()
    assert "4 of them you may not change." in question
    assert set(rows(run(world.client(world.ann), "delete", ids(shelf))).values()) == {"You may not change this chat"}
    assert Chat.objects.of(world.account).count() == 4


def test_chats_of_other_accounts_are_as_if_they_were_not_there(world: World, shelf: list[Chat]) -> None:
    page = world.client(world.mallory).post("/chats/bulk/delete/", ids(shelf)).content.decode()
    assert "Nothing is selected" in page
    run = world.client(world.mallory).post("/chats/bulk/delete/run/", {**ids(shelf), "expected": "4"})
    assert run.status_code == 409
    assert Chat.objects.of(world.account).count() == 4


def test_moving(world: World, shelf: list[Chat]) -> None:
    target = make_space(world.account, world.alice, name="New home")
    page = run(world.client(world.alice), "move", ids([*shelf[:2], shelf[3]]), space=str(target.pk))
    assert rows(page) == dict.fromkeys(("Desk 0", "Desk 1 has no name but this"), "Moved to “New home”")
    assert set(Chat.objects.filter(space=target)) == set(shelf[:2])
    entry = AuditEntry.objects.about(shelf[0].pk).get(operation="chat.update")
    assert entry.changes == {"space": [str(world.space.pk), str(target.pk)]}
    again = run(world.client(world.alice), "move", ids([shelf[0]]), space=str(target.pk))
    assert rows(again) == {"Desk 0": "Was in “New home” already"}
    assert AuditEntry.objects.about(shelf[0].pk).filter(operation="chat.update").count() == 1


@pytest.mark.thorough
def test_an_archived_space_takes_none(world: World, shelf: list[Chat]) -> None:
    target = make_space(world.account, world.alice, name="Old home", is_archived=True)
    page = run(world.client(world.alice), "move", ids([shelf[0]]), space=str(target.pk))
    assert rows(page) == {"Desk 0": "“Old home” is archived and takes nothing new"}
    assert Chat.objects.get(pk=shelf[0].pk).space == world.space


def test_only_a_space_that_one_manages_is_a_target(world: World, shelf: list[Chat]) -> None:
    theirs = make_space(world.mallory.account, name="Theirs")
    for target in (Space.objects.get(name="Bobs own"), theirs):
        data = {**ids([shelf[0]]), "expected": "1", "space": str(target.pk)}
        response = world.client(world.alice).post("/chats/bulk/move/run/", data)
        assert response.status_code == 422
        assert target.name not in response.content.decode()
    for typed in ("", "nonsense", "\x00"):
        data = {**ids([shelf[0]]), "expected": "1", "space": typed}
        assert world.client(world.alice).post("/chats/bulk/move/run/", data).status_code == 422
    assert Chat.objects.get(pk=shelf[0].pk).space == world.space


@pytest.mark.thorough
def test_many_deletions_are_typed(world: World, shelf: list[Chat], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNTYPED_DELETIONS", 3)
    client = world.client(world.admin)
    wrong = client.post("/chats/bulk/delete/run/", {**ids(shelf), "expected": "4"})
    assert wrong.status_code == 422
    assert "Type 4 to confirm." in wrong.content.decode()
    assert Chat.objects.of(world.account).count() == 4
    run(client, "delete", ids(shelf), typed="4")
    assert not Chat.objects.of(world.account).exists()


def test_when_another_number_matches_now_nothing_runs(world: World, shelf: list[Chat]) -> None:
    data = {"all": "1", "query": "q=desk", "expected": "3"}
    assert world.client(world.admin).post("/chats/bulk/delete/run/", data).status_code == 409
    assert Chat.objects.of(world.account).count() == 4


def test_nonsense(world: World, shelf: list[Chat]) -> None:
    client = world.client(world.admin)
    assert client.post("/chats/bulk/explode/", ids(shelf)).status_code == 404
    assert client.get("/chats/bulk/delete/").status_code == 405
    assert client.post("/chats/bulk/delete/", {"ids": ["no", "\x00", ""]}).status_code == 200
    assert client.post("/chats/bulk/export/", {**ids(shelf), "format": "exe"}).status_code == 404
    assert client.get("/chats/bulk/result/")["Location"] == "/chats/"


@pytest.mark.thorough
def test_exporting_goes_to_the_exports_own_address(world: World, shelf: list[Chat]) -> None:
    client = world.client(world.ann)
    ticked = client.post("/chats/bulk/export/", {**ids(shelf[:1]), "format": "csv"})
    assert ticked["Location"] == f"/chats/export.csv?id={shelf[0].pk}"
    data = {"all": "1", "query": "q=desk&state=answered", "format": "jsonl"}
    assert client.post("/chats/bulk/export/", data)["Location"] == "/chats/export.jsonl?q=desk&state=answered"
    messages = client.post("/chats/bulk/export/?rows=messages", data)
    assert messages["Location"] == "/chats/messages/export.jsonl?q=desk&state=answered"
