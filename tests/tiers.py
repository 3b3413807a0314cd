"""Three tiers of tests, by marker: the quick suite (`make test`), the `thorough` rest of it (`make gate`), and what is
`slow` (`make gate-full`).

The quick suite proves each thing once, in three minutes; what is marked `thorough` is one more case of it. Most of that
is chosen here and not marked by hand: of a test of many cases that asks the database, the quick suite runs the first,
unless the test is marked `every_case`; and of each property it tries few examples.
"""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import settings

CASES = 1  # of one test, in the quick suite
EXAMPLES = 10  # of one property, in the quick suite
QUICK = "quick"
settings.register_profile(QUICK, max_examples=EXAMPLES, deadline=None)
settings.register_profile("thorough", deadline=None)


def choose(config: pytest.Config) -> None:
    """Load the profile of the tier that `-m` names. To be called before tests are imported."""
    settings.load_profile(QUICK if "not thorough" in config.option.markexpr else "thorough")


def examples(number: int) -> int:
    """How many examples of a property to try: `number`, and fewer in the quick suite."""
    return min(number, EXAMPLES) if settings.get_current_profile_name() == QUICK else number


def leave_more_cases(items: list[pytest.Item]) -> None:
    """Mark the cases after the first of each test that asks the database as `thorough`."""
    seen: Counter[str] = Counter()
    for item in items:
        if not hasattr(item, "callspec") or item.get_closest_marker("every_case") or not _asks_database(item):
            continue
        name = item.nodeid.partition("[")[0]
        seen[name] += 1
        if seen[name] > CASES:
            item.add_marker(pytest.mark.thorough)


def _asks_database(item: pytest.Item) -> bool:
    return bool(
        {"db", "transactional_db"} & {*getattr(item, "fixturenames", ())} or item.get_closest_marker("django_db")
    )
