"""Points in time as they occur in metadata and in rules."""

from __future__ import annotations

import re
from datetime import UTC, datetime

# One strict grammar, so that the database can read exactly the same texts: four-digit years, offsets below 16 hours
# and microseconds are what both sides know.
_GRAMMAR = re.compile(
    r"\d{4}-\d{2}-\d{2}"
    r"(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?:Z|[+-](?:0\d|1[0-5]):[0-5]\d)?)?",
    re.ASCII,
)


def instant(text: str) -> datetime | None:
    """The point in time that ``text`` names, or None.

    A date is its first moment; a time without an offset is UTC.
    """
    if not _GRAMMAR.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
