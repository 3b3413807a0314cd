"""docs/answers.md names limits, settings, events and sentences that there are."""

from __future__ import annotations

import re
from pathlib import Path

from memories.completion import failures
from spaces.models.webhooks import Event
from spaces_project.kit import limits

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "answers.md").read_text()


def test_limits_and_settings_exist() -> None:
    settings = (Path(__file__).resolve().parents[2] / "docs" / "settings.md").read_text()
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", PAGE))
    assert len(named) > 5
    assert {name for name in named if not hasattr(limits, name) and f"`{name}`" not in settings} == set()


def test_sentences_are_those_that_users_see() -> None:
    said = [*vars(failures).values(), *failures.BY_STATUS.values(), *(words for _, words in failures.BY_KIND)]
    sentences = " ".join(text for text in said if isinstance(text, str))
    section = PAGE.split("## When it fails")[1].split("**Stop**")[0]
    cited = [" ".join(text.split()).removeprefix("… ") for text in re.findall(r"\*((?:The|…)[^*]+)\*", section)]
    assert len(cited) == 5
    assert [text for text in cited if text.rstrip(".") not in sentences] == []


def test_the_events_of_external_systems_are_there() -> None:
    assert set(re.findall(r"`(unique\.[a-z.-]+)`", PAGE)) == {Event.ASKED, Event.CHOSEN}
