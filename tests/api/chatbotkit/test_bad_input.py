"""Whatever is sent: a clear error, nothing lost, never a 500. Every endpoint that takes a body or a query."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection

from spaces.models import Contact, Space
from spaces_project.kit import limits
from tests.api.world import CLIENT, Caller, World, said
from tests.factories import make_contact

WRITING = ["space/create", "space/{space}/update", "contact/create", "contact/ensure", "contact/{contact}/update"]
DELETING = ["space/{space}/delete", "contact/{contact}/delete"]
READING = ["space/list", "space/export", "contact/list", "contact/export", "contact/{contact}/space/list"]


@pytest.fixture
def path(world: World) -> Any:
    """Fills the ids of an operation with a space and a contact of alice."""
    contact = make_contact(world.account, world.alice)
    names = {"space": world.space(contact=contact).wire_id, "contact": contact.wire_id}
    return lambda operation: operation.format(**names)


def state() -> list[Any]:
    """Everything that could have changed."""
    with connection.cursor() as cursor:
        rows = []
        for table in ("spaces_space", "spaces_contact", "spaces_auditentry"):
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY id")
            rows += cursor.fetchall()
    return rows


BODIES: list[tuple[bytes, str]] = [
    (b'{"name":"\\u0000"}', "name: Null"),
    (b'{"meta":{"a":{"b":["\\u0000"]}}}', "meta.a.b.0: Null"),
    (b'{"meta":{"\\u0000":1}}', "meta: Null"),
    (b'{"name":"\\ud800"}', "name: Lone"),
    (b'{"description":"x\\udc00"}', "description: Lone"),
    (b'{"meta":{"\\udfff":1}}', "meta: Lone"),
    (b'{"meta":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001, "deeper than 32"),
    (b'{"meta":' + b'{"a":' * 9 + b"{}" + b"}" * 10, "Nested deeper than 8"),
    (b'{"name":"a","name":"b"}', 'The key "name" is given twice.'),
    (b'{"meta":{"n":NaN}}', "not finite"),
    (b'{"meta":{"n":1e999}}', "not finite"),
    (b'{"name":"\xc3\x28"}', "not UTF-8"),
    (b"{", "not JSON"),
    (b"[]", "must be a JSON object"),
    (b'{"name":1}', "name: Must be a string."),
    (b'{"name":true}', "name: Must be a string."),
    (b'{"name":["x"]}', "name: Must be a string."),
    (b'{"description":{}}', "description: Must be a string."),
    (b'{"alias":7}', "alias: Must be a string."),
    (b'{"alias":"UPPER"}', "alias: An alias has"),
    (b'{"alias":"a b"}', "alias: An alias has"),
    (b'{"alias":"' + b"a" * 129 + b'"}', "alias: "),
    (b'{"meta":[]}', "meta: Must be a JSON object."),
    (b'{"meta":"x"}', "meta: Must be a JSON object."),
    (json.dumps({"name": "x" * 256}).encode(), "name: "),
    (json.dumps({"name": "a\tb"}).encode(), "name: Control"),
    (json.dumps({"description": "x" * (limits.DESCRIPTION_CHARS + 1)}).encode(), "description: At most 65,535"),
    (json.dumps({"meta": {"k": "x" * limits.META_BYTES}}).encode(), "meta: At most 65,536 bytes"),
    (json.dumps({"meta": {f"k{n}": 1 for n in range(limits.META_KEYS + 1)}}).encode(), "meta: At most 256 keys."),
    (json.dumps({"meta": {"k" * 129: 1}}).encode(), "meta: A key may have 128 bytes."),
]


@pytest.mark.parametrize("operation", WRITING)
def test_bodies_that_cannot_be(alice: Caller, path: Any, operation: str) -> None:
    before = state()
    for body, sentence in BODIES:
        if operation == "contact/ensure" and body.startswith(b'{"'):
            body = b'{"fingerprint":"a-fingerprint-of-24-chars",' + body[1:]
        answer = alice.post(path(operation), body)
        assert said(answer) == (400, "BAD_REQUEST"), body[:80]
        assert sentence in answer.json()["message"], body[:80]
    assert state() == before


LARGEST: list[dict[str, Any]] = [
    {"name": ""},
    {"name": "n" * 255},
    {"name": "\U0001f600" * 255},
    {"description": "x" * limits.DESCRIPTION_CHARS},
    {"meta": {"k": "x" * (limits.META_BYTES - 20)}},
    {"meta": {f"k{n}": 1 for n in range(limits.META_KEYS)}},
    {"meta": {"k" * 128: 1}},
    {"meta": {"a": {"b": {"c": {"d": {"e": {"f": {"g": {}}}}}}}}},
    {"meta": {"n": -1.5, "big": 2**70, "_private": 1, "": 0, "$update": 1}},
    {"alias": "a" * 128},
    {"name": "\u202e right to left"},
]


@pytest.mark.slow
@pytest.mark.parametrize("operation", WRITING)
def test_values_at_their_limits(alice: Caller, path: Any, operation: str) -> None:
    kind = "contact" if "contact" in operation else "space"
    for number, body in enumerate(LARGEST):
        if "update" in operation:
            alice.post(path(operation), {"meta": None})
        identity = {"fingerprint": f"a-fingerprint-of-24-{number}"} if kind == "contact" else {}
        answer = alice.post(path(operation), {**body, **identity})
        assert answer.status_code == 200, answer.content
        record = alice.record(f"{kind}/{answer.json()['id']}/fetch")
        assert {name: record[name] for name in body} == body


@pytest.mark.parametrize("operation", DELETING)
def test_a_delete_with_a_broken_body_deletes_nothing(alice: Caller, path: Any, operation: str) -> None:
    before = state()
    for body in (b"{", b"[]", b'{"a":"\\u0000"}', b"\xff"):
        assert said(alice.post(path(operation), body)) == (400, "BAD_REQUEST")
    assert state() == before
    assert alice.post(path(operation), b"").status_code == 200


@pytest.mark.parametrize("operation", [*WRITING, *DELETING])
def test_bodies_over_the_limit(alice: Caller, path: Any, operation: str) -> None:
    before = state()
    body = b'{"name":"' + b"x" * limits.JSON_BODY_BYTES + b'"}'
    assert said(alice.post(path(operation), body)) == (413, "CONTENT_TOO_LARGE")
    assert state() == before


@pytest.mark.parametrize(
    ("label", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=UTF-8", 200),
        ("application/vnd.api+json", 200),
        ("text/plain", 200),
        ("application/x-www-form-urlencoded", 200),
        ("", 200),
        ("application/json; charset=utf-16", 415),
        ("application/json; charset=nothing", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/xml", 415),
    ],
)
def test_labels_of_bodies(alice: Caller, label: str, status: int) -> None:
    answer = CLIENT.generic("POST", "/api/v1/space/create?x=%C3%A9", b"{}", label, headers=alice.headers({}))
    assert answer.status_code == status, answer.content
    if status == 415:
        assert said(answer) == (415, "UNSUPPORTED_MEDIA_TYPE")


QUERIES = [
    ("cursor=%00", 400),
    ("cursor=%FF", 400),
    ("take=%00", 200),
    ("order=%00", 200),
    ("meta.a=%00", 400),
    ("meta.%00=a", 400),
    ("meta.a=%FF", 400),
    ("%FF=1", 400),
    ("meta.a=%ED%A0%80", 400),
    ("contactId=%00", 400),
    ("blueprintId=%00", 400),
    ("x=%00", 200),
    ("meta." + ".".join("a" * 40) + "=1", 400),
    ("meta" + "[a]" * 40 + "=1", 400),
    ("&".join(f"x{n}=1" for n in range(300)), 400),
    ("x=" + "y" * limits.QUERY_STRING_BYTES, 400),
    ("contactId=" + ",".join("x" * 101), 400),
    ("take=" + "9" * 4000, 200),
    ("meta.k=" + "9" * 4000, 200),
    ("=", 200),
    ("&&&", 200),
    ("meta.a[b]=1", 200),
    ("meta[a=1", 200),
]


@pytest.mark.parametrize("operation", READING)
def test_query_strings_that_cannot_be(alice: Caller, path: Any, operation: str) -> None:
    for query, status in QUERIES:
        contacts = operation.startswith("contact/") and not operation.endswith("space/list")
        wanted = 200 if contacts and query.startswith(("contactId", "blueprintId")) else status
        answer = alice.get(f"{path(operation)}?{query}")
        assert answer.status_code == wanted, (query[:60], answer.getvalue()[:200])
        if wanted == 400:
            assert said(answer) == (400, "BAD_REQUEST")


NAMES = [
    "%00",
    "x",
    "@",
    "@%00",
    "%ED%A0%80",
    "%FF",
    "space_",
    "contact_",
    "space_" + "z" * 25,
    "9" * 4000,
    "..",
    "%20",
    "@" * 300,
]


@pytest.mark.parametrize("kind", ["space", "contact"])
def test_names_that_name_nothing(alice: Caller, kind: str) -> None:
    for name in NAMES:
        for operation, call in (("fetch", alice.get), ("update", alice.post), ("delete", alice.post)):
            answer = call(f"{kind}/{name}/{operation}")
            assert said(answer) == (404, "NOT_FOUND"), name
            assert answer.json()["message"] == f"{kind.capitalize()} not found"


def test_a_bad_contact_reference_makes_no_space(alice: Caller) -> None:
    for reference, status in [("\\u0000", 400), ("x", 404), ("@", 404), (" ", 404)]:
        answer = alice.post("space/create", f'{{"contactId":"{reference}"}}'.encode())
        assert answer.status_code == status
    for reference in (7, True, [], {"fingerprint": "short"}, {"name": 1}, {}):
        assert said(alice.post("space/create", {"contactId": reference})) == (400, "BAD_REQUEST")
    assert not Space.objects.listed().exists()
    assert not Contact.objects.exists()
