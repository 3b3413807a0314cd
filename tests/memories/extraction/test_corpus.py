"""Every file of the corpus gives the passages it has, on their pages, or says why it gives none."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache

import pytest

from memories.extraction import Document, ExtractionFailed, extract
from tests.corpus import questions
from tests.corpus.expected import ABSENT, FAILING, FILES, ONCE, PAGES, PASSAGES, TITLES, TYPES, Passage


@cache
def read(name: str) -> Document:
    return extract(FILES / name, name=name)


def places(document: Document, text: str) -> list[int]:
    return [match.start() for match in re.finditer(r"\s+".join(map(re.escape, text.split())), document.text)]


@pytest.mark.parametrize("name", TYPES)
def test_types_titles_and_pages(name: str) -> None:
    document = read(name)
    assert (document.mime_type, document.title, document.notes) == (TYPES[name], TITLES.get(name, ""), ())
    assert len(document.page_starts) == PAGES.get(name, 0)
    assert list(document.page_starts) == sorted(document.page_starts)
    assert document.page_starts[:1] in {(), (0,)}


@pytest.mark.parametrize("passage", PASSAGES, ids=lambda passage: f"{passage.file}-{passage.text[:20]}")
@pytest.mark.thorough
def test_passages_are_found_on_their_pages(passage: Passage) -> None:
    document = read(passage.file)
    found = places(document, passage.text)
    assert found, document.text
    assert bisect_right(document.page_starts, found[0]) == passage.page


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "text"), ABSENT)
def test_what_nobody_sees_is_not_read(name: str, text: str) -> None:
    assert text not in read(name).text


@pytest.mark.parametrize(("name", "text"), ONCE)
def test_what_is_stored_twice_is_read_once(name: str, text: str) -> None:
    assert read(name).text.count(text) == 1


@pytest.mark.thorough
@pytest.mark.parametrize("name", FAILING)
def test_what_cannot_be_read_says_why(name: str) -> None:
    with pytest.raises(ExtractionFailed) as caught:
        extract(FILES / name, name=name)
    assert caught.value.code == FAILING[name]
    assert re.fullmatch(r"It [^\n]{5,120}\.", caught.value.message)


def test_the_tables_are_about_the_files_that_there_are() -> None:
    names = {path.name for path in FILES.iterdir()}
    assert names == set(TYPES) | set(FAILING)
    assert {name for _, name in questions.ANSWERED} <= set(TYPES)
    assert (len(questions.ANSWERED), len(questions.UNANSWERED)) == (30, 10)
    assert sum(path.stat().st_size for path in FILES.iterdir()) < 2_000_000
