"""Whatever the text and the configuration: cutting ends, covers every character, and keeps its promises."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from memories.chunking import Chunking, KeepStrategy, LengthMeasurement, Recursive, Sentence, Span, split
from memories.chunking.units import Tokens, Units, units_of
from tests.tiers import examples

PARTS = st.sampled_from(
    [
        *(
            "a",
            "tea",
            "Tea",
            " ",
            "  ",
            "\n",
            "\n\n",
            ".",
            ". ",
            "!",
            "? ",
            "z. B. ",
            "Dr. ",
            "- ",
            "1. ",
            "|",
            ";",
            "\t",
        ),
        *("é", "e\u0301", "\u0301", "👨\u200d👩\u200d👧", "🇨🇭", "🇨", "字", "。", "।", "؟", "ร้าน ", "\u200d", "\u2028"),
        "unbreakable" * 9,
    ]
)
TEXTS = st.one_of(st.lists(PARTS, max_size=80).map("".join), st.text(max_size=200))
MEASURES = st.sampled_from(LengthMeasurement)
LITERALS = st.sampled_from(["\n\n", "\n", ". ", " ", "|", "", "tea", "é"])
PATTERNS = st.sampled_from([r"\n+", r"\s", r"(a|b)*", r"\b", "^", "$", r"[a-c][^\n]*z|t", r".", r"\C", r"\pL+", ""])


@st.composite
def recursives(draw: st.DrawFn) -> Recursive:
    size = draw(st.integers(1, 40))
    is_regex = draw(st.booleans())
    separators = tuple(draw(st.lists(PATTERNS if is_regex else LITERALS, max_size=3)))
    keep = draw(st.sampled_from(KeepStrategy))
    return Recursive(size, draw(st.integers(0, size - 1)), separators, keep, is_regex, draw(MEASURES))


@st.composite
def sentences(draw: st.DrawFn) -> Sentence:
    most = draw(st.integers(1, 60))
    return Sentence(most, draw(st.integers(0, most)), draw(st.booleans()), draw(MEASURES))


def size_of(chunking: Chunking) -> int:
    return chunking.size if isinstance(chunking, Recursive) else chunking.most if isinstance(chunking, Sentence) else 0


def counts(text: str, chunking: Recursive | Sentence) -> tuple[Units, list[Span]]:
    return units_of(text, chunking.measure), split(text, chunking)


@given(TEXTS, st.one_of(recursives(), sentences()))
@settings(max_examples=examples(150), deadline=None)
def test_spans_cover_every_character_in_order_and_keep_the_size(text: str, chunking: Recursive | Sentence) -> None:
    units, spans = counts(text, chunking)
    reached = 0
    for span in spans:
        assert span.start <= reached < span.end <= len(text)
        assert units.count(span.start, span.end) <= size_of(chunking)
        reached = span.end
    assert reached == len(text)
    assert [span.start for span in spans] == sorted({span.start for span in spans})
    assert split(text, chunking) == spans


@given(TEXTS, recursives())
@settings(max_examples=examples(150), deadline=None)
@example(" atea", Recursive(1, 0, measure=LengthMeasurement.TOKEN_COUNT))
def test_the_overlap_is_exact(text: str, chunking: Recursive) -> None:
    units, spans = counts(text, chunking)
    shared = [units.count(after.start, before.end) for before, after in pairwise(spans)]
    assert shared == [chunking.overlap] * len(shared)
    assert all(units.count(span.start, span.end) > chunking.overlap for span in spans[:-1])


@given(TEXTS, sentences())
@settings(max_examples=examples(100), deadline=None)
def test_sentences_do_not_overlap(text: str, chunking: Sentence) -> None:
    assert "".join(text[span.start : span.end] for span in split(text, chunking)) == text


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 90)), max_size=20), st.integers(1, 9))
@settings(max_examples=examples(100), deadline=None)
def test_tokens_move_on_whatever_a_tokenizer_says(spans: list[tuple[int, int]], count: int) -> None:
    """Tokenizers of bytes give several tokens for one character, and empty ones."""
    tokens = Tokens(sorted((start, start + length) for start, length in spans), 400)
    place = 0
    while place < 400:
        beyond = tokens.after(place, count)
        assert place < beyond
        assert tokens.count(place, beyond) <= count
        place = beyond


@pytest.mark.slow
@given(st.text(min_size=500, max_size=5_000), st.one_of(recursives(), sentences()))
@settings(max_examples=examples(300), deadline=None)
def test_long_texts_are_covered(text: str, chunking: Recursive | Sentence) -> None:
    spans = split(text, chunking)
    assert (spans[0].start, spans[-1].end) == (0, len(text))
    assert all(after.start <= before.end < after.end for before, after in pairwise(spans))
