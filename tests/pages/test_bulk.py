"""Bulk runs: a confirmation with the server's own count, then an outcome per row."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from spaces.models import AuditEntry, Space
from spaces_project.kit import limits
from tests.factories import make_space
from tests.pages.world import World


def shelf(world: World) -> list[Space]:
    """Three of alice's and one of bob's."""
    mine = [make_space(world.account, world.alice, name=f"Desk {number}") for number in range(3)]
    return [*mine, make_space(world.account, world.bob, name="Desk of bob")]


def run(client: Client, name: str, data: dict[str, Any], **options: Any) -> str:
    """Confirm, then run with the number that the confirmation showed; returns the result page."""
    question = client.post(f"/spaces/bulk/{name}/", data)
    assert question.status_code == 200
    expected = re.search(r'name="expected" value="(\d+)"', question.content.decode())
    assert expected is not None
    response = client.post(f"/spaces/bulk/{name}/run/", {**data, **options, "expected": expected[1]}, follow=True)
    assert response.redirect_chain == [("/spaces/bulk/result/", 302)]
    return response.content.decode()


def ids(spaces: list[Space]) -> dict[str, Any]:
    return {"ids": [str(space.pk) for space in spaces]}


def states(page: str) -> list[str]:
    return re.findall(r'<span class="state[^"]*">([^<]+)</span>', page)


def test_archiving_says_what_became_of_each_row(world: World) -> None:
    spaces = shelf(world)
    spaces[0].archive(world_actor(world))
    page = run(world.client(world.admin), "archive", ids(spaces))
    assert sorted(states(page)) == ["Archived", "Archived", "Archived", "Was archived already"]
    assert Space.objects.of(world.account).archived().count() == 4
    for space in spaces:
        assert AuditEntry.objects.about(space.pk).filter(operation="space.update").count() == 1
    run(world.client(world.admin), "unarchive", ids(spaces))
    assert not Space.objects.of(world.account).archived().exists()


def world_actor(world: World) -> Any:
    from tests.factories import actor_of

    return actor_of(world.admin)


def test_a_row_that_may_not_be_changed_is_said_and_the_others_succeed(world: World) -> None:
    from spaces.models import SpaceAccess

    spaces = shelf(world)
    SpaceAccess.grant(spaces[3], world.alice, "USE", world_actor(world))
    question = world.client(world.alice).post("/spaces/bulk/delete/", ids(spaces)).content.decode()
    assert "Delete 4 spaces?" in question
    assert "1 of them you may not change." in question
    page = run(world.client(world.alice), "delete", ids(spaces))
    assert states(page) == ["You may not change this space", "Deleted", "Deleted", "Deleted"]
    assert Space.objects.filter(pk=spaces[3].pk).exists()
    assert not Space.objects.filter(pk__in=[space.pk for space in spaces[:3]]).exists()


def test_rows_of_others_and_of_other_accounts_are_as_if_they_were_not_there(world: World) -> None:
    spaces = shelf(world)
    theirs = make_space(world.mallory.account, name="Theirs")
    for client in (world.client(world.mallory), world.client(world.bob)):
        page = client.post("/spaces/bulk/delete/", ids(spaces[:3])).content.decode()
        assert "Nothing is selected" in page
    page = run(world.client(world.admin), "delete", ids([*spaces, theirs]))
    assert "Theirs" not in page
    assert Space.objects.filter(pk=theirs.pk).exists()


def test_an_analyst_changes_nothing(world: World) -> None:
    spaces = shelf(world)
    page = run(world.client(world.ann), "archive", ids(spaces))
    assert set(states(page)) == {"You may not change this space"}
    assert not Space.objects.of(world.account).archived().exists()


def test_everything_that_matches(world: World) -> None:
    shelf(world)
    page = run(world.client(world.admin), "label", {"all": "1", "query": "q=desk"}, key="team", value="returns")
    assert states(page) == ["Labels changed"] * 4
    assert Space.objects.of(world.account).with_label("team", "returns").count() == 4
    assert world.space.labels == {"team": "support"}
    run(world.client(world.admin), "unlabel", {"all": "1", "query": "q=desk"}, key="team")
    assert not Space.objects.of(world.account).with_label("team", "returns").exists()


def test_a_label_too_many_is_refused_row_by_row(world: World) -> None:
    full = make_space(world.account, world.alice, labels={f"k{number}": "" for number in range(20)})
    page = run(world.client(world.alice), "label", ids([full, world.space]), key="one", value="more")
    assert states(page) == ["Would have more than 20 labels", "Labels changed"]


def test_transfer(world: World) -> None:
    spaces = shelf(world)
    page = run(world.client(world.admin), "transfer", ids(spaces), owner="bob")
    assert sorted(set(states(page))) == ["Now owned by bob", "Was owned by bob already"]
    assert Space.objects.of(world.account).filter(owner=world.bob).count() == 4
    entry = AuditEntry.objects.about(spaces[0].pk).get(operation="space.update")
    assert entry.changes == {"owner": [str(world.alice.pk), str(world.bob.pk)]}


def test_when_another_number_matches_now_nothing_runs(world: World) -> None:
    shelf(world)
    client = world.client(world.admin)
    response = client.post("/spaces/bulk/delete/run/", {"all": "1", "query": "q=desk", "expected": "3"})
    assert response.status_code == 409
    assert "Nothing was changed" in response.content.decode()
    assert Space.objects.of(world.account).matching("desk").count() == 4


def test_options_that_are_wrong_are_said_and_nothing_runs(world: World) -> None:
    client = world.client(world.admin)
    data = {**ids([world.space]), "expected": "1"}
    for name, options in (
        ("label", {"key": ""}),
        ("label", {"key": "x" * 256}),
        ("label", {"key": "a\x00"}),
        ("transfer", {"owner": "mallory"}),
        ("transfer", {}),
    ):
        assert client.post(f"/spaces/bulk/{name}/run/", {**data, **options}).status_code == 422, name
    assert AuditEntry.objects.about(world.space.pk).count() == 1


def test_nonsense(world: World) -> None:
    client = world.client(world.admin)
    assert client.post("/spaces/bulk/explode/", ids([world.space])).status_code == 404
    assert client.get("/spaces/bulk/delete/").status_code == 405
    assert client.post("/spaces/bulk/delete/", {"ids": ["no", "\x00", ""]}).status_code == 200
    assert client.post("/spaces/bulk/delete/run/", {"ids": ["no"], "expected": "1"}).status_code == 409
    assert client.post("/spaces/bulk/export/", {**ids([world.space]), "format": "exe"}).status_code == 404


def test_exporting_goes_to_the_exports_own_address(world: World) -> None:
    client = world.client(world.ann)
    ticked = client.post("/spaces/bulk/export/", {**ids([world.space]), "format": "csv"})
    assert ticked["Location"] == f"/spaces/export.csv?id={world.space.pk}"
    matching = client.post(
        "/spaces/bulk/export/", {"all": "1", "query": "q=war&label=team%3Dsupport", "format": "xlsx"}
    )
    assert matching["Location"] == "/spaces/export.xlsx?q=war&label=team%3Dsupport"


def test_a_result_can_be_reloaded_and_runs_nothing_again(world: World) -> None:
    client = world.client(world.alice)
    page = run(client, "archive", ids([world.space]))
    assert client.get("/spaces/bulk/result/").content.decode().count("Archived") == page.count("Archived")
    assert AuditEntry.objects.about(world.space.pk).filter(operation="space.update").count() == 1
    assert client.get("/contacts/bulk/result/")["Location"] == "/contacts/"
    assert world.client(world.bob).get("/spaces/bulk/result/")["Location"] == "/spaces/"


def test_many_deletions_are_typed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNTYPED_DELETIONS", 2)
    spaces, client = shelf(world)[:3], world.client(world.alice)
    assert "Type 3 to confirm" in client.post("/spaces/bulk/delete/", ids(spaces)).content.decode()
    for typed in ("", "2", "three"):
        wrong = client.post("/spaces/bulk/delete/run/", {**ids(spaces), "expected": "3", "typed": typed})
        assert wrong.status_code == 422
    assert Space.objects.of(world.account).matching("desk").count() == 4
    assert states(run(client, "delete", ids(spaces), typed="3")) == ["Deleted"] * 3


def test_more_spaces_than_the_question_names_are_counted(world: World) -> None:
    for number in range(7):
        make_space(world.account, world.alice, name=f"Shelf {number}")
    question = world.client(world.alice).post("/spaces/bulk/delete/", {"all": "1", "query": "q=shelf"})
    assert question.status_code == 200
    assert "and 2 more" in question.content.decode()
