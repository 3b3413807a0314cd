"""Answers from the corpus cite the right file, and say so when nothing in it answers."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from chats.responders.extractive import INTRODUCTION, NOTHING
from memories.embedders import is_installed
from tests.corpus.expected import TYPES
from tests.corpus.questions import ANSWERED, UNANSWERED
from tests.kept import kept

from .answering import Library

pytestmark = [
    pytest.mark.skipif(not is_installed("minilm"), reason="the files of MiniLM are not installed"),
    pytest.mark.xdist_group("minilm"),
]
# Plain text is read in this process; the whole corpus takes some 10 CPU-seconds.
THIN = ["returns.md", "parking-utf16be.txt", "kitchen-bom.txt", "memo-heating.txt", "label-printer.json"]


@pytest.fixture(scope="module")
def _thin(django_db_setup: None, django_db_blocker: Any) -> Iterator[Library]:
    with kept(django_db_blocker, lambda: Library(THIN)) as library:
        yield library


@pytest.fixture
def thin(_thin: Library, db: None) -> Library:
    return copy.deepcopy(_thin)


@pytest.mark.parametrize(
    ("question", "name"), [pair for pair in ANSWERED if pair[1] in THIN][::2], ids=lambda value: value[:30]
)
def test_the_right_file_comes_first(thin: Library, question: str, name: str) -> None:
    text, cited = thin.ask(question)
    assert cited[0] == name
    assert text.startswith(INTRODUCTION)
    assert "<sup>1</sup>" in text


@pytest.mark.parametrize("question", UNANSWERED[::5])
def test_what_nothing_answers(thin: Library, question: str) -> None:
    assert thin.ask(question) == (NOTHING, [])


@pytest.mark.slow
def test_all_questions_about_the_whole_corpus(db: None) -> None:
    library = Library(TYPES)
    wrong = {question: name for question, name in ANSWERED if library.ask(question)[1][:1] != [name]}
    said = [question for question in UNANSWERED if library.ask(question)[0] != NOTHING]
    assert said == []
    assert len(wrong) <= len(ANSWERED) // 5, wrong
    assert len(wrong) <= 5, "26 of 30 were right when this was written"
