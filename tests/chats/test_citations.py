"""Marks of a model become numbers in the order of their use, however the text is cut into pieces."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chats.responders.citations import Citations
from chats.responders.openai_compatible import parse_model
from chats.responders.thinking import Thinking
from memories.completion import Options

SAID = "Covered <sup>2</sup> for a year <sup>1, 2</sup>, a < b <sup>9</sup>[source3]. <sub>x</sub> [s"
SHOWN = "Covered <sup>1</sup> for a year <sup>2</sup><sup>1</sup>, a < b <sup>3</sup>. <sub>x</sub> [s"


@given(st.sets(st.integers(1, len(SAID) - 1)))
def test_marks_are_renumbered_by_first_use_wherever_the_text_is_cut(cuts: set[int]) -> None:
    places = [0, *sorted(cuts), len(SAID)]
    citations = Citations(passages=4)
    shown = [citations.feed(SAID[a:b]) for a, b in pairwise(places)]
    assert "".join(shown) + citations.rest() == SHOWN
    assert citations.used == [2, 1, 3]
    assert "".join(citations.original) == SAID


@given(st.lists(st.text("<sup>/1 2,[ource]", max_size=9), max_size=9))
def test_nothing_else_is_lost(pieces: list[str]) -> None:
    citations = Citations(passages=0)
    shown = "".join(map(citations.feed, pieces)) + citations.rest()
    assert len(shown) <= len("".join(pieces))
    if not any(digit in "".join(pieces) for digit in "12"):
        assert shown == "".join(pieces)


THOUGHT = " \n<think>So 2 < 3,\n</thin then.</think>\n\nThe answer <think>."


@given(st.sets(st.integers(1, len(THOUGHT) - 1)))
def test_thoughts_at_the_beginning_are_told_from_the_answer(cuts: set[int]) -> None:
    thinking = Thinking()
    fed = [thinking.feed(THOUGHT[a:b]) for a, b in pairwise([0, *sorted(cuts), len(THOUGHT)])]
    thoughts, answers = zip(*fed, thinking.rest(), strict=True)
    assert "".join(thoughts) == "So 2 < 3,\n</thin then."
    assert "".join(answers).strip() == "The answer <think>."


@pytest.mark.parametrize(
    ("text", "thoughts", "answer"),
    [
        ("Just this.", "", "Just this."),
        ("<thi", "", "<thi"),
        ("<think>cut off</th", "cut off</th", ""),
        ("  spaces stay", "", "  spaces stay"),
        ("<thinking> is fun", "", "<thinking> is fun"),
    ],
)
def test_only_whole_tags_are_tags(text: str, thoughts: str, answer: str) -> None:
    thinking = Thinking()
    first, rest = thinking.feed(text), thinking.rest()
    assert (first[0] + rest[0], first[1] + rest[1]) == (thoughts, answer)


@pytest.mark.parametrize(
    ("text", "name", "options"),
    [
        ("gpt-5", "gpt-5", Options()),
        ("gpt-5/temperature=0.7/interactionMaxMessages=10", "gpt-5", Options(temperature=0.7)),
        ("meta/llama-3/maxTokens=100", "meta/llama-3", Options(max_tokens=100)),
        ("a/temperature=9/maxTokens=-1", "a", Options()),
        ("a/temperature=nan", "a", Options()),
        ("", "", Options()),
    ],
)
def test_settings_behind_a_name_are_read(text: str, name: str, options: Options) -> None:
    assert parse_model(text) == (name, options)
