"""Passages by their words, where no vector helps: names, numbers, rare terms.

All words of the question first (websearch syntax: "quoted", -without, or). A question in sentences seldom has all its
words in one passage; so if that finds too little, its rare words count, each by how rare it is in the container, as in
BM25. Common words are left out: half of all passages have them, which says nothing and takes long.
"""

from __future__ import annotations

import math
import re
from typing import Any

from django.db import connection

from spaces_project.kit import limits

from .containers import Container
from .nearest import Scored

CANDIDATES = 2_000
TERMS = 12
COMMON_SHARE = 5  # a word in more than one of so many passages is common
RARE = 50  # words in no more than so many passages are never common
# Words that say nothing about what is asked for, in these languages and in what PostgreSQL's lists leave out.
LANGUAGES = "english,german,french,spanish,italian,dutch,portuguese"
MODALS = frozenset(["may", "might", "must", "shall", "would", "could", "please", "tell"])
_WORDS = re.compile(r"[^\W_]+", re.UNICODE)
_OPERATORS = re.compile(r'"|(?:^|\s)-\w|\bor\b', re.IGNORECASE)

ALL_WORDS = """
SELECT c.id, ts_rank_cd(c.search, q, 1) FROM (
    SELECT c.id, c.search FROM memories_chunk c
    JOIN memories_memory m ON m.account_id = c.account_id AND m.id = c.memory_id
    WHERE c.account_id = %s AND c.container_id = %s AND NOT c.is_disabled AND c.search @@ {query} AND {condition}
    LIMIT {candidates}
) c, LATERAL (SELECT {query}) AS query(q) ORDER BY 2 DESC, c.id LIMIT %s
"""
WEBSEARCH = "websearch_to_tsquery('simple', %s)"
COUNTS = """
WITH size AS (
    SELECT count(*) AS chunks FROM (
        SELECT 1 FROM memories_chunk c {join} WHERE c.account_id = %s AND c.container_id = %s AND {condition} LIMIT %s
    ) counted
)
SELECT t.term, (SELECT chunks FROM size), (SELECT count(*) FROM (
    SELECT 1 FROM memories_chunk c {join} WHERE c.account_id = %s AND c.container_id = %s AND {condition}
    AND c.search @@ to_tsquery('simple', t.term) LIMIT (SELECT GREATEST({rare}, chunks / {share}) + 1 FROM size)
) counted) FROM unnest(%s::text[]) AS t(term)
WHERE NOT EXISTS (
    SELECT FROM unnest('{{{languages}}}'::regconfig[]) AS language WHERE length(to_tsvector(language, t.term)) = 0
)
"""
MEMORIES = "JOIN memories_memory m ON m.account_id = c.account_id AND m.id = c.memory_id"
ANY_WORD = """
SELECT c.id, (SELECT sum(t.weight) FROM unnest(%s::text[], %s::float8[]) AS t(term, weight)
    WHERE c.search @@ to_tsquery('simple', t.term)) AS score
FROM memories_chunk c JOIN memories_memory m ON m.account_id = c.account_id AND m.id = c.memory_id
WHERE c.account_id = %s AND c.container_id = %s AND NOT c.is_disabled
    AND c.search @@ to_tsquery('simple', %s) AND {condition}
ORDER BY score DESC, c.id LIMIT %s
"""


def by_words(container: Container, text: str, most: int) -> Scored:
    """The passages that the words of ``text`` speak for, best first; at most ``most``.

    The score is the share of the question's rare words that are in it, weighted by how rare they are; 1 and more when
    all words are.
    """
    text = text.replace("\x00", "")[: limits.SEARCH_QUERY_CHARS]
    whole = _all_words(container, text, most)
    if len(whole) >= most or _OPERATORS.search(text):
        return whole
    weights, total = _weights(container, text)
    if not weights:
        return whole
    found = {pk: weight / total for pk, weight in _any_word(container, weights, most)}
    both = found | dict(whole)
    return sorted(both.items(), key=lambda each: (-each[1], each[0]))[:most]


def _all_words(container: Container, text: str, most: int) -> Scored:
    condition, values = container.memories
    sql = ALL_WORDS.format(query=WEBSEARCH, condition=condition, candidates=CANDIDATES)
    return [(pk, 1 + rank) for pk, rank in _rows(sql, [container.account_id, container.id, text, *values, text, most])]


def _weights(container: Container, text: str) -> tuple[dict[str, float], float]:
    """The rare words of the text that are there, with how much each is worth: ln(1 + all / those that have it).

    And what all rare words are worth together, those that are nowhere as well: a passage that has the only word of a
    question that is known here says little about it.
    """
    said = dict.fromkeys(_WORDS.findall(text.lower()))
    words = [word for word in said if word not in MODALS][:TERMS]
    # What rules or a filter exclude is not counted either; without them the count goes without the memories.
    condition, values = container.memories if container.conditions else ("true", [])
    counted: Any = {"join": MEMORIES if container.conditions else "", "condition": condition, "languages": LANGUAGES}
    place = [container.account_id, container.id, *values]
    sql = COUNTS.format(**counted, rare=RARE, share=COMMON_SHARE)
    rows: list[Any] = _rows(sql, [*place, 20 * CANDIDATES, *place, words])
    size = rows[0][1] if rows else 0
    common = min(max(RARE, size // COMMON_SHARE), CANDIDATES)
    rare = {word: count for word, _, count in rows if count <= common}
    worth = {word: math.log(1 + size / max(count, 1)) for word, count in rare.items()}
    return {word: weight for word, weight in worth.items() if rare[word]}, sum(worth.values())


def _any_word(container: Container, weights: dict[str, float], most: int) -> Scored:
    condition, values = container.memories
    words, worth = list(weights), list(weights.values())
    place = [container.account_id, container.id, " | ".join(words)]
    return _rows(ANY_WORD.format(condition=condition), [words, worth, *place, *values, most])


def _rows(sql: str, values: list[Any]) -> list[tuple[Any, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
