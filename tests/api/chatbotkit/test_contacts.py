"""contact/create, ensure, fetch, update, delete and contact/{id}/space/list."""

from __future__ import annotations

from typing import Any

import pytest

from spaces.models import AuditEntry, Contact, Space
from tests.api.world import Caller, World, said
from tests.factories import make_contact, make_space

PRINT = "fp-0123456789abcdef"


def create(caller: Caller, operation: str = "create", **body: Any) -> str:
    answer = caller.post(f"contact/{operation}", body)
    assert answer.status_code == 200, answer.content
    assert set(answer.json()) == {"id"}
    return str(answer.json()["id"])


def test_a_contact_is_created_and_fetched(alice: Caller) -> None:
    contact_id = create(
        alice,
        name="Jane",
        email="jane@example.com",
        phone="(202) 010-0199",
        nick="j",
        fingerprint=PRINT,
        preferences="lang=en",
        verifiedAt=1735725600000,
        meta={"tier": "gold"},
    )
    record = alice.record(f"contact/{contact_id}/fetch")
    assert record.pop("createdAt") == record.pop("updatedAt")
    assert record == {
        "id": contact_id,
        "name": "Jane",
        "description": "",
        "alias": None,
        "email": "jane@example.com",
        "phone": "+12020100199",
        "nick": "j",
        "fingerprint": PRINT,
        "preferences": "lang=en",
        "verifiedAt": "2025-01-01T10:00:00.000Z",
        "meta": {"tier": "gold"},
    }


def test_a_fingerprint_is_made_when_none_is_given(alice: Caller) -> None:
    prints = {alice.record(f"contact/{create(alice, **body)}/fetch")["fingerprint"] for body in ({}, {"name": "x"})}
    assert len(prints) == 2
    assert all(len(each) >= 16 for each in prints)


def test_creating_with_a_known_fingerprint_gives_the_existing_contact_unchanged(alice: Caller) -> None:
    first = create(alice, fingerprint=PRINT, name="Jane", alias="jane")
    entries = AuditEntry.objects.count()
    assert create(alice, fingerprint=PRINT, name="Other", alias="jane") == first
    assert Contact.objects.get().name == "Jane"
    assert AuditEntry.objects.count() == entries


def test_a_fingerprint_of_a_contact_one_may_not_see_is_a_conflict(alice: Caller, bob: Caller) -> None:
    create(alice, fingerprint=PRINT)
    for operation in ("create", "ensure"):
        assert said(bob.post(f"contact/{operation}", {"fingerprint": PRINT})) == (409, "CONFLICT")


def test_the_same_fingerprint_in_another_account_is_another_contact(alice: Caller, mallory: Caller) -> None:
    assert create(alice, fingerprint=PRINT) != create(mallory, fingerprint=PRINT)


def test_ensure_verifies_what_a_fingerprint_names(alice: Caller) -> None:
    first = create(alice, "ensure", fingerprint=PRINT, name="Jane")
    assert alice.record(f"contact/{first}/fetch")["verifiedAt"]
    assert create(alice, "ensure", fingerprint=PRINT, name="Other") == first
    assert alice.record(f"contact/{first}/fetch")["name"] == "Jane"


def test_ensure_without_a_fingerprint_goes_by_who_it_is(alice: Caller) -> None:
    first = create(alice, "ensure", name="Jane", email="jane@example.com", phone="+1 202 010 0199")
    assert create(alice, "ensure", phone="+12020100199", email="jane@example.com", name="Jane") == first
    assert create(alice, "ensure", name="Jane") != first
    assert alice.record(f"contact/{first}/fetch")["verifiedAt"] is None
    assert said(alice.post("contact/ensure", {})) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (1735725600000, "2025-01-01T10:00:00.000Z"),
        ("2025-01-01T10:00:00Z", "2025-01-01T10:00:00.000Z"),
        ("2025-01-01T12:00:00.5+02:00", "2025-01-01T10:00:00.500Z"),
        ("2025-01-01T10:00:00", "2025-01-01T10:00:00.000Z"),
        (None, None),
    ],
)
def test_verified_at_is_milliseconds_or_iso(alice: Caller, given: Any, kept: Any) -> None:
    contact_id = create(alice, "ensure", fingerprint=PRINT)
    assert alice.post(f"contact/{contact_id}/update", {"verifiedAt": given}).status_code == 200
    assert alice.record(f"contact/{contact_id}/fetch")["verifiedAt"] == kept


@pytest.mark.parametrize(
    "given", [True, "yesterday", 1e300, -1e18, [], {}, "2025-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00"]
)
def test_other_times_are_refused(alice: Caller, given: Any) -> None:
    answer = alice.post("contact/create", {"verifiedAt": given})
    assert said(answer) == (400, "BAD_REQUEST")
    assert "verifiedAt" in answer.json()["message"]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("fingerprint", "short", "Fingerprint is too short"),
        ("email", "nobody", "email"),
        ("phone", "12", "phone: Not a telephone number."),
        ("alias", "Upper", "alias"),
        ("name", "two\nlines", "name: Control characters are not allowed."),
        ("name", "n" * 256, "name"),
    ],
)
def test_values_that_cannot_be_are_refused(alice: Caller, field: str, value: str, sentence: str) -> None:
    answer = alice.post("contact/create", {field: value})
    assert said(answer) == (400, "BAD_REQUEST")
    assert sentence in answer.json()["message"]
    assert not Contact.objects.exists()


def test_update_merges_meta_and_changes_only_what_is_given(alice: Caller) -> None:
    contact_id = create(alice, name="Jane", email="jane@example.com", meta={"a": 1, "b": 2})
    alice.post(f"contact/{contact_id}/update", {"nick": "jj", "meta": {"a": None, "c": True}})
    record = alice.record(f"contact/{contact_id}/fetch")
    assert (record["name"], record["email"], record["nick"], record["meta"]) == (
        "Jane", "jane@example.com", "jj", {"b": 2, "c": True},
    )  # fmt: skip


def test_an_update_to_a_taken_fingerprint_is_a_conflict(alice: Caller) -> None:
    create(alice, fingerprint=PRINT)
    other = create(alice)
    assert said(alice.post(f"contact/{other}/update", {"fingerprint": PRINT})) == (409, "CONFLICT")
    assert said(alice.post(f"contact/{other}/update", {"fingerprint": None})) == (400, "BAD_REQUEST")


def test_deleting_a_contact_unlinks_its_spaces(alice: Caller, world: World) -> None:
    contact = make_contact(world.account, world.alice)
    space = world.space(contact=contact)
    assert alice.post(f"contact/{contact.wire_id}/delete").json() == {"id": contact.wire_id}
    assert said(alice.get(f"contact/{contact.wire_id}/fetch")) == (404, "NOT_FOUND")
    assert Space.objects.get(pk=space.pk).contact is None


def test_the_spaces_of_a_contact(alice: Caller, world: World, mallory: Caller) -> None:
    contact = make_contact(world.account, world.alice, alias="jane")
    first, second = world.space(contact=contact), world.space(contact=contact, is_archived=True)
    world.space()
    make_contact(world.other, world.mallory, alias="jane")
    for name in (contact.wire_id, "@jane"):
        page = alice.get(f"contact/{name}/space/list").json()
        assert [item["id"] for item in page["items"]] == [second.wire_id, first.wire_id]
        assert page["cursor"] == ""
        assert page["items"][0]["contactId"] == contact.wire_id
    assert mallory.get("contact/@jane/space/list").json() == {"items": [], "cursor": ""}
    assert said(mallory.get(f"contact/{contact.wire_id}/space/list")) == (404, "NOT_FOUND")


def test_a_member_sees_contacts_of_spaces_he_may_read_and_not_others(world: World, bob: Caller) -> None:
    contact = make_contact(world.account, world.alice)
    assert said(bob.get(f"contact/{contact.wire_id}/fetch")) == (404, "NOT_FOUND")
    assert bob.get("contact/list").json()["items"] == []
    make_space(world.account, world.bob, contact=contact)
    assert bob.record(f"contact/{contact.wire_id}/fetch")


def test_a_key_limited_to_spaces_reads_their_contacts_and_changes_none(world: World) -> None:
    contact, other = (make_contact(world.account, world.alice) for _ in range(2))
    limited = world.caller(world.alice, spaces=[world.space(contact=contact)])
    assert [item["id"] for item in limited.get("contact/list").json()["items"]] == [contact.wire_id]
    assert limited.record(f"contact/{contact.wire_id}/fetch")
    assert said(limited.get(f"contact/{other.wire_id}/fetch")) == (404, "NOT_FOUND")
    for operation in (f"{contact.wire_id}/update", f"{contact.wire_id}/delete", "create", "ensure"):
        assert said(limited.post(f"contact/{operation}", {"name": "x"})) == (403, "NOT_AUTHORIZED")
