"""The reader of bodies: what it refuses, and that it says where."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spaces.errors import InvalidInput
from spaces_project.api.strict_json import parse_object
from spaces_project.kit import limits
from tests.tiers import examples

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda children: st.lists(children, max_size=4) | st.dictionaries(TEXTS, children, max_size=4),
    max_leaves=15,
)


@settings(max_examples=examples(60), deadline=None)
@given(st.dictionaries(TEXTS, VALUES, max_size=4), st.booleans())
def test_ordinary_json_is_read_as_it_is(value: dict[str, Any], ascii: bool) -> None:
    assert parse_object(json.dumps(value, ensure_ascii=ascii).encode()) == value


def nested(levels: int) -> bytes:
    return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"[]", "The body must be a JSON object."),
        (b"null", "The body must be a JSON object."),
        (b'"x"', "The body must be a JSON object."),
        (b"{", "The body is not JSON: Expecting property name"),
        (b'{"a":1}x', "(line 1, column 8)"),
        (b"{'a':1}", "The body is not JSON"),
        (b'{"a":"\x01"}', "The body is not JSON: Invalid control character"),
        (b'{"a":"\xff"}', "The body is not UTF-8 (byte 6)."),
        (b'{"a":"\xed\xa0\x80"}', "The body is not UTF-8"),
        (b"\xff\xfe{\x00}\x00", "The body is not UTF-8 (byte 0)."),
        (b'{"a":{"b":[1,"\\u0000"]}}', "a.b.1: Null characters are not allowed."),
        (b'{"a":{"\\u0000":1}}', "a: Null characters are not allowed."),
        (b'{"\\ud800":1}', "the body: Lone surrogates are not allowed."),
        (b'{"a":"\\udfff"}', "a: Lone surrogates are not allowed."),
        (b'{"a":1,"b":2,"a":3}', 'The key "a" is given twice.'),
        (b'{"x":{"\\u0001":1,"\\u0001":1}}', 'The key "\\u0001" is given twice.'),
        (b'{"a":NaN}', "The number NaN is not finite."),
        (b'{"a":-Infinity}', "The number -Infinity is not finite."),
        (b'{"a":1e400}', "The number 1e400 is not finite."),
        (b'{"a":' + b"9" * 400 + b"}", "is not finite."),
        (b'{"a":' + b"9" * 9000 + b"}", "is not finite."),
        (nested(limits.JSON_DEPTH + 1), "The body is nested deeper than 32 levels."),
        (nested(10_000), "The body is nested deeper than 32 levels."),
        (b'{"a":' + b"[" * 40_000, "nested deeper"),
        (b'{"a":[' + b"1," * limits.JSON_NODES + b"1]}", "The body has more than 50,000 values."),
        (b'{"a":[' + b"[]," * 3_000_000 + b"1]}", "The body has more than 50,000 values."),
        (b'{"a":["' + b',\\"' * 20_000 + b'",' + b"1," * limits.JSON_NODES + b"1]}", "more than 50,000 values."),
        (b'{"a":"' + b"x" * (limits.STRING_BYTES + 1) + b'"}', "a: a text may have 1,048,576 bytes."),
        (('{"a":"' + "é" * (limits.STRING_BYTES // 2 + 1) + '"}').encode(), "a: a text may have 1,048,576 bytes."),
    ],
)
def test_what_is_refused_and_where(body: bytes, sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_object(body)
    assert sentence in str(caught.value)
    assert len(str(caught.value)) < 300


def test_the_limits_themselves_are_let_through() -> None:
    assert parse_object(nested(limits.JSON_DEPTH))
    assert parse_object(b'{"a":"' + b"x" * limits.STRING_BYTES + b'"}')
    assert parse_object(b'{"a":[' + b"1," * (limits.JSON_NODES - 4) + b"1]}")
    assert parse_object(b'{"a":' + b"9" * 300 + b"}")
    assert parse_object(b'{"a":"' + b'[{,\\"' * 100_000 + b'"}')


@pytest.mark.parametrize("end", [b"", b"\\", b'"'])
def test_a_text_without_an_end_is_read_once(end: bytes) -> None:
    """Counting values once began anew at every quote in it: 20 KB took 5 seconds, and 10 MB would have taken days."""
    body = b'{"a":[' + b"1," * limits.JSON_NODES + b'"' + b'\\"' * 10_000 + end
    began = time.process_time()
    with pytest.raises(InvalidInput):
        parse_object(body)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("body", [b"", b"  \n", b"{}", b"\xef\xbb\xbf{}"])
def test_nothing_is_an_empty_object(body: bytes) -> None:
    assert parse_object(body) == {}
