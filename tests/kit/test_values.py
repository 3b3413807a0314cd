from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from spaces_project.kit import limits, values


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels - 1):
        value = {"k": value}
    return value


@pytest.mark.parametrize(
    "meta",
    [
        {},
        {"k": [1, 2.5, None, True, "é", {"deep": []}]},
        {str(n): n for n in range(limits.META_KEYS)},
        {"k" * limits.META_KEY_BYTES: 1},
        nested(limits.META_DEPTH),
        {"k": "x" * (limits.META_BYTES - len('{"k": ""}'))},
    ],
)
def test_meta_up_to_its_limits_is_accepted(meta: dict[str, Any]) -> None:
    assert values.check_meta(meta) is None


@pytest.mark.parametrize(
    ("meta", "code"),
    [
        ([], "not_an_object"),
        ("text", "not_an_object"),
        ({str(n): n for n in range(limits.META_KEYS + 1)}, "too_many_keys"),
        ({"k" * (limits.META_KEY_BYTES + 1): 1}, "key_too_long"),
        (nested(limits.META_DEPTH + 2), "too_deep"),
        (nested(10_000), "too_deep"),
        ({"k": "x" * limits.META_BYTES}, "too_large"),
        ({"k": "a\x00b"}, "null_characters"),
        ({"a\x00b": 1}, "null_characters"),
        ({"k": ["\ud800"]}, "surrogates"),
        ({"k": float("nan")}, "not_finite"),
        ({"k": float("inf")}, "not_finite"),
    ],
)
def test_meta_over_a_limit_says_which(meta: Any, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        values.check_meta(meta)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "labels",
    [
        {"k": 1},
        {"": "empty key"},
        {str(n): "x" for n in range(limits.LABELS + 1)},
        {"k" * 256: "v"},
        {"k": "v" * 256},
        {"k": "a\nb"},
        ["k"],
    ],
)
def test_labels_are_a_small_map_of_short_lines(labels: Any) -> None:
    with pytest.raises(ValidationError):
        values.check_labels(labels)


JSON_VALUES = st.none() | st.booleans() | st.integers() | st.text(alphabet="abc")
METAS = st.dictionaries(st.sampled_from("abcdef"), JSON_VALUES.filter(lambda value: value is not None))
CHANGES = st.dictionaries(st.sampled_from("abcdef"), JSON_VALUES)


@given(METAS, CHANGES)
def test_merging_sets_keys_and_null_removes_them(meta: dict[str, Any], changes: dict[str, Any]) -> None:
    result = values.merged(meta, changes)
    for key in {*meta, *changes}:
        if key in changes and changes[key] is None:
            assert key not in result
        else:
            assert result[key] == changes.get(key, meta.get(key))
