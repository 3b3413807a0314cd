"""One space: who sees and changes what, and what a form does with what was typed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from spaces.models import AuditEntry, Space, SpaceAccess
from tests.factories import actor_of, make_contact, make_group, make_space
from tests.pages.world import World

READING = ["space_detail", "space_contacts", "space_access", "space_history", "space_api"]
CHANGING = ["space_settings", "space_delete_confirm"]
POSTING = ["space_archive", "space_unarchive", "space_delete", "space_grant"]


def url(world: World, name: str) -> str:
    return reverse(name, args=[world.space.pk])


def form_of(space: Space, **changes: Any) -> dict[str, Any]:
    """What the settings form of ``space`` sends, with some fields changed."""
    typed = {
        "name": space.name,
        "description": space.description,
        "owner": space.owner.username,
        "contact": "",
        "alias": space.alias or "",
        "labels_key": list(space.labels),
        "labels_value": list(space.labels.values()),
        "meta": json.dumps(space.meta),
        "stamp": space.updated_at.isoformat(),
    }
    return {**typed, **changes}


def people(world: World, levels: tuple[str, ...] = ()) -> dict[str, Client]:
    for level in levels:
        SpaceAccess.grant(world.space, world.bob, level, actor_of(world.alice))
    names = {"admin": world.admin, "alice": world.alice, "ann": world.ann, "bob": world.bob, "mallory": world.mallory}
    return {name: world.client(user) for name, user in names.items()}


def test_reading_follows_the_table_of_rights(world: World) -> None:
    clients = people(world)
    for name in READING:
        found = {who: client.get(url(world, name)).status_code for who, client in clients.items()}
        assert found == {"admin": 200, "alice": 200, "ann": 200, "bob": 404, "mallory": 404}, name


@pytest.mark.thorough
def test_an_analyst_and_a_user_may_read_but_not_change(world: World) -> None:
    clients = people(world, ("USE",))
    for name in CHANGING:
        found = {who: client.get(url(world, name)).status_code for who, client in clients.items()}
        assert found == {"admin": 200, "alice": 200, "ann": 403, "bob": 403, "mallory": 404}, name


def test_changes_are_refused_and_change_nothing(world: World) -> None:
    clients = people(world, ("UPLOAD",))
    for name in POSTING:
        found = {who: clients[who].post(url(world, name)).status_code for who in ("ann", "bob", "mallory")}
        assert found == {"ann": 403, "bob": 403, "mallory": 404}, name
    space = Space.objects.get(pk=world.space.pk)
    assert not space.is_archived
    assert space.access.count() == 1


def test_what_someone_may_not_do_is_not_offered(world: World) -> None:
    page = world.client(world.ann).get(url(world, "space_detail")).content.decode()
    assert url(world, "space_settings") not in page
    access = world.client(world.ann).get(url(world, "space_access")).content.decode()
    assert "Revoke" not in access
    assert "Give access" not in access


def test_pages_need_a_sign_in_and_come_back_to_where_one_was(world: World) -> None:
    response = Client().get(url(world, "space_detail"))
    assert response.status_code == 302
    assert response["Location"] == f"/sign-in/?next={url(world, 'space_detail')}"


def test_creating_keeps_everything_and_writes_it_down(world: World) -> None:
    contact = make_contact(world.account, world.alice, email="fern@example.com")
    typed = {
        "name": " Returns desk ",
        "description": "Takes things back.",
        "owner": "ALICE",
        "contact": "fern@example.com",
        "alias": "returns",
        "labels_key": ["team", "", "region"],
        "labels_value": ["support", "", "eu"],
        "meta": '{"sla": 24, "deep": {"a": [1, 2]}}',
        "public_read": "on",
    }
    response = world.client(world.alice).post(reverse("space_create"), typed)
    space = Space.objects.get(alias="returns")
    assert response["Location"] == reverse("space_detail", args=[space.pk])
    assert (space.name, space.owner, space.contact) == ("Returns desk", world.alice, contact)
    assert space.labels == {"team": "support", "region": "eu"}
    assert space.meta == {"sla": 24, "deep": {"a": [1, 2]}}
    assert space.public_read
    assert AuditEntry.objects.about(space.pk).get().actor_name == "alice"
    assert not Space.objects.of(world.mallory.account).filter(alias="returns").exists()


BAD: list[tuple[str, Any, str]] = [
    ("meta", '{\n  "a": 1,\n  "b": \n}', "line 4, column 1"),
    ("meta", '{"a": 1, "a": 2}', "The key “a” is there twice"),
    ("meta", '{"a": NaN}', "NaN is not a JSON number"),
    ("meta", "[1]", "Must be a JSON object"),
    ("meta", "[" * 10_000, "Nested deeper"),
    ("meta", json.dumps({"a": "x" * 70_000}), "At most 65,536 bytes"),
    ("name", "", "This field is required"),
    ("name", "x" * 256, "at most 255 characters"),
    ("name", "a\x00b", "Null characters are not allowed"),
    ("alias", "No Spaces", "An alias has lower-case letters"),
    ("owner", "mallory", "There is no active user “mallory”"),
    ("contact", "nobody@example.com", "No contact has this"),
    ("labels_key", ["team", "team"], "The key “team” is there twice"),
    ("labels_key", ["k" * 256, "z"], "A label has a key of 1 to 255"),
]


@pytest.mark.thorough
def test_a_bad_field_is_said_and_what_was_typed_is_kept(world: World) -> None:
    client = world.client(world.alice)
    data = form_of(world.space, labels_value=["a", "b"], labels_key=["x", "y"], description="Typed with care")
    for field, typed, said in BAD:
        response = client.post(url(world, "space_settings"), {**data, field: typed})
        page = response.content.decode()
        assert (response.status_code, said in page, "Typed with care" in page) == (422, True, True), (field, said)
    assert Space.objects.get(pk=world.space.pk).updated_at == world.space.updated_at


def test_an_alias_that_is_taken_is_said_beside_the_field(world: World) -> None:
    make_space(world.account, world.alice, alias="taken")
    response = world.client(world.alice).post(url(world, "space_settings"), form_of(world.space, alias="taken"))
    assert response.status_code == 422
    assert "Another space has this alias." in response.content.decode()


def test_a_change_stands_in_the_history_with_before_and_after(world: World) -> None:
    client = world.client(world.alice)
    assert client.post(url(world, "space_settings"), form_of(world.space, name="Claims")).status_code == 302
    history = client.get(url(world, "space_history")).content.decode()
    assert "<del>name: Warranty claims</del><ins>name: Claims</ins>" in history
    assert "<b>alice</b> changed this space" in history


def test_a_change_in_between_shows_both_versions_and_loses_none(world: World) -> None:
    client = world.client(world.alice)
    typed = form_of(world.space, name="Mine")
    Space.objects.get(pk=world.space.pk).change(actor_of(world.admin), name="Theirs")
    response = client.post(url(world, "space_settings"), typed)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Someone else saved this space" in page
    assert "<td>Theirs</td><td>Mine</td>" in page
    assert Space.objects.get(pk=world.space.pk).name == "Theirs"
    stamp = Space.objects.get(pk=world.space.pk).updated_at.isoformat()
    assert f'name="stamp" value="{stamp}"' in page
    assert client.post(url(world, "space_settings"), {**typed, "stamp": stamp}).status_code == 302
    assert Space.objects.get(pk=world.space.pk).name == "Mine"


def test_archive_and_back(world: World) -> None:
    client = world.client(world.alice)
    client.post(url(world, "space_archive"))
    assert Space.objects.get(pk=world.space.pk).is_archived
    assert "Archived" in client.get(url(world, "space_detail")).content.decode()
    client.post(url(world, "space_unarchive"))
    assert not Space.objects.get(pk=world.space.pk).is_archived


def test_deleting_asks_first_counts_what_goes_and_then_deletes(world: World) -> None:
    SpaceAccess.grant(world.space, world.bob, "USE", actor_of(world.alice))
    client = world.client(world.alice)
    question = client.get(url(world, "space_delete_confirm")).content.decode()
    assert "<dt>Grant</dt><dd>1</dd>" in question
    assert Space.objects.filter(pk=world.space.pk).exists()
    assert client.post(url(world, "space_delete"))["Location"] == reverse("space_list")
    assert not Space.objects.filter(pk=world.space.pk).exists()
    assert AuditEntry.objects.about(world.space.pk).filter(operation="space.delete").count() == 1


def test_the_default_space_is_unfiled_and_stays(world: World) -> None:
    space = world.account.default_space
    client = world.client(world.admin)
    page = client.get(reverse("space_settings", args=[space.pk])).content.decode()
    assert "<h1>Unfiled</h1>" in page
    assert 'name="name"' not in page
    response = client.post(reverse("space_delete", args=[space.pk]))
    assert response.status_code == 409
    assert "cannot be deleted" in response.content.decode()
    assert world.account.default_space == space


def test_grant_change_and_revoke(world: World) -> None:
    group = make_group(world.account, world.bob, name="Claims desk")
    client, bob = world.client(world.alice), world.client(world.bob)
    client.post(url(world, "space_grant"), {"holder": f"group:{group.pk}", "level": "USE"})
    assert bob.get(url(world, "space_detail")).status_code == 200
    client.post(url(world, "space_grant"), {"holder": f"group:{group.pk}", "level": "MANAGE"})
    assert bob.get(url(world, "space_settings")).status_code == 200
    grant = SpaceAccess.objects.get(space=world.space)
    client.post(reverse("space_revoke", args=[world.space.pk, grant.pk]))
    assert bob.get(url(world, "space_detail")).status_code == 404
    assert client.post(reverse("space_revoke", args=[world.space.pk, grant.pk])).status_code == 302


def test_a_grant_to_nobody_or_to_another_account_is_refused(world: World) -> None:
    client = world.client(world.alice)
    for holder in ("", "user:", "user:not-a-uuid", "nonsense", f"user:{world.mallory.pk}"):
        response = client.post(url(world, "space_grant"), {"holder": holder, "level": "USE"})
        assert response.status_code == 422, holder
    assert not SpaceAccess.objects.exists()


def test_the_page_shows_the_id_in_every_dialect(world: World) -> None:
    page = world.client(world.alice).get(url(world, "space_api")).content.decode()
    digits = world.space.wire_id.removeprefix("space_")
    for wire_id in (f"space_{digits}", f"assistant_{digits}", str(world.space.pk)):
        assert f'data-copy="{wire_id}"' in page


def test_markup_in_names_and_meta_stays_text(world: World) -> None:
    evil = "<script>alert(1)</script>"
    space = make_space(
        world.account, world.alice, name=evil, description=evil, labels={evil[:60]: evil}, meta={evil: [evil]}
    )
    client = world.client(world.alice)
    for name in (*READING, *CHANGING):
        assert "<script>alert" not in client.get(reverse(name, args=[space.pk])).content.decode()
    assert "<script>alert" not in client.get(reverse("space_list")).content.decode()


def test_the_ids_shown_are_those_of_the_dialects(world: World) -> None:
    """Unique calls a space an assistant: the id copied here is what its SDK takes."""
    page = world.client(world.alice).get(f"/spaces/{world.space.pk}/").content.decode()
    assert world.space.wire_id in page
    assert world.space.wire_id.replace("space_", "assistant_") in page
    assert str(world.space.pk) in page
    assert "scope_" not in page
