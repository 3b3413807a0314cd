"""Where texts are cut, case by case."""

from __future__ import annotations

import time

import pytest

from memories.chunking import (
    DEFAULT,
    Chunking,
    KeepStrategy,
    LengthMeasurement,
    NoChunking,
    Recursive,
    Sentence,
    Span,
    split,
)
from spaces.errors import TooLarge
from spaces_project.kit import limits


def pieces(text: str, chunking: Chunking) -> list[str]:
    return [text[span.start : span.end] for span in split(text, chunking)]


@pytest.mark.parametrize("chunking", [NoChunking(), DEFAULT, Sentence()])
def test_an_empty_text_has_no_chunks_and_a_short_one_has_one(chunking: Chunking) -> None:
    assert split("", chunking) == []
    assert split("Hello", chunking) == [Span(0, 5)]


def test_none_keeps_everything_together() -> None:
    assert split("a\n\n" * 9000, NoChunking()) == [Span(0, 27000)]


def test_paragraphs_come_before_lines_before_sentences_before_words_before_characters() -> None:
    assert pieces("aaa bbb\n\nccc\nddd eee", Recursive(14, 0)) == ["aaa bbb\n\n", "ccc\nddd eee"]
    assert pieces("One. Two.\nThree. Four five", Recursive(17, 0)) == ["One. Two.\n", "Three. Four five"]
    assert pieces("Aa bb. Cc dd ee ff", Recursive(13, 0)) == ["Aa bb. ", "Cc dd ee ff"]
    assert pieces("aaa bbb ccc", Recursive(9, 0)) == ["aaa bbb ", "ccc"]
    assert pieces("abcdefghij", Recursive(4, 0)) == ["abcd", "efgh", "ij"]


def test_a_line_that_only_was_full_is_no_better_than_a_sentence() -> None:
    text = "We sell tea. Every\norder is sent within two\ndays of payment"
    assert pieces(text, Recursive(40, 0))[0] == "We sell tea. "
    assert pieces("- tea\n- coffee\n- cocoa", Recursive(18, 0)) == ["- tea\n- coffee\n", "- cocoa"]


def test_a_heading_stays_with_what_it_is_about() -> None:
    text = "Returns\n\n" + "Goods may be sent back. " * 20
    assert pieces(text, Recursive(100, 0))[0].startswith("Returns\n\nGoods may be sent back. Goods")


def test_an_overlap_is_exact() -> None:
    assert pieces("abcdefghij", Recursive(4, 2)) == ["abcd", "cdef", "efgh", "ghij"]


def test_separators_are_tried_in_order_and_stay_on_the_chosen_side() -> None:
    text = "one|two;three|four"
    assert pieces(text, Recursive(10, 0, ("|", ";"))) == ["one|", "two;three|", "four"]
    assert pieces(text, Recursive(10, 0, (";", "|"))) == ["one|two;", "three|four"]
    assert pieces(text, Recursive(10, 0, (";", "|"), KeepStrategy.KEEP_NONE)) == ["one|two;", "three|four"]
    assert pieces(text, Recursive(10, 0, (";", "|"), KeepStrategy.KEEP_START)) == ["one|two", ";three", "|four"]


def test_without_a_separator_that_fits_the_size_still_holds() -> None:
    assert pieces("abcdefgh", Recursive(3, 0, ("\n\n",))) == ["abc", "def", "gh"]
    assert pieces("ab|cdefg", Recursive(3, 0, ("", "|"))) == ["ab|", "cde", "fg"]


def test_separators_may_be_regular_expressions() -> None:
    text = "§1 Ändern §22 Größe §3 Ende"
    expression = Recursive(14, 0, (r"§\d+",), KeepStrategy.KEEP_START, separator_is_regex=True)
    assert pieces(text, expression) == ["§1 Ändern ", "§22 Größe ", "§3 Ende"]
    assert pieces(text, Recursive(14, 0, (r"\s*§\d+\s*",), separator_is_regex=True)) == [
        "§1 Ändern §22 ",
        "Größe §3 Ende",
    ]
    assert pieces("a.b.c", Recursive(2, 0, (".",))) == ["a.", "b.", "c"]
    assert pieces("abcd", Recursive(3, 0, (r"\b", "x*"), separator_is_regex=True)) == ["abc", "d"]


def test_what_looks_like_one_character_is_not_cut() -> None:
    family, flag, accented = "👨\u200d👩\u200d👧", "🇨🇭", "e\u0301"
    assert pieces(family * 3, Recursive(7, 0)) == [family] * 3
    assert pieces(flag * 4, Recursive(3, 0)) == [flag] * 4
    assert pieces(accented * 4, Recursive(3, 0)) == [accented] * 4
    assert pieces("\u0301" * 10, Recursive(4, 0)) == ["\u0301" * 4, "\u0301" * 4, "\u0301" * 2]


def test_tokens_are_those_of_the_built_in_embedder() -> None:
    text = "internationalization of tea, coffee and cocoa " * 40
    spans = split(text, Recursive(20, 5, measure=LengthMeasurement.TOKEN_COUNT))
    sizes = {span.end - span.start for span in spans}
    assert len(spans) > 5
    assert 20 < min(sizes) <= max(sizes) < 200


def test_a_line_without_spaces_is_not_one_endless_token() -> None:
    spans = split("x" * 100_000, Recursive(100, 0, measure=LengthMeasurement.TOKEN_COUNT))
    assert max(span.end - span.start for span in spans) <= 6_400


TEXT = (
    "Dr. Smith came at 5 p.m. on Monday. He said no. Then J. Doe left! “Really?” he asked. "
    "See No. 5, e.g. This one. Am 3. Mai war z. B. Dr. Müller da. Es ging gut.\n"
    "1. First step\n2. Second step"
)


def test_sentences_end_where_a_reader_would_end_them() -> None:
    assert pieces(TEXT, Sentence(1000, 0)) == [
        "Dr. Smith came at 5 p.m. on Monday. ",
        "He said no. ",
        "Then J. Doe left! ",
        "“Really?” he asked. ",
        "See No. 5, e.g. This one. ",
        "Am 3. Mai war z. B. Dr. Müller da. ",
        "Es ging gut.\n",
        "1. First step\n",
        "2. Second step",
    ]


@pytest.mark.parametrize(
    "sentences",
    [
        ["東京は大きいです。", "人が多い!", "本当?", "はい。"],
        ["यह पहला वाक्य है। ", "यह दूसरा है॥ ", "ठीक"],
        ["هل وصلت الرسالة؟ ", "نعم وصلت."],
        ["First line\n\n", "second line\n\n\n", "third"],
    ],
)
def test_sentences_of_other_scripts(sentences: list[str]) -> None:
    assert pieces("".join(sentences), Sentence(1000, 1)) == sentences


def test_thai_ends_at_spaces_if_the_language_is_looked_at() -> None:
    text = "ร้านเปิดทุกวัน ปิดวันหยุด"
    assert pieces(text, Sentence(1000, 0)) == [text]
    assert pieces(text, Sentence(1000, 0, detect_language=True)) == ["ร้านเปิดทุกวัน ", "ปิดวันหยุด"]


def test_sentences_are_put_together_up_to_the_least_size_and_never_above_the_most() -> None:
    text = "Tea is hot. It is green. Coffee is black. Ok."
    assert pieces(text, Sentence(30, 20)) == ["Tea is hot. It is green. ", "Coffee is black. Ok."]
    assert pieces(text, Sentence(14, 5)) == ["Tea is hot. ", "It is green. ", "Coffee is ", "black. Ok."]
    assert pieces("Short. " + "Word " * 9, Sentence(20, 10))[0] == "Short. "


def test_a_text_that_would_be_cut_into_too_many_chunks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CHUNKS_PER_MEMORY", 100)
    assert len(split("x" * 100, Recursive(1, 0))) == 100
    with pytest.raises(TooLarge, match="more than 100 chunks; choose a larger chunk size"):
        split("x" * 101, Recursive(1, 0))


EVIL = (r"(a+)+$", r"[a-c][^\n]*zz|b", r"(x*)*", r"(.*)(.*)(.*)(.*)[^a]", r"\C", r"^|$")
LONG = {
    "prose": "Tea is hot, and it is green. " * 35_000,
    "no spaces": "x" * 1_000_000,
    "stops": "." * 1_000_000,
    "spaces": " " * 1_000_000,
    "lines": "\n" * 1_000_000,
    "han": "字" * 1_000_000,
    "accents": "e\u0301" * 500_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", LONG)
@pytest.mark.parametrize(
    "chunking",
    [DEFAULT, Sentence(), Sentence(32_000, 32_000, True), Recursive(32_000, 31_000)],
    ids=["default", "sentence", "long", "overlap"],
)
def test_a_million_characters_take_about_a_second(kind: str, chunking: Chunking) -> None:
    began = time.process_time()
    assert len(split(LONG[kind], chunking)) > 20
    assert time.process_time() - began < 2


@pytest.mark.parametrize("pattern", EVIL)
def test_evil_expressions_are_harmless(pattern: str) -> None:
    began = time.process_time()
    split("abcab" * 20_000 + "é", Recursive(512, 0, (pattern,), separator_is_regex=True))
    assert time.process_time() - began < 2
