"""space/list and contact/list: order, take, cursors, filters, forms."""

from __future__ import annotations

import base64
import json
import random
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest

from spaces_project.kit import limits
from spaces_project.kit.ids import to_base36
from tests.api.world import Caller, World, said
from tests.factories import make_contact, make_space

NOBODY = to_base36(UUID(int=7 << 64))


def ids(caller: Caller, query: Any = "", operation: str = "space/list") -> list[str]:
    path = f"{operation}?{query}" if isinstance(query, str) else operation
    answer = caller.get(path, None if isinstance(query, str) else query)
    assert answer.status_code == 200, answer.content
    return [item["id"] for item in answer.json()["items"]]


@pytest.fixture
def five(world: World) -> list[str]:
    """Five spaces of alice, the oldest first."""
    return [world.space(name=f"S{number}").wire_id for number in range(5)]


def test_the_newest_comes_first_unless_asked(alice: Caller, five: list[str]) -> None:
    assert ids(alice) == five[::-1]
    assert ids(alice, {"order": "asc"}) == five
    assert ids(alice, {"order": "sideways"}) == five[::-1]


def test_cursors_walk_every_row_once(alice: Caller, five: list[str]) -> None:
    for order, rows in (("asc", five), ("desc", five[::-1])):
        seen, cursor = [], ""
        for _ in range(3):
            page = alice.get("space/list", {"order": order, "take": 2, "cursor": cursor}).json()
            seen += [item["id"] for item in page["items"]]
            cursor = page["cursor"]
        assert (seen, cursor) == (rows, "")


def test_plain_ids_and_the_documented_form_are_cursors_too(alice: Caller, five: list[str]) -> None:
    documented = base64.b64encode(json.dumps({"id": five[2]}).encode()).decode()
    for cursor in (five[2], documented, documented.rstrip("=")):
        assert ids(alice, {"cursor": cursor}) == five[1::-1]


def test_cursors_we_did_not_issue_are_refused(alice: Caller, mallory: Caller, world: World, five: list[str]) -> None:
    theirs = make_space(world.other, world.mallory)
    make_space(world.other, world.mallory)
    issued = mallory.get("space/list?take=1").json()["cursor"]
    unknown = alice.get("space/list", {"cursor": f"space_{NOBODY}"})
    assert said(unknown) == (400, "BAD_REQUEST")
    default = world.account.default_space.wire_id
    documented = base64.b64encode(json.dumps({"id": theirs.wire_id}).encode()).decode()
    for cursor in (
        theirs.wire_id,
        issued,
        documented,
        default,
        "x",
        "\x00",
        "ü",
        "e30=",
        "W10=",
        "bnVsbA",
        five[0] + "a",
    ):
        assert alice.get("space/list", {"cursor": cursor}).content == unknown.content


@pytest.mark.thorough
def test_no_changed_cursor_is_taken(alice: Caller, five: list[str]) -> None:
    cursor = alice.get("space/list?take=2").json()["cursor"]
    chance = random.Random(1)
    for _ in range(150):
        place = chance.randrange(len(cursor))
        other = cursor[:place] + chance.choice("Aa0_-é.") + cursor[place + chance.randrange(2) :]
        if other != cursor:
            assert alice.get("space/list", {"cursor": other}).status_code == 400, other


def test_a_cursor_outlives_its_row(alice: Caller, five: list[str]) -> None:
    cursor = alice.get("space/list?take=2").json()["cursor"]
    alice.post(f"space/{five[3]}/delete")
    assert ids(alice, {"cursor": cursor}) == five[2::-1]


@pytest.mark.parametrize(
    ("take", "rows"),
    [("2", 2), ("0", 1), ("-1", 1), ("1e9", 5), ("x", 5), ("", 5), ("2.9", 2), ("nan", 5), ("9" * 50, 5)],
)
def test_take_is_clamped_and_nonsense_is_the_default(alice: Caller, five: list[str], take: str, rows: int) -> None:
    assert len(ids(alice, {"take": take})) == rows


@pytest.mark.thorough
def test_a_page_has_at_most_a_hundred(alice: Caller, world: World) -> None:
    for _ in range(limits.PAGE_TAKE + 1):
        world.space()
    assert len(ids(alice)) == len(ids(alice, "take=1000000000")) == limits.PAGE_TAKE
    lines = alice.get("space/list", accept="application/jsonl")
    assert len(lines.getvalue().splitlines()) == limits.PAGE_TAKE + 1


def test_only_what_one_may_read_is_listed(alice: Caller, bob: Caller, admin: Caller, world: World) -> None:
    mine = world.space()
    make_space(world.other, world.mallory)
    assert ids(alice) == ids(admin) == [mine.wire_id]
    assert ids(bob) == []


def test_a_stream_has_an_item_per_line_in_ascii(alice: Caller, world: World) -> None:
    world.space(name="日本 😀 “x”\u2028")
    answer = alice.get("space/list", accept="application/jsonl")
    assert answer["Content-Type"] == "application/jsonl"
    assert answer.streaming
    text = answer.getvalue().decode("ascii")
    assert text.endswith("}\n")
    (line,) = text.splitlines()
    event = json.loads(line)
    assert event["type"] == "item"
    assert event["data"] == alice.get("space/list").json()["items"][0]
    assert alice.get("space/list?take=-3", accept="application/jsonl").getvalue().count(b"\n") == 1


def test_an_empty_stream_is_empty(alice: Caller) -> None:
    assert alice.get("space/list", accept="application/jsonl").getvalue() == b""


@pytest.mark.parametrize("accept", ["text/csv", "text/event-stream", "text/html", "image/png", "x"])
def test_lists_know_json_and_jsonl_only(alice: Caller, accept: str) -> None:
    assert said(alice.get("space/list", accept=accept)) == (400, "BAD_REQUEST")
    assert said(alice.get("contact/list", accept=accept)) == (400, "BAD_REQUEST")


def test_the_first_type_of_accept_decides(alice: Caller) -> None:
    for accept in ("*/*", "", "application/json; q=0.5, text/html", "APPLICATION/JSON"):
        assert alice.get("space/list", accept=accept)["Content-Type"] == "application/json"
    assert alice.get("space/list", accept="application/jsonl;q=1, */*")["Content-Type"] == "application/jsonl"


def test_other_operations_ignore_accept(alice: Caller, world: World) -> None:
    space = world.space()
    assert alice.get(f"space/{space.wire_id}/fetch", accept="text/csv").json()["id"] == space.wire_id
    assert alice.post("space/create", {}, accept="image/png").status_code == 200


# ------------------------------------------------------------------ filters


META_QUERIES = [
    ("meta.department=support", "AB"),
    ("meta[department]=support", "AB"),
    (quote("meta[department]") + "=support", "AB"),
    ("meta.department=support&meta.tier=1", "A"),
    ("meta.flag=true", "AC"),
    ("meta.flag=false", "B"),
    ("meta.tier=1", "AC"),
    ("meta.tier=1.0", "A"),
    ("meta.tier=01", ""),
    ("meta.a.b=x+y", "C"),
    ("meta[a][b]=x+y", "C"),
    ("meta[a.b]=x+y", "C"),
    ("meta.dotted.key=1", "B"),
    ("meta[dotted.key]=1", "B"),
    ("meta.department=", ""),
    ("meta.nothing=null", ""),
    ("meta.=x", "ABC"),
    ("meta=x", "ABC"),
    ("metadata=x", "ABC"),
    ("meta[]=x", "ABC"),
    ("unknown=x", "ABC"),
    ("meta.tier=1e999999", ""),
    ("meta.tier=" + "9" * 5000, ""),
    ("meta.department=support&meta.department=sales", ""),
]


def test_meta_filters(alice: Caller, world: World) -> None:
    world.space(name="A", meta={"department": "support", "tier": 1, "flag": True})
    world.space(name="B", meta={"department": "support", "tier": 2, "flag": False, "dotted.key": 1})
    world.space(name="C", meta={"a": {"b": "x y"}, "tier": "1", "flag": "true"})
    for query, names in META_QUERIES:
        answer = alice.get(f"space/list?{query}")
        assert sorted(item["name"] for item in answer.json()["items"]) == list(names), query


def test_too_many_meta_filters_are_refused(alice: Caller) -> None:
    many = "&".join(f"meta.k{number}=1" for number in range(limits.META_FILTERS + 1))
    assert said(alice.get(f"space/list?{many}")) == (400, "BAD_REQUEST")
    assert alice.get(f"space/list?{many.rpartition('&')[0]}").status_code == 200


def test_contact_and_blueprint_filters_take_comma_lists(alice: Caller, world: World) -> None:
    jane, joe = (make_contact(world.account, world.alice, alias=alias) for alias in ("jane", "joe"))
    first, second = world.space(contact=jane, blueprint_id="bp1"), world.space(contact=joe, blueprint_id="bp2")
    third = world.space()
    assert ids(alice, {"contactId": jane.wire_id}) == [first.wire_id]
    assert ids(alice, {"contactId": f"{jane.wire_id}, {joe.wire_id}"}) == [second.wire_id, first.wire_id]
    assert ids(alice, {"contactId": f"@joe,{jane.wire_id}"}) == [second.wire_id, first.wire_id]
    assert ids(alice, {"blueprintId": "bp1,bp2"}) == [second.wire_id, first.wire_id]
    assert ids(alice, {"blueprintId": "bp1", "contactId": joe.wire_id}) == []
    assert ids(alice, {"contactId": ""}) == [third.wire_id, second.wire_id, first.wire_id]


def test_a_contact_of_another_account_filters_like_an_unknown_one(alice: Caller, world: World) -> None:
    world.space()
    theirs = make_contact(world.other, world.mallory, alias="theirs")
    unknown = alice.get("space/list", {"contactId": f"contact_{NOBODY}"})
    assert unknown.json() == {"items": [], "cursor": ""}
    for text in (theirs.wire_id, "@theirs", "x", "@", world.space().wire_id):
        assert alice.get("space/list", {"contactId": text}).content == unknown.content


def test_contacts_are_listed_with_the_same_means(alice: Caller, world: World) -> None:
    jane = make_contact(world.account, world.alice, meta={"tier": "gold"})
    joe = make_contact(world.account, world.alice)
    assert ids(alice, operation="contact/list") == [joe.wire_id, jane.wire_id]
    assert ids(alice, {"meta.tier": "gold"}, "contact/list") == [jane.wire_id]
    assert ids(alice, {"cursor": joe.wire_id}, "contact/list") == [jane.wire_id]
    record = alice.get("contact/list", {"take": 1}).json()["items"][0]
    assert record == alice.record(f"contact/{joe.wire_id}/fetch")
    assert said(alice.get("contact/list", {"cursor": world.space().wire_id})) == (400, "BAD_REQUEST")
