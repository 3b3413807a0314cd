"""Lexical hashing, and counting tokens."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from memories.embedders import Purpose, builtin, files, is_installed, tokens
from memories.embedders.tokens import count_tokens, counts_of, token_spans
from tests.tiers import examples

TEXTS = [
    "Return policy: parcels",
    "",
    "  ",
    "!?",
    "\ufb01nal STRASSE",
    "half \ud83d",
    "x" * 30_000,
    "東京 Straße",
]


def test_lexical_hashing_says_what_it_is() -> None:
    hashing = builtin("hashing")
    assert (hashing.name, hashing.is_semantic, hashing.max_tokens) == ("Lexical hashing", False, None)
    assert hashing is builtin("hashing")


def test_hashes_are_unit_vectors_whatever_the_text() -> None:
    found = builtin("hashing").embed(TEXTS)
    assert (found.dtype, found.shape) == (np.float32, (len(TEXTS), 1024))
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    assert builtin("hashing").embed([]).shape == (0, 1024)


def test_hashes_are_the_same_everywhere_and_for_ever() -> None:
    (found,) = builtin("hashing").embed(["a b"])
    assert {place: round(float(found[place]), 6) for place in np.nonzero(found)[0]} == {
        211: 0.443607,
        579: 0.633724,
        1017: -0.633724,
    }
    for_queries = builtin("hashing").embed(["a b"], Purpose.QUERY)
    assert (for_queries[0] == found).all()


def test_shared_spelling_is_near_and_case_is_nothing() -> None:
    same, near, far = builtin("hashing").embed(["PARCEL returns", "returned parcels", "Opening hours on Sunday"])
    (question,) = builtin("hashing").embed(["parcel returns"])
    assert same @ question > 0.999
    assert near @ question > far @ question + 0.15


PROSE = "Don't panic: the café's Straße 42, état — 東京!\n\tEnd."


@pytest.fixture(params=["minilm", "words"])
def either(request: pytest.FixtureRequest, settings, tmp_path):
    """With MiniLM's tokenizer, and as if it were not installed."""
    if request.param == "minilm" and not is_installed("minilm"):
        pytest.skip("the files of MiniLM are not installed")
    if request.param == "words":
        settings.MINILM_DIR = tmp_path
    for each in (files.minilm_dir, tokens._tokenizer):
        each.cache_clear()
    yield request.param
    for each in (files.minilm_dir, tokens._tokenizer):
        each.cache_clear()


@pytest.mark.usefixtures("either")
@pytest.mark.parametrize("text", [PROSE, "", " \n ", "half \ud83d of it", "[CLS] [SEP]", "a" * 300])
def test_spans_are_in_order_and_hold_everything_but_space(text: str) -> None:
    spans = token_spans(text)
    assert all(low < high for low, high in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert "".join(text[low:high] for low, high in spans) == re.sub(r"\s", "", text)
    assert count_tokens(text) == len(spans)
    assert counts_of([text, PROSE, text]) == [len(spans), count_tokens(PROSE), len(spans)]


def test_what_a_token_is(either: str) -> None:
    words = [PROSE[low:high] for low, high in token_spans("unbelievable café's")]
    assert len(words) == {"minilm": 4, "words": 4}[either]
    assert count_tokens("tokenization") == {"minilm": 2, "words": 1}[either]


@pytest.mark.usefixtures("either")
def test_a_long_text_has_the_tokens_of_its_parts() -> None:
    line = "Every parcel returned within thirty days is refunded. "
    long = line * 3_000
    spans = token_spans(long)
    assert len(spans) == 3_000 * count_tokens(line)
    assert long[spans[-2][0] : spans[-1][1]] in ("refunded.", "ed.")
    assert count_tokens("x" * 120_000) in (1, 3)  # no white space to cut at


PIECES = st.sampled_from(
    [
        *(
            "a",
            "B",
            "unbelievable",
            "café's",
            "e\u0301",
            "\u0301",
            "Straße",
            "東京",
            "ร้าน",
            "👨\u200d👩",
            "\ud83d",
            "42",
        ),
        *(" ", "\t", "\n", "\r", "\v", "\f", "\x00", "\x01", "\x85", "\u00a0", "\u2028", "\u3000", "\ufffd", "\ufeff"),
        *("!", "...", "_", "$", "¿", "—", "[", "]", "[MASK]", "[mask]", "[SEP", "PAD]", "##", "x" * 60),
    ]
)


@example("40012 unbelievABLE Donaudampfschiff 12345678901234567")
@example("x" * 101 + " " + "é" * 101)
@given(st.lists(PIECES | st.text(max_size=5), max_size=30).map("".join))
@settings(max_examples=examples(300), deadline=None)
def test_tokens_counted_by_their_parts_are_those_of_the_whole(text: str) -> None:
    assert count_tokens(text) == len(token_spans(text))
    assert counts_of([text, text.swapcase()]) == [count_tokens(text), count_tokens(text.swapcase())]
