"""Files that come back in: the same columns, checked like every other change, one audit entry per changed object."""

from __future__ import annotations

from typing import Any

import pytest
from tablib import Dataset

from spaces.actors import Actor
from spaces.models import AuditEntry, Contact, Space
from spaces.resources import ContactResource, SpaceResource
from spaces_project.kit import limits
from tests.factories import make_account, make_contact, make_space, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Any:
    account = make_account("acme")
    make_user(account, "alice")
    return account


@pytest.fixture
def other() -> Any:
    account = make_account("other")
    make_user(account, "mallory")
    return account


def run(resource: Any, account: Any, rows: list[dict[str, Any]], dry_run: bool = False) -> Any:
    headers = list(dict.fromkeys(name for row in rows for name in row))
    data = Dataset(*[[row.get(name, "") for name in headers] for row in rows], headers=headers)
    return resource(account=account, by=Actor.system(account)).import_data(data, dry_run=dry_run)


def errors_of(result: Any) -> list[dict[str, list[str]]]:
    return [row.error_dict for row in result.invalid_rows]


def entries(account: Any) -> list[tuple[str, str]]:
    found = AuditEntry.objects.of(account).filter(object_type__in=["space", "contact"])
    return list(found.order_by("created_at").values_list("operation", "object_name"))


def test_an_export_comes_back_unchanged(acme: Any) -> None:
    contact = make_contact(acme, name="Jane")
    make_space(acme, name="=SUM(A1)", description="'-dash", contact=contact, labels={"a": "b"}, meta={"k": [1, "x"]})
    before = entries(acme)
    dataset = SpaceResource().export(Space.objects.of(acme).listed())
    assert dataset.dict[0]["name"] == "'=SUM(A1)"
    result = SpaceResource(acme, Actor.system(acme)).import_data(dataset)
    assert result.totals["skip"] == 1
    assert not result.has_errors()
    assert entries(acme) == before


def test_rows_without_an_id_are_new(acme: Any) -> None:
    rows = [{"name": "One", "owner": "ALICE", "meta": "tier: gold\nn: 2\n"}, {"name": "Two", "owner": "alice"}]
    result = run(SpaceResource, acme, rows)
    assert not result.has_errors()
    assert not result.has_validation_errors()
    one = acme.spaces.get(name="One")
    assert (one.owner.username, one.meta, one.labels) == ("alice", {"tier": "gold", "n": 2}, {})
    assert entries(acme)[-2:] == [("space.create", "One"), ("space.create", "Two")]


@pytest.mark.parametrize("spelling", ["wire", "uuid"])
def test_rows_with_an_id_change_that_object(acme: Any, spelling: str) -> None:
    space = make_space(acme, name="Old name", meta={"kept": 1})
    pk = space.wire_id if spelling == "wire" else str(space.pk)
    result = run(SpaceResource, acme, [{"id": pk, "name": "New name", "is_archived": "true"}])
    assert result.totals["update"] == 1
    space.refresh_from_db()
    assert (space.name, space.is_archived, space.meta) == ("New name", True, {"kept": 1})
    assert entries(acme)[-1] == ("space.update", "New name")


def test_another_accounts_rows_sound_like_missing_ones(acme: Any, other: Any) -> None:
    foreign, person = make_space(other, name="Foreign"), make_contact(other)
    unknown = "space_" + "0" * 25
    rows = [
        {"id": foreign.wire_id, "name": "Mine now", "owner": "alice"},
        {"id": unknown, "name": "Mine now", "owner": "alice"},
        {"id": "", "name": "Mine now", "owner": "mallory"},
        {"id": "", "name": "Mine now", "owner": "alice", "contact": person.wire_id},
        {"id": "", "name": "Mine now", "owner": "alice", "contact": person.fingerprint},
    ]
    result = run(SpaceResource, acme, rows)
    assert errors_of(result) == [
        {"id": ["Not found."]},
        {"id": ["Not found."]},
        {"owner": ["Not found."]},
        {"contact": ["Not found."]},
        {"contact": ["Not found."]},
    ]
    foreign.refresh_from_db()
    assert foreign.name == "Foreign"
    assert not acme.spaces.filter(name="Mine now").exists()


def test_the_default_space_is_not_imported(acme: Any) -> None:
    result = run(SpaceResource, acme, [{"id": acme.default_space.wire_id, "name": "Renamed"}])
    assert errors_of(result) == [{"id": ["Not found."]}]


def test_a_dry_run_changes_nothing_and_shows_what_would(acme: Any) -> None:
    space = make_space(acme, name="Old <b>")
    before = entries(acme)
    result = run(SpaceResource, acme, [{"id": space.wire_id, "name": "New <b>"}], dry_run=True)
    shown = dict(zip(result.diff_headers, result.rows[0].diff, strict=True))
    assert shown["name"] == "<del>Old</del><ins>New</ins><span> &lt;b&gt;</span>"
    space.refresh_from_db()
    assert space.name == "Old <b>"
    assert entries(acme) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"name": "x" * 256, "owner": "alice"}, "name"),
        ({"name": "nul\x00", "owner": "alice"}, "name"),
        ({"name": "A", "owner": "alice", "meta": "[1, 2]"}, "meta"),
        ({"name": "A", "owner": "alice", "meta": "a: &x [1]\nb: *x\n"}, "meta"),
        ({"name": "A", "owner": "alice", "meta": "[" * 60_000}, "meta"),
        ({"name": "A", "owner": "alice", "meta": "a: !!python/object:os.system {}"}, "meta"),
        ({"name": "A", "owner": "alice", "meta": "a: .nan"}, "meta"),
        ({"name": "A", "owner": "alice", "labels": '{"a": 1}'}, "labels"),
        ({"name": "A", "owner": "alice", "alias": "Not An Alias"}, "alias"),
        ({"name": "A", "owner": "alice", "public_read": "perhaps"}, "public_read"),
        ({"name": "A", "owner": ""}, "owner"),
        ({"id": "nonsense", "name": "A", "owner": "alice"}, "id"),
    ],
)
def test_a_bad_cell_is_said_on_its_field(acme: Any, row: dict[str, str], field: str) -> None:
    result = run(SpaceResource, acme, [row])
    assert [list(each) for each in errors_of(result)] == [[field]]
    assert not acme.spaces.listed().exists()


def test_one_bad_row_of_a_file_stops_the_file(acme: Any) -> None:
    rows = [{"name": "Good", "owner": "alice"}, {"name": "Bad", "owner": "nobody"}]
    data = Dataset(*[list(row.values()) for row in rows], headers=["name", "owner"])
    resource = SpaceResource(acme, Actor.system(acme))
    resource.import_data(data, rollback_on_validation_errors=True)
    assert not acme.spaces.listed().exists()


def test_contacts_come_back_with_their_telephone_numbers(acme: Any) -> None:
    rows = [{"name": "'=Jane", "phone": "+15550100199", "verified_at": "2025-01-02T03:04:05Z"}]
    assert not run(ContactResource, acme, rows).has_validation_errors()
    jane = Contact.objects.of(acme).get()
    assert (jane.name, jane.phone, jane.verified_at.isoformat()) == (
        "=Jane",
        "+15550100199",
        "2025-01-02T03:04:05+00:00",
    )
    taken = run(ContactResource, acme, [{"name": "Twin", "fingerprint": jane.fingerprint}])
    assert taken.has_validation_errors()
    assert Contact.objects.of(acme).count() == 1


def test_a_file_has_a_limit(acme: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DATASET_ROWS", 1)
    result = run(SpaceResource, acme, [{"name": "A", "owner": "alice"}, {"name": "B", "owner": "alice"}])
    assert "cut it into several" in str(result.base_errors[0].error)
    make_space(acme)
    make_space(acme)
    with pytest.raises(ValueError, match="At most 1 rows"):
        SpaceResource().export(Space.objects.of(acme))
