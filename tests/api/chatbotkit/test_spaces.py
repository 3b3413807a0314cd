"""space/create, fetch, update, delete."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from spaces.models import AuditEntry, Contact, Space
from spaces.models.api_keys import Scope
from spaces.models.users import Role
from spaces_project.kit.ids import to_base36
from tests.api.world import Caller, World, said
from tests.factories import make_contact, make_user

NOBODY = to_base36(UUID(int=7 << 64))
UNKNOWN = f"space_{NOBODY}"


def create(caller: Caller, **body: Any) -> str:
    answer = caller.post("space/create", body)
    assert answer.status_code == 200, answer.content
    assert set(answer.json()) == {"id"}
    return str(answer.json()["id"])


def test_a_space_is_created_and_fetched(alice: Caller, world: World) -> None:
    contact = make_contact(world.account, world.alice)
    space_id = create(
        alice, name="Support · ACME", description="d", contactId=contact.wire_id, meta={"tier": "gold"}, alias="acme"
    )
    record = alice.record(f"space/{space_id}/fetch")
    assert re.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", record.pop("createdAt"))
    assert re.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", record.pop("updatedAt"))
    assert record == {
        "id": space_id,
        "name": "Support · ACME",
        "description": "d",
        "contactId": contact.wire_id,
        "blueprintId": None,
        "meta": {"tier": "gold"},
        "alias": "acme",
    }
    assert Space.objects.get(alias="acme").owner == world.alice


def test_an_empty_body_makes_a_space(alice: Caller) -> None:
    record = alice.record(f"space/{create(alice)}/fetch")
    assert (record["name"], record["contactId"], record["meta"]) == ("", None, {})


def test_unknown_members_are_ignored(alice: Caller) -> None:
    assert create(alice, name="x", accountId="1", owner="mallory", public_read=True)
    assert Space.objects.get(name="x").public_read is False


def test_create_drops_nulls_in_meta(alice: Caller) -> None:
    space_id = create(alice, meta={"a": None, "b": {"c": None}})
    assert alice.record(f"space/{space_id}/fetch")["meta"] == {"b": {"c": None}}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"tier": "premium", "priority": None}, {"department": "support", "tier": "premium"}),
        ({"$update": {"tier": "premium"}}, {"department": "support", "priority": "high", "tier": "premium"}),
        ({}, {"department": "support", "priority": "high"}),
        (None, {}),
    ],
)
def test_update_merges_meta(alice: Caller, sent: Any, kept: Any) -> None:
    space_id = create(alice, meta={"department": "support", "priority": "high"})
    assert alice.post(f"space/{space_id}/update", {"meta": sent}).json() == {"id": space_id}
    assert alice.record(f"space/{space_id}/fetch")["meta"] == kept


def test_update_changes_what_is_given_and_nothing_else(alice: Caller) -> None:
    space_id = create(alice, name="Before", description="stays", blueprintId="bp_1")
    alice.post(f"space/{space_id}/update", {"name": "After"})
    record = alice.record(f"space/{space_id}/fetch")
    assert (record["name"], record["description"], record["blueprintId"]) == ("After", "stays", "bp_1")
    alice.post(f"space/{space_id}/update", {"description": None, "blueprintId": None})
    record = alice.record(f"space/{space_id}/fetch")
    assert (record["name"], record["description"], record["blueprintId"]) == ("After", "", None)


def test_an_update_that_changes_nothing_is_not_audited(alice: Caller) -> None:
    space_id = create(alice, name="Same")
    before = AuditEntry.objects.count(), alice.record(f"space/{space_id}/fetch")
    assert alice.post(f"space/{space_id}/update", {"name": "Same"}).status_code == 200
    assert (AuditEntry.objects.count(), alice.record(f"space/{space_id}/fetch")) == before


def test_null_unlinks_the_contact(alice: Caller, world: World) -> None:
    contact = make_contact(world.account, world.alice)
    space_id = create(alice, contactId=contact.wire_id)
    alice.post(f"space/{space_id}/update", {"contactId": None})
    assert alice.record(f"space/{space_id}/fetch")["contactId"] is None
    assert Contact.objects.filter(pk=contact.pk).exists()


def test_a_contact_given_as_an_object_is_ensured(alice: Caller) -> None:
    contact = {"fingerprint": "visitor-0123456789", "name": "Jane"}
    first = create(alice, contactId=contact)
    second = create(alice, contactId={**contact, "name": "Other"})
    ids = {alice.record(f"space/{each}/fetch")["contactId"] for each in (first, second)}
    assert len(ids) == 1
    assert Contact.objects.get(fingerprint="visitor-0123456789").name == "Jane"


def test_a_contact_made_for_a_space_that_fails_is_not_kept(alice: Caller) -> None:
    create(alice, alias="taken")
    answer = alice.post("space/create", {"alias": "taken", "contactId": {"fingerprint": "visitor-0123456789"}})
    assert said(answer) == (409, "CONFLICT")
    assert not Contact.objects.exists()


@pytest.mark.parametrize("reference", ["contact_abc123", f"contact_{NOBODY}", UNKNOWN, "@nobody", "@", "x"])
def test_an_unknown_contact_is_not_found(alice: Caller, reference: str) -> None:
    answer = alice.post("space/create", {"contactId": reference})
    assert said(answer) == (404, "NOT_FOUND")
    assert answer.json()["message"] == "Contact not found"
    assert not Space.objects.listed().exists()


def test_a_contact_of_another_account_is_not_found(alice: Caller, world: World) -> None:
    theirs = make_contact(world.other)
    answer = alice.post("space/create", {"contactId": theirs.wire_id})
    assert answer.content == alice.post("space/create", {"contactId": f"contact_{NOBODY}"}).content


def test_aliases_name_spaces_and_contacts(alice: Caller, world: World) -> None:
    contact = make_contact(world.account, world.alice, alias="jane")
    space_id = create(alice, alias="my-space", contactId="@jane")
    assert alice.record("space/@my-space/fetch")["contactId"] == contact.wire_id
    assert alice.post("space/@my-space/update", {"name": "n"}).json() == {"id": space_id}
    assert said(alice.get("space/@other/fetch")) == (404, "NOT_FOUND")
    assert alice.post("space/@my-space/update", {"alias": ""}).status_code == 200
    assert said(alice.get("space/@my-space/fetch")) == (404, "NOT_FOUND")
    assert alice.record(f"space/{space_id}/fetch")["alias"] is None


def test_a_taken_alias_is_a_conflict(alice: Caller) -> None:
    create(alice, alias="taken")
    other = create(alice, name="Other")
    assert said(alice.post("space/create", {"alias": "taken"})) == (409, "CONFLICT")
    assert said(alice.post(f"space/{other}/update", {"alias": "taken", "name": "no"})) == (409, "CONFLICT")
    assert alice.record(f"space/{other}/fetch")["name"] == "Other"


def test_delete_removes_the_space_and_keeps_its_contact(alice: Caller, world: World) -> None:
    contact = make_contact(world.account, world.alice)
    space_id, kept = create(alice, contactId=contact.wire_id), create(alice)
    assert alice.post(f"space/{space_id}/delete").json() == {"id": space_id}
    assert said(alice.get(f"space/{space_id}/fetch")) == (404, "NOT_FOUND")
    assert alice.record(f"space/{kept}/fetch")["id"] == kept
    assert Contact.objects.filter(pk=contact.pk).exists()


def test_the_default_space_answers_but_has_no_name_and_no_end(admin: Caller, world: World) -> None:
    unfiled = world.account.default_space.wire_id
    assert admin.record(f"space/{unfiled}/fetch")["id"] == unfiled
    assert said(admin.post(f"space/{unfiled}/update", {"name": "Mine"})) == (409, "CONFLICT")
    assert said(admin.post(f"space/{unfiled}/delete")) == (409, "CONFLICT")
    assert world.account.default_space.name == "Unfiled"


def test_an_archived_space_may_still_be_read_and_changed(alice: Caller, world: World) -> None:
    space = world.space(is_archived=True)
    assert alice.post(f"space/{space.wire_id}/update", {"name": "n"}).status_code == 200
    assert [item["id"] for item in alice.get("space/list").json()["items"]] == [space.wire_id]


# ------------------------------------------------------------------ who may


@pytest.mark.parametrize("operation", ["fetch", "update", "delete"])
def test_a_stranger_and_a_member_without_access_see_what_is_not_there(
    world: World, bob: Caller, mallory: Caller, operation: str
) -> None:
    space = world.space(alias="secret")
    for caller in (bob, mallory):
        call = caller.get if operation == "fetch" else caller.post
        unknown = call(f"space/{UNKNOWN}/{operation}")
        for name in (space.wire_id, "@secret", "contact_" + space.wire_id[6:], str(space.pk), space.wire_id.upper()):
            answer = call(f"space/{name}/{operation}")
            assert (answer.status_code, answer.content) == (404, unknown.content)
    space.refresh_from_db()
    assert space.name


def test_an_analyst_reads_and_changes_nothing(world: World) -> None:
    analyst = world.caller(make_user(world.account, "ana", Role.ANALYST))
    space = world.space()
    assert analyst.record(f"space/{space.wire_id}/fetch")
    assert said(analyst.post(f"space/{space.wire_id}/update", {"name": "x"})) == (403, "NOT_AUTHORIZED")
    assert said(analyst.post(f"space/{space.wire_id}/delete")) == (403, "NOT_AUTHORIZED")
    assert said(analyst.post("space/create")) == (403, "NOT_AUTHORIZED")


def test_a_reading_key_changes_nothing(world: World) -> None:
    reader, space = world.caller(world.alice, [Scope.READ]), world.space()
    assert reader.record(f"space/{space.wire_id}/fetch")
    assert said(reader.post("space/create")) == (403, "NOT_AUTHORIZED")
    assert said(reader.post(f"space/{space.wire_id}/update", {"name": "x"})) == (403, "NOT_AUTHORIZED")


def test_a_key_limited_to_spaces_sees_these_only_and_creates_none(world: World) -> None:
    mine, other = world.space(), world.space()
    limited = world.caller(world.alice, spaces=[mine])
    assert [item["id"] for item in limited.get("space/list").json()["items"]] == [mine.wire_id]
    assert said(limited.get(f"space/{other.wire_id}/fetch")) == (404, "NOT_FOUND")
    assert said(limited.get(f"space/{world.account.default_space.wire_id}/fetch")) == (404, "NOT_FOUND")
    assert said(limited.post("space/create")) == (403, "NOT_AUTHORIZED")
    assert limited.post(f"space/{mine.wire_id}/update", {"name": "mine"}).status_code == 200
