"""Random rules and random memories that they often find something in, made from a `random.Random`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

from memories.filters.dates import instant
from memories.filters.documents import document_of
from memories.filters.rules import ANY_OF, NO_VALUE, NONE_OF, ORDER, TEXT, WELL_KNOWN
from memories.filters.uniqueql import And, Nested, Operator, Or, Rule, Statement
from memories.models import Folder, Memory
from spaces.models import Account

NAMES = ["a", "b", "c", "metadata", "d e", "q\"'\\$%{}", "äß日", "*", "and"]
DATES = [
    "2026-01-31",
    "2026-01-31T09:00:00Z",
    "2026-01-31T09:00:00.123456+02:00",
    "2025-12-31 23:59",
    "2024-02-29T23:59:59.999999-15:59",
    "0001-01-01T00:00+15:59",
    "9999-12-31T23:59:59-15:59",
    "2026-01-31 09:00:00.1+00:00",
]
NO_DATES = ["2026-02-30", "2026-02-29", "0000-01-01", "2026-1-1", "2026-01-31T24:00:00Z", "2026-01-31T09:30:60Z"]
NO_DATES += ["now", "infinity", "2026-01-31T09:00:00+16:00", "2026-01-31\n", "99999-01-01", "2026-01-31 BC"]
WORDS = ["", "a", "A", "ä", "Ä b", "İ", "\u017fS", "ß", "ΟΔΟΣ", "1", "1.0", "true", "null", "日😀", "\x01\n\t"]
WORDS += ["'\"\\$", "%s %(a)s {0} $1 ?", '") || true || ("', "\\u0000", "uniquepathid://", "scope_", "*"]
TEXTS = [*WORDS, *DATES, *NO_DATES]
NUMBERS = [0, 1, 1.0, -1, -1.5, 1.5, 0.1, 10**20, 1e20, 1e308, -1e-308, 2**53 + 1, 9007199254740993.0, -0.0]
START = datetime(2026, 1, 30, 12, 0, 0, 500_000, tzinfo=UTC)
NEARLY = timedelta(microseconds=1)
TREE = {"": None, "hr": "", "new": "hr", "it": "", "deep": "new"}


@dataclass
class Place:
    """An account with folders and memories, and what rules about them may name."""

    account: Account
    folders: list[Folder]
    memories: list[Memory]

    @property
    def documents(self) -> list[Any]:
        return [document_of(memory) for memory in self.memories]


def scalar(random: Random) -> Any:
    return random.choice([None, True, False, random.choice(NUMBERS), random.choice(TEXTS), random.choice(TEXTS)])


def anything(random: Random, depth: int = 3) -> Any:
    kind = random.random() if depth else 0
    if kind < 0.5:
        return scalar(random)
    if kind < 0.75:
        return [anything(random, depth - 1) for _ in range(random.randrange(4))]
    return {random.choice(NAMES): anything(random, depth - 1) for _ in range(random.randrange(4))}


def metadata(random: Random) -> dict[str, Any]:
    """Some of it claims names that are the memory's own."""
    names = [*NAMES, *NAMES, *sorted(WELL_KNOWN)]
    return {random.choice(names): anything(random) for _ in range(random.randrange(6))}


def memory(random: Random, folders: Sequence[Folder], **fields: Any) -> Memory:
    """Unsaved, in a folder or none."""
    texts = [text for text in TEXTS if text.isprintable()]
    created = START + timedelta(microseconds=random.choice([0, 1, 999, 1000, 10**6, -(10**9)]))
    return Memory(
        meta=metadata(random), name=random.choice(texts), key=random.choice(["", f"{random.random()}.txt"]),
        url=random.choice(["", "https://example.com/A%20b"]), mime_type=random.choice(["text/plain", ""]),
        folder=random.choice([None, *folders]), created_at=created, updated_at=created + timedelta(days=1), **fields,
    )  # fmt: skip


def path(random: Random) -> tuple[str, ...]:
    if random.random() < 0.4:
        more = random.choice([("*",), ("a",), ("*", "*")]) if random.random() < 0.1 else ()
        before = random.choice([("metadata",), ("*",), ("*", "metadata")]) if random.random() < 0.2 else ()
        return (*before, random.choice(sorted(WELL_KNOWN)), *more)
    return tuple(random.choice(NAMES) for _ in range(random.randint(1, 3)))


def value(random: Random, operator: Operator, known: Sequence[str]) -> Any:
    if operator in NO_VALUE:
        return None
    if operator in ANY_OF | NONE_OF:
        listed = [random.choice([value(random, Operator.CONTAINS, known), scalar(random)]) for _ in range(4)]
        return tuple(each for each in listed[: random.randrange(5)] if each is not None)
    if operator in ORDER:
        return random.choice([*NUMBERS, *DATES, *filter(instant, known)])
    texts = [*TEXTS, *known, *known]
    return random.choice(texts) if operator in TEXT or random.random() < 0.6 else scalar(random)


def statement(random: Random, known: Sequence[str]) -> Statement:
    operator = random.choice(list(Operator))
    return Statement(path(random), operator, value(random, operator, known))


def rule(random: Random, known: Sequence[str], depth: int = 3) -> Rule:
    """``known`` are texts that are worth asking for."""
    kind = random.random() if depth else 0
    if kind < 0.5:
        return statement(random, known)
    if kind < 0.7:
        return Nested(path(random), rule(random, known, depth - 1))
    rules = tuple(rule(random, known, depth - 1) for _ in range(random.randrange(4)))
    return And(rules) if kind < 0.85 else Or(rules)


def known_texts(documents: Sequence[Any]) -> list[str]:
    """Own values of documents and parts of them, whole chains and parts of chains."""
    found = set()
    for each in documents:
        found |= {each[name] for name in WELL_KNOWN & each.keys()}
    for whole in sorted(found):
        chain = whole.removeprefix("uniquepathid://").split("/")
        if whole.startswith("uniquepathid://"):
            found |= {"/".join(chain[1:]), "/".join(chain[:2]), f"{chain[0]}/", f"uniquepathid://{chain[-1]}"}
        found |= {whole[3:9], whole.upper(), f"{whole}/"}
        if (point := instant(whole)) and 1 < point.year < 9999:
            elsewhere = point.astimezone(timezone(timedelta(hours=1)))
            found |= {elsewhere.isoformat(timespec="milliseconds"), (point + NEARLY).isoformat()}
    return sorted(found)
