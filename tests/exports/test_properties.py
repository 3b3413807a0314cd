"""What holds for every text, every order and every batch size."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from django.db.models import Q
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from spaces.models import Contact, Space
from spaces.resources import ContactResource, SpaceResource
from spaces_project.kit import ids
from spaces_project.kit.cursors import InvalidCursor, decode_cursor, encode_cursor, time_position
from spaces_project.kit.exports import export_response, guarded, unguarded
from spaces_project.kit.many_ids import spelled
from spaces_project.kit.yaml_text import read_object, yaml_from_json, yaml_text
from tests.factories import admin_of, make_account
from tests.tiers import examples

SLOW = settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
NASTY = st.sampled_from(
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''=1", "'", "'a", "=", '"', '""', 'a"b', ",", ";"),
        *("a\nb", "a\r\nb", "\r", "\n", " ", "", "null", "NULL", "yes", "No", "~", "1e3", "0x1f", "1_000", "1:30"),
        *("2024-01-01", "- a", "a: b", "a #b", "{a}", "[a]", "&a", "*a", "!a", "|", ">", "%", "@", "`", "? a", ": a"),
        *("\x7f", "\x85", "\xa0", "\u2028", "\u2029", "\ufeff", "\ufffe", "ﬀ", "😀", "e\u0301", "日本", "\\N", "\\"),
        *("_x0041_", "%s", "%(a)s", "{}", "trailing ", " leading", "two  spaces", "N", "y", "off", "-", "--", "---"),
    ]
)
TEXTS = NASTY | TEXT
SCALARS = TEXTS | st.booleans() | st.none() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, width=32)
NESTED = st.recursive(
    SCALARS.filter(lambda value: value not in (float("inf"), float("-inf"))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
META = st.dictionaries(TEXTS, NESTED, max_size=4)


# ------------------------------------------------------------------ without a database


@settings(max_examples=examples(120), deadline=None)
@given(META)
@example({"a": "no", "on": True, "n": 1})
@example({"a": {"=b": ["- c"]}, "=d": 1})
def test_yaml_reads_back_as_what_was_written(meta: dict[str, Any]) -> None:
    text = yaml_text(meta)
    assert yaml.safe_load(text) == meta
    assert yaml.safe_load(yaml_from_json(json.dumps(meta))) == meta
    assert yaml.safe_load(yaml_from_json(json.dumps(meta, ensure_ascii=False))) == meta
    assert read_object(text) == meta


def test_flat_meta_is_for_people() -> None:
    meta = {"department": "support", "priority": 3, "open": True, "note": "", "team": "a: b", "none": None}
    expected = 'department: support\npriority: 3\nopen: true\nnote: ""\nteam: "a: b"\n"none": null\n'
    assert yaml_text(meta) == expected
    assert yaml_from_json('{"department": "support", "priority": 3}') == "department: support\npriority: 3\n"
    assert yaml_text({}) == "{}\n"


@settings(max_examples=examples(300), deadline=None)
@given(TEXTS)
def test_guarding_can_be_undone(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(st.integers(0, 2**128 - 1), max_size=40))
@example([0, 1, 35, 36, 36**24 - 1, 36**24, 36**24 * 15, 2**128 - 1])
def test_many_ids_are_spelled_as_one(numbers: list[int]) -> None:
    expected = [f"<{ids.encode_number(number)}>" for number in numbers]
    assert spelled([number.to_bytes(16) for number in numbers], "<", ">") == expected


def test_every_power_of_the_base_is_spelled_right() -> None:
    numbers = [m * 36**k + d for k in range(25) for m in range(1, 36) for d in (-1, 0, 1)]
    numbers = [number for number in numbers if number < 2**128]
    texts = spelled([number.to_bytes(16) for number in numbers])
    assert [int(text, 36) for text in texts] == numbers
    assert {len(text) for text in texts} == {ids.DIGITS}


def test_a_tampered_cursor_is_refused_or_harmless() -> None:
    chance, moment, pk = random.Random(7), datetime(2025, 1, 2, 3, 4, 5, 678901, tzinfo=UTC), ids.new_id()
    whole = encode_cursor((moment, pk))
    assert time_position(whole) == (moment, pk)
    accepted = 0
    for _ in range(1000):
        text = _tampered(whole, chance)
        with contextlib.suppress(InvalidCursor):
            position = time_position(text)
            accepted += 1
            assert encode_cursor(position[:1]) == encode_cursor(decode_cursor(text)[:1])
    assert accepted < 700  # another moment or id is somebody's position too, and lets nobody see more


def _tampered(text: str, chance: random.Random) -> str:
    kind, at = chance.randrange(5), chance.randrange(len(text))
    letter = chance.choice("ABCxyz019-_=+/ é\x00")
    cut = {0: text[:at], 1: text[at:], 2: text[:at] + letter + text[at:], 3: text[:at] + letter + text[at + 1 :]}
    return cut.get(kind, text[::-1])


@pytest.mark.parametrize(
    "text", ["", "e30", "bnVsbA", "W10", "WyJhIl0", "WzFd", "A" * 5000, "W1tbW1tbW1tb", "Ww", "\x00", "ÿ", "W05hTl0"]
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidCursor):
        time_position(text)


# --------------------------------------------------------------------- with a database


@pytest.fixture
def account(db: None) -> Any:
    return make_account("acme")


def text_of(resource: Any, rows: Any, format: str, **options: Any) -> str:
    response: Any = export_response(resource, rows, format, **options)
    return b"".join(response).decode()


def csv_rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def refill(account: Any, texts: list[str], metas: list[Any]) -> Any:
    """Spaces with these texts and metas, as no form would let them in; in this order."""
    Space.objects.filter(account=account, is_default=False).delete()
    start, owner = datetime(2025, 1, 1, tzinfo=UTC), admin_of(account)
    Space.objects.bulk_create(
        Space(
            account=account,
            owner=owner,
            name=text,
            description=text,
            meta=meta,
            created_at=start + timedelta(seconds=number),
        )
        for number, (text, meta) in enumerate(zip(texts, metas, strict=True))
    )
    return Space.objects.of(account).listed()


def kept(rows: Any) -> list[tuple[str, Any]]:
    """What the database has: it keeps 1e+16 as the number 10000000000000000, which then is what must come back."""
    return list(rows.order_by("created_at").values_list("name", "meta"))


@SLOW
@given(st.lists(st.tuples(TEXTS, META), min_size=1, max_size=4))
def test_csv_reads_back(account: Any, found: list[tuple[str, Any]]) -> None:
    rows = refill(account, [text for text, _ in found], [meta for _, meta in found])
    texts, metas = zip(*kept(rows), strict=True)
    guarded_rows = csv_rows(text_of(SpaceResource(), rows, "csv", order="asc"))
    assert [row["name"] for row in guarded_rows] == [guarded(text) for text in texts]
    assert [unguarded(row["description"]) for row in guarded_rows] == list(texts)
    assert [yaml.safe_load(unguarded(row["meta"])) for row in guarded_rows] == list(metas)
    raw_rows = csv_rows(text_of(SpaceResource(), rows, "csv", order="asc", raw=True))
    assert [row["name"] for row in raw_rows] == list(texts)
    assert [yaml.safe_load(row["meta"]) for row in raw_rows] == list(metas)


@SLOW
@given(st.lists(st.tuples(TEXTS, META), min_size=1, max_size=4))
def test_json_and_jsonl_read_back(account: Any, found: list[tuple[str, Any]]) -> None:
    rows = refill(account, [text for text, _ in found], [meta for _, meta in found])
    page = json.loads(text_of(SpaceResource(), rows, "json", order="asc"))
    assert [(item["name"], item["meta"]) for item in page["items"]] == kept(rows)
    text = text_of(SpaceResource(), rows, "jsonl", order="asc")
    assert text.isascii()
    lines = [json.loads(line) for line in text.split("\n")[:-1]]
    assert [(item["description"], item["meta"]) for item in lines] == kept(rows)
    items = [json.loads(line) for line in text_of(SpaceResource(), rows, "items", order="asc").split("\n")[:-1]]
    assert items == [{"type": "item", "data": line} for line in lines]


def test_telephone_numbers_and_headers(account: Any) -> None:
    Contact.objects.create(account=account, name="@jane", phone="+15550100199")
    row = csv_rows(text_of(ContactResource(), Contact.objects.of(account), "csv"))[0]
    assert (row["name"], row["phone"], row["verified_at"]) == ("'@jane", "+15550100199", "")


def test_a_csv_without_rows_has_its_header(account: Any) -> None:
    assert text_of(ContactResource(), Contact.objects.none(), "csv").startswith("id,name,email,")
    assert text_of(ContactResource(), Contact.objects.none(), "json") == '{"items":[],"cursor":""}'
    assert text_of(ContactResource(), Contact.objects.none(), "jsonl") == ""


@SLOW
@given(
    moments=st.lists(st.integers(0, 3), max_size=12),
    size=st.integers(1, 5),
    order=st.sampled_from(["asc", "desc"]),
    take=st.none() | st.integers(1, 15),
    start=st.integers(0, 12),
)
def test_every_row_comes_once_whatever_the_batches(
    account: Any, moments: list[int], size: int, order: Any, take: int | None, start: int
) -> None:
    rows = refill(account, [""] * len(moments), [{}] * len(moments))
    for space, moment in zip(rows, moments, strict=True):
        Space.objects.filter(pk=space.pk).update(created_at=datetime(2025, 1, 1 + moment, tzinfo=UTC))
    ordered = list(rows.order_by("created_at", "id") if order == "asc" else rows.order_by("-created_at", "-id"))
    after = (ordered[start - 1].created_at, ordered[start - 1].pk) if 0 < start <= len(ordered) else None
    expected = ordered[start if after else 0 :][:take]
    for asked in (rows, rows.filter(Q(owner__username="admin-acme") | Q(owner__is_active=True))):
        batches = list(SpaceResource().batches(asked, order=order, after=after, take=take, size=size, form="cells"))
        assert [line[0] for batch in batches for line in batch.lines] == [space.wire_id for space in expected]
        assert all(len(batch.lines) == size for batch in batches[:-1])
        assert [batch.more for batch in batches[:-1]] == [True] * (len(batches) - 1 if batches else 0)
        if expected:
            assert batches[-1].last == (expected[-1].created_at, expected[-1].pk)
            assert batches[-1].more == (expected[-1] != ordered[-1])


def test_pages_follow_each_other_by_cursor(account: Any) -> None:
    rows = refill(account, [str(number) for number in range(7)], [{}] * 7)
    seen, after = [], None
    while True:
        page = SpaceResource().page(rows, after=after, take=3)
        seen += [json.loads(line)["name"] for line in page.lines]
        if not page.more:
            break
        after = time_position(SpaceResource().cursor(page.last))  # type: ignore[arg-type]
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]
