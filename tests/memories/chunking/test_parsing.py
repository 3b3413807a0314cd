"""A chunking configuration is read as GoodMem writes it, and each wrong field is named."""

from __future__ import annotations

from typing import Any

import pytest

from memories.chunking import (
    DEFAULT,
    KeepStrategy,
    LengthMeasurement,
    NoChunking,
    Recursive,
    Sentence,
    as_json,
    parse,
)
from spaces.errors import InvalidInput
from spaces_project.kit import limits

FULL = {
    "chunkSize": 1000,
    "chunkOverlap": 100,
    "separators": ["\n\n", "\\n"],
    "keepStrategy": "KEEP_START",
    "separatorIsRegex": True,
    "lengthMeasurement": "TOKEN_COUNT",
}


def test_nothing_given_is_512_with_an_overlap_of_64() -> None:
    assert parse(None) == DEFAULT == Recursive(512, 64)
    assert as_json(DEFAULT) == {
        "none": None,
        "recursive": {
            "chunkSize": 512,
            "chunkOverlap": 64,
            "separators": [],
            "keepStrategy": "KEEP_END",
            "separatorIsRegex": False,
            "lengthMeasurement": "CHARACTER_COUNT",
        },
        "sentence": None,
    }


@pytest.mark.parametrize(
    ("data", "chunking"),
    [
        ({"none": {}}, NoChunking()),
        ({"none": {}, "recursive": None, "sentence": None}, NoChunking()),
        ({"recursive": {"chunkSize": 512, "chunkOverlap": 64}}, DEFAULT),
        ({"recursive": {"chunkSize": 300}}, Recursive(300, 0)),
        (
            {"recursive": FULL},
            Recursive(1000, 100, ("\n\n", "\\n"), KeepStrategy.KEEP_START, True, LengthMeasurement.TOKEN_COUNT),
        ),
        ({"recursive": {**FULL, "keepStrategy": "KEEP_NONE", "separators": None}}, None),
        ({"sentence": {"maxChunkSize": 1000, "minChunkSize": 100}}, Sentence(1000, 100)),
        (
            {"sentence": {"maxChunkSize": 9, "minChunkSize": 9, "enableLanguageDetection": True}},
            Sentence(9, 9, detect_language=True),
        ),
    ],
)
def test_each_form_comes_back_with_every_field(data: Any, chunking: Any) -> None:
    read = parse(data)
    assert chunking is None or read == chunking
    answered = as_json(read)
    assert set(answered) == {"none", "recursive", "sentence"}
    assert sum(value is not None for value in answered.values()) == 1
    assert parse(answered) == read


def test_numbers_and_booleans_may_be_strings() -> None:
    """The seed's curl example posts them so."""
    text = {"chunkSize": "1000", "chunkOverlap": "100.0", "separatorIsRegex": "FALSE"}
    with pytest.raises(InvalidInput, match="chunkOverlap must be a whole number"):
        parse({"recursive": text})
    assert parse({"recursive": {**text, "chunkOverlap": 100.0}}) == Recursive(1000, 100)


WRONG: list[tuple[Any, str, str]] = [
    ([], "chunkingConfig", "must be an object"),
    ({}, "chunkingConfig", "exactly one of none, recursive, sentence"),
    ({"none": None}, "chunkingConfig", "exactly one"),
    ({"none": {}, "sentence": {"maxChunkSize": 9}}, "chunkingConfig", "exactly one"),
    ({"Recursive": {}}, "chunkingConfig.Recursive", "not known; known are none, recursive, sentence"),
    ({"none": {"chunkSize": 5}}, "chunkingConfig.none.chunkSize", "not known"),
    ({"recursive": 5}, "chunkingConfig.recursive", "must be an object"),
    ({"recursive": {}}, "chunkingConfig.recursive.chunkSize", f"from 1 to {limits.CHUNK_SIZE_MOST}"),
    *(
        ({"recursive": {"chunkSize": size}}, "chunkingConfig.recursive.chunkSize", "whole number")
        for size in (0, -1, True, 1.5, "ten", "1e3", "٣", [], limits.CHUNK_SIZE_MOST + 1, 10**400, float("inf"))
    ),
    ({"recursive": {"chunkSize": 9, "chunkOverlap": 9}}, "chunkingConfig.recursive.chunkOverlap", "smaller than"),
    ({"recursive": {"chunkSize": 9, "chunkOverlap": -1}}, "chunkingConfig.recursive.chunkOverlap", "from 0"),
    ({"recursive": {"chunkSize": 9, "size": 1}}, "chunkingConfig.recursive.size", "known are chunkOverlap, chunkSize"),
    ({"recursive": {"chunkSize": 9, "keepStrategy": "KEEP"}}, "chunkingConfig.recursive.keepStrategy", "KEEP_END"),
    ({"recursive": {"chunkSize": 9, "lengthMeasurement": 1}}, "chunkingConfig.recursive.lengthMeasurement", "TOKEN"),
    ({"recursive": {"chunkSize": 9, "separatorIsRegex": 1}}, "chunkingConfig.recursive.separatorIsRegex", "true or"),
    ({"recursive": {"chunkSize": 9, "separatorIsRegex": {}}}, "chunkingConfig.recursive.separatorIsRegex", "true or"),
    ({"recursive": {"chunkSize": 9, "separators": "\n"}}, "chunkingConfig.recursive.separators", "a list"),
    ({"recursive": {"chunkSize": 9, "separators": ["a"] * 21}}, "chunkingConfig.recursive.separators", "at most 20"),
    ({"recursive": {"chunkSize": 9, "separators": ["a", 1]}}, "chunkingConfig.recursive.separators[1]", "a string"),
    ({"recursive": {"chunkSize": 9, "separators": ["a" * 257]}}, "chunkingConfig.recursive.separators[0]", "256"),
    ({"recursive": {"chunkSize": 9, "separators": ["\0"]}}, "chunkingConfig.recursive.separators[0]", "no text can"),
    ({"sentence": {"minChunkSize": 9}}, "chunkingConfig.sentence.maxChunkSize", "whole number"),
    ({"sentence": {"maxChunkSize": 9, "minChunkSize": 10}}, "chunkingConfig.sentence.minChunkSize", "larger than"),
]


@pytest.mark.parametrize(("data", "field", "said"), WRONG)
def test_what_is_wrong_is_named(data: Any, field: str, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(data)
    assert (caught.value.field, said in str(caught.value)) == (field, True), str(caught.value)
    assert str(caught.value).startswith(field)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(a", "missing )"),
        (r"\n(?=#)", "lookahead and lookbehind are not available"),
        (r"(a)\1", "invalid escape"),
        ("a{1001}", "repetition"),
        ("((((a{99}){99}){99}){99})", "repetition"),
    ],
)
def test_an_expression_that_is_refused_says_why(pattern: str, reason: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InvalidInput, match="is not a regular expression") as caught:
        parse({"recursive": {"chunkSize": 9, "separators": ["a", pattern], "separatorIsRegex": True}}, "config")
    assert caught.value.field == "config.recursive.separators[1]"
    assert reason in str(caught.value)
    assert capfd.readouterr().err == ""
    parse({"recursive": {"chunkSize": 9, "separators": ["a", pattern]}})


def test_a_limit_is_allowed_and_one_more_is_not() -> None:
    most = limits.CHUNK_SIZE_MOST
    assert parse({"recursive": {"chunkSize": most, "chunkOverlap": most - 1}}) == Recursive(most, most - 1)
    separators = [chr(97 + at) * limits.SEPARATOR_CHARS for at in range(limits.SEPARATORS)]
    assert parse({"recursive": {"chunkSize": 9, "separators": separators}}) == Recursive(9, 0, tuple(separators))
