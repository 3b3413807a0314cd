"""space/export and contact/export in their three forms."""

from __future__ import annotations

import csv
import io
import json

import pytest
import yaml

from tests.api.world import Caller, World, said
from tests.factories import make_contact

HEADER = "id,name,description,blueprintId,contactId,createdAt,updatedAt,meta"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_has_the_vendors_columns_and_yaml(alice: Caller, world: World) -> None:
    contact = make_contact(world.account, world.alice)
    space = world.space(
        name='Say "hi"\u2028', description="a\nb", contact=contact, meta={"department": "support", "priority": "high"}
    )
    answer = alice.get("space/export", accept="text/csv")
    assert answer["Content-Type"] == "text/csv"
    text = answer.getvalue().decode()
    assert text.split("\n")[0] == HEADER
    assert "\r" not in text
    assert 'Say ""hi""' in text
    (row,) = rows(text)
    assert sorted(row["meta"].splitlines(keepends=True)) == ["department: support\n", "priority: high\n"]
    assert (row["id"], row["contactId"], row["blueprintId"]) == (space.wire_id, contact.wire_id, "")
    assert row["createdAt"] == alice.record(f"space/{space.wire_id}/fetch")["createdAt"]
    assert yaml.safe_load(row["meta"]) == space.meta


def test_csv_without_rows_is_empty(alice: Caller) -> None:
    for kind in ("space", "contact"):
        assert alice.get(f"{kind}/export", accept="text/csv").getvalue() == b""


def test_formulas_are_disarmed_unless_raw(alice: Caller, world: World) -> None:
    world.space(name="=1+1", meta={"a": 1})
    assert rows(alice.get("space/export", accept="text/csv").getvalue().decode())[0]["name"] == "'=1+1"
    assert rows(alice.get("space/export?raw=1", accept="text/csv").getvalue().decode())[0]["name"] == "=1+1"
    assert json.loads(alice.get("space/export", accept="application/jsonl").getvalue())["name"] == "=1+1"


def test_jsonl_has_a_bare_record_per_line(alice: Caller, world: World) -> None:
    spaces = [world.space(name=f"Größe {number}") for number in range(3)]
    answer = alice.get("space/export", accept="application/jsonl")
    assert answer["Content-Type"] == "application/jsonl"
    records = [json.loads(line) for line in answer.getvalue().decode("ascii").splitlines()]
    assert [record["id"] for record in records] == [space.wire_id for space in reversed(spaces)]
    assert set(records[0]) == set(HEADER.split(","))


def test_json_is_everything_or_take_rows_with_a_cursor(alice: Caller, world: World) -> None:
    spaces = [world.space() for _ in range(120)]
    whole = json.loads(alice.get("space/export").getvalue())
    assert [item["id"] for item in whole["items"]] == [space.wire_id for space in reversed(spaces)]
    assert whole["cursor"] == ""
    part = json.loads(alice.get("space/export?take=110").getvalue())
    assert part["items"] == whole["items"][:110]
    rest = json.loads(alice.get("space/export", {"cursor": part["cursor"]}).getvalue())
    assert rest == {"items": whole["items"][110:], "cursor": ""}


def test_exports_take_the_filters_and_the_order_of_lists(alice: Caller, world: World) -> None:
    contact = make_contact(world.account, world.alice)
    first, second = world.space(contact=contact, meta={"a": 1}), world.space(contact=contact, meta={"a": 1})
    world.space(contact=contact), world.space(meta={"a": 1})
    query = {"contactId": contact.wire_id, "meta.a": "1", "order": "asc"}
    found = rows(alice.get("space/export", query, accept="text/csv").getvalue().decode())
    assert [row["id"] for row in found] == [first.wire_id, second.wire_id]
    after = alice.get("space/export", {**query, "cursor": first.wire_id}, accept="text/csv").getvalue().decode()
    assert [row["id"] for row in rows(after)] == [second.wire_id]


def test_only_what_one_may_read_is_exported(bob: Caller, mallory: Caller, world: World) -> None:
    world.space(), make_contact(world.account, world.alice)
    for caller in (bob, mallory):
        for kind in ("space", "contact"):
            assert json.loads(caller.get(f"{kind}/export").getvalue()) == {"items": [], "cursor": ""}


def test_contacts_export_too(alice: Caller, world: World) -> None:
    contact = make_contact(world.account, world.alice, phone="+12020100199", name="+1")
    (row,) = rows(alice.get("contact/export", accept="text/csv").getvalue().decode())
    assert ",".join(row) == (
        "id,name,description,fingerprint,email,phone,nick,preferences,verifiedAt,createdAt,updatedAt,meta"
    )
    assert (row["id"], row["phone"], row["name"], row["verifiedAt"]) == (contact.wire_id, "+12020100199", "'+1", "")
    assert json.loads(alice.get("contact/export", accept="application/jsonl").getvalue())["phone"] == "+12020100199"


@pytest.mark.parametrize("accept", ["text/event-stream", "text/html", "application/xml"])
def test_other_forms_are_refused(alice: Caller, accept: str) -> None:
    for kind in ("space", "contact"):
        assert said(alice.get(f"{kind}/export", accept=accept)) == (400, "BAD_REQUEST")


def test_a_bad_cursor_is_an_ordinary_error(alice: Caller) -> None:
    assert said(alice.get("space/export?cursor=x", accept="text/csv")) == (400, "BAD_REQUEST")
