"""Passages by their words, where no vector helps: names, numbers, rare terms.

All words of the question first (websearch syntax: "quoted", -without, or). A question in sentences seldom has all its
words in one passage; so if that finds too little, its rare words count, each by how rare it is in the container, as in
BM25. Common words are left out: half of all passages have them, which says nothing and takes long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache, partial

from spaces_project.kit import limits, prepared

from .containers import Container
from .nearest import Scored, run, size_for

CANDIDATES = 2_000
ALL = 1 - 1e-6  # the score of a passage with all words that count
TERMS = 12
COMMON_SHARE = 5  # a word in more than one of so many passages is common
RARE = 50  # words in no more than so many passages are never common
# Words that say nothing about what is asked for, in these languages and in what PostgreSQL's lists leave out.
LANGUAGES = "english,german,french,spanish,italian,dutch,portuguese"
MODALS = frozenset(["may", "might", "must", "shall", "would", "could", "please", "tell"])
_WORDS = re.compile(r"[^\W_]+", re.UNICODE)
_PLAIN = re.compile(r"\s*(?:[^\W_]+[,.?!;:]*(?:\s+|$))+")  # words that PostgreSQL parses as _WORDS does
_OPERATORS = re.compile(r'"|(?:^|\s)-\w|\bor\b', re.IGNORECASE)

ALL_WORDS = """
SELECT c.id::text, ts_rank_cd(c.search, q, 1) FROM (
    SELECT c.id, c.search FROM memories_chunk c
    JOIN memories_memory m ON m.account_id = c.account_id AND m.id = c.memory_id
    WHERE c.account_id = %s AND NOT c.is_disabled
        AND c.search @@ (websearch_to_tsquery('simple', %s) && %s::tsquery) AND {condition}
        AND numnode(websearch_to_tsquery('simple', %s)) > 0
    LIMIT {candidates}
) c, LATERAL (SELECT websearch_to_tsquery('simple', %s)) AS query(q) ORDER BY 2 DESC, c.id LIMIT {most}
"""
# Each word is looked up once, which gives how many chunks have it and which. Then the rare ones count, each chunk's
# together as a share of all; the best chunks, in order, are asked whether they may be found, until there are enough.
# What rules or a filter exclude is not counted either: with such, the memories are joined to each chunk looked at.
ANY_WORD = """
WITH size AS (
    SELECT count(*)::float8 AS chunks FROM (
        SELECT FROM memories_chunk c {join} WHERE c.account_id = %s AND c.container_id = %s AND {counted} LIMIT {sample}
    ) counted
), common AS (
    SELECT LEAST(GREATEST({rare}, floor(chunks / {share})), {candidates})::int AS chunks FROM size
), hits AS MATERIALIZED (
    SELECT t.term, c.id, c.memory_id FROM unnest(%s::text[]) AS t(term) LEFT JOIN LATERAL (
        SELECT c.id, c.memory_id FROM memories_chunk c {join}
        WHERE c.account_id = %s AND NOT c.is_disabled
            AND c.search @@ (to_tsquery('simple', t.term) && %s::tsquery) AND {counted}
        LIMIT (SELECT chunks + 1 FROM common)
    ) c ON true
), words AS (
    SELECT term, ln(1 + (SELECT chunks FROM size) / GREATEST(count(id), 1)) AS weight
    FROM hits GROUP BY term HAVING count(id) <= (SELECT chunks FROM common)
), scored AS (
    SELECT id, memory_id, sum(weight) AS score FROM hits JOIN words USING (term) WHERE id IS NOT NULL
    GROUP BY id, memory_id
)
SELECT s.id::text, s.score / (SELECT sum(weight) FROM words)
FROM (SELECT * FROM scored ORDER BY score DESC, id) s JOIN memories_memory m ON m.account_id = %s AND m.id = s.memory_id
WHERE {condition} ORDER BY s.score DESC, s.id LIMIT {most}
"""
MEMORIES = "JOIN memories_memory m ON m.account_id = c.account_id AND m.id = c.memory_id"
EMPTY = """
SELECT t.term FROM unnest(%s::text[]) AS t(term) WHERE EXISTS (
    SELECT FROM unnest('{{{languages}}}'::regconfig[]) AS language WHERE length(to_tsvector(language, t.term)) = 0
)
"""
_known: dict[str, bool] = {}  # whether a word says something: what PostgreSQL's dictionaries said
KNOWN = 20_000


@contextmanager
def by_words(container: Container, text: str, most: int) -> Iterator[Callable[[], Scored]]:
    """The passages that the words of ``text`` speak for, best first; at most ``most``. PostgreSQL looks for them while
    the caller does something else, until he calls what he is given.

    The score is the share of the question's rare words that are in it, weighted by how rare they are, ln(1 + all /
    those that have it); 1 and more when all words are. Words that are nowhere count as missing: a passage with the only
    word of a question that is known here says little about it.
    """
    text = text.replace("\x00", "")[: limits.SEARCH_QUERY_CHARS]
    words = [] if _OPERATORS.search(text) else _telling(text)
    if not words:
        yield partial(_all_words, container, text, most)
        return
    with _any_word(container, words, most) as rows:
        yield lambda: _best(container, text, rows()[:most], most)


def _best(container: Container, text: str, some: Scored, most: int) -> Scored:
    """Those with all words before those with some, which are in order."""
    if some and some[0][1] < ALL and _PLAIN.fullmatch(text.lower()):
        return some  # what has all words would have all the rare ones
    both = dict(some) | dict(_all_words(container, text, most))
    return sorted(both.items(), key=lambda each: (-each[1], each[0]))[:most]


def _all_words(container: Container, text: str, most: int) -> Scored:
    condition, values = container.memories
    sql = ALL_WORDS.format(condition=condition, candidates=CANDIDATES, most=size_for(most))
    rows = run(container, sql, [container.account_id, text, _inside(container), *values, text, text])
    return [(pk, 1 + rank) for pk, rank in rows[:most]]


def _telling(text: str) -> list[str]:
    """The words of a text that say something, at most TERMS."""
    said = dict.fromkeys(_WORDS.findall(text.lower()))
    words = [word for word in said if word not in MODALS][:TERMS]
    new = [word for word in words if word not in _known]
    if new:
        empty = {word for (word,) in prepared.run(EMPTY.format(languages=LANGUAGES), [new])}
        if len(_known) > KNOWN:
            _known.clear()
        _known.update((word, word not in empty) for word in new)
    return [word for word in words if _known.get(word, True)]


def _any_word(container: Container, words: list[str], most: int) -> AbstractContextManager[Callable[[], Scored]]:
    condition, values = container.memories
    of_counted = values if container.conditions else []
    sql = _sql_of_any_word(condition, bool(container.conditions), size_for(most))
    size = [container.account_id, container.id, *of_counted]
    hits = [words, container.account_id, _inside(container), *of_counted]
    asked = [*size, *hits, container.account_id, *values]
    return prepared.aside(sql, asked) if container.is_plain else nullcontext(partial(run, container, sql, asked))


@lru_cache(maxsize=1024)
def _sql_of_any_word(condition: str, are_counted: bool, most: int) -> str:
    return ANY_WORD.format(
        join=MEMORIES if are_counted else "",
        counted=condition if are_counted else "true",
        condition=condition,
        sample=20 * CANDIDATES,
        rare=RARE,
        share=COMMON_SHARE,
        candidates=CANDIDATES,
        most=most,
    )


def _inside(container: Container) -> str:
    """The lexeme of the container's chunks (SearchColumn), as a tsquery."""
    return f"'@{container.id}'"
