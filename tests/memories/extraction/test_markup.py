"""Tags and texts of a page: as browsers read them, also where they are broken."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memories.extraction.html import read_html
from memories.extraction.markup import tokens
from tests.tiers import examples


def text_of(page: str) -> str:
    return "".join(token.text for token in tokens(page))


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("a<b>c</b>d", "acd"),
        ("1 < 2 && 3 > 2", "1 < 2 && 3 > 2"),
        ("a <3 b <- c", "a <3 b <- c"),
        ("Fish &amp; chips &lt;b&gt; &#8364; &eacute", "Fish & chips <b> € é"),
        ("&#99999999999999999999; &#x110000;", "\ufffd \ufffd"),
        ('<a title="5 > 4" href=x>in</a> out', "in out"),
        ('<a title="5" wide">in</a> "out"', 'in "out"'),
        ("<p class='a>lost?</p>kept", "lost?kept"),
        ("a<!-- no > no -->b<!-->c<!--->d", "abcd"),
        ("a<?php no ?>b<!DOCTYPE no>c</ no>d</3 no>e", "abcde"),
        ("a<script>no </scripted> </p></SCRIPT >b<style>no</style\n>c", "abc"),
        ("a<script/>b", "ab"),
        ("a<!-- never over", "a"),
        ("a<b never over", "a"),
        ("<İ>x</İ>", "<İ>x"),
        ("", ""),
    ],
)
def test_pages_are_read_as_browsers_do(page: str, text: str) -> None:
    assert text_of(page) == text


def test_tags_say_what_they_are() -> None:
    found = [(token.name, token.starts, token.ends) for token in tokens("<P a=b>x</p ><br/><x-y>") if token.name]
    assert found == [("p", True, False), ("p", False, True), ("br", True, True), ("x-y", True, False)]


NAMES = st.sampled_from(["p", "b", "br", "td", "x-y", "h1"])
WORDS = st.text("ab ü&;'\"=\n", max_size=8)
VALUES = st.sampled_from(["", " a=b", ' a="x > y"', " a='\"'", " checked", " a=\"1\" b = '2'"])
PIECES = st.one_of(
    WORDS, st.builds("<{}{}>".format, NAMES, VALUES), st.builds("</{}>".format, NAMES), st.just("<!-- a > b -->")
)


@settings(max_examples=examples(300))
@given(st.lists(PIECES, max_size=12).map("".join))
def test_well_formed_pages_are_read_as_by_pythons_parser(page: str) -> None:
    told: list[tuple[str, str]] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            told.append(("start", tag))

        def handle_endtag(self, tag: str) -> None:
            told.append(("end", tag))

        def handle_data(self, data: str) -> None:
            told.append(("text", data))

    parser = Parser()
    parser.feed(page)
    parser.close()
    ours = [("text", t.text) if not t.name else ("start" if t.starts else "end", t.name) for t in tokens(page)]
    assert joined(ours) == joined(told)


def joined(events: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Texts that follow each other are one."""
    found: list[tuple[str, str]] = []
    for kind, value in events:
        if kind == "text" and found and found[-1][0] == "text":
            found[-1] = ("text", found[-1][1] + value)
        elif value:
            found.append((kind, value))
    return found


def test_dropped_elements_close_each_other() -> None:
    page = b"<p>a</p><svg><svg><text>no</text></svg><p>b</p><math>no</math><noscript>no</noscript>c"
    assert read_html(page, "text/html").text == "a\n\nb\n\nc"
