"""Three tiers of tests, by marker: the quick suite (`make test`), the `thorough` rest of it (`make gate`), and what is
`slow` (`make gate-full`).

The quick suite proves what matters most of each thing, in three minutes; what is marked `thorough` is one more case of
it. Most of that is chosen here and not marked by hand: of a module whose tests ask the database, the quick suite runs
the first FIRST_TESTS, so a module begins with what matters most; of a test of many cases the first, unless the test is
marked `every_case`; and of each property it tries few examples.
"""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import settings

FIRST_TESTS = 3  # of one module, in the quick suite
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
    """Mark as `thorough`, of what asks the database, the cases after the first of each test, and the tests after the
    first few of each module."""
    cases: Counter[str] = Counter()
    tests: Counter[str] = Counter()
    for item in items:
        if item.get_closest_marker("every_case") or not _asks_database(item) or _is_left(item):
            continue
        cases[item.nodeid.partition("[")[0]] += 1
        if hasattr(item, "callspec") and cases[item.nodeid.partition("[")[0]] > CASES:
            item.add_marker(pytest.mark.thorough)
            continue
        tests[item.location[0]] += 1
        if tests[item.location[0]] > FIRST_TESTS:
            item.add_marker(pytest.mark.thorough)


def _is_left(item: pytest.Item) -> bool:
    return bool(item.get_closest_marker("thorough") or item.get_closest_marker("slow"))


def _asks_database(item: pytest.Item) -> bool:
    return bool(
        {"db", "transactional_db"} & {*getattr(item, "fixturenames", ())} or item.get_closest_marker("django_db")
    )
