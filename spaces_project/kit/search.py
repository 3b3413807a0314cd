"""Full text: a generated column, its index and the query that people type."""

from __future__ import annotations

import re
from typing import Any, Self, TypeVar

from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from . import limits
from .ids import InvalidId, decode_any
from .tenancy import TenantQuerySet

M = TypeVar("M", bound=models.Model, covariant=True)
_MARKED = re.compile(r"(\x01[^\x01\x02]*\x02)")
_WORDS = re.compile(r"[^\W_]+", re.UNICODE)


class _Document(models.Func):
    """``to_tsvector('simple', left(a || ' ' || b, 65536))``: immutable, and safe for texts of any length."""

    output_field = SearchVectorField()

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        compiled = [compiler.compile(expression) for expression in self.get_source_expressions()]
        text = " || ' ' || ".join(f"COALESCE({sql}, '')" for sql, _params in compiled)
        return f"to_tsvector('simple', left({text}, {limits.SEARCH_TEXT_CHARS}))", []


class _Within(models.Func):
    """``document || array_to_tsvector(ARRAY['@' || place])``: one lexeme more, which no text has."""

    output_field = SearchVectorField()

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        (document, params), (place, _params) = (compiler.compile(each) for each in self.get_source_expressions())
        return f"({document}) || array_to_tsvector(ARRAY['@' || {place}::text])", params


class SearchColumn(models.GeneratedField):
    """A stored tsvector over the named text columns.

    ``within`` is the column of a place that searches stay in, a UUID: ``'@' || id`` is a lexeme of the row too, so that
    the index knows which rows have a word there, however many have it elsewhere.
    """

    def __init__(self, *columns: str, within: str = "", **kwargs: Any) -> None:
        self.columns, self.within = columns, within
        document: models.Func = _Document(*columns)
        super().__init__(
            **{
                **kwargs,
                "expression": _Within(document, within) if within else document,
                "output_field": SearchVectorField(),
                "db_persist": True,
            }
        )

    def deconstruct(self) -> Any:
        name, path, _args, kwargs = super().deconstruct()
        for key in ("expression", "output_field", "db_persist"):
            kwargs.pop(key)
        return name, path, list(self.columns), {**kwargs, "within": self.within} if self.within else kwargs


def prefix_query(text: str) -> str:
    """What was typed as a tsquery: every word, the last ones may be beginnings. Empty when there is no word."""
    words = _WORDS.findall(text.lower()[: limits.SEARCH_QUERY_CHARS])
    return " & ".join(f"{word}:*" for word in words)


def lexeme_query(text: str) -> str:
    """The words as they were typed, for what PostgreSQL keeps whole, such as an e-mail address; else empty."""
    chunks = text.replace("\x00", "").lower()[: limits.SEARCH_QUERY_CHARS].split()
    if all(_WORDS.fullmatch(chunk) for chunk in chunks):
        return ""
    quoted = (chunk.replace("\\", "\\\\").replace("'", "''") for chunk in chunks)
    return " & ".join(f"'{chunk}':*" for chunk in quoted)


class _Matches(models.Func):
    output_field = models.BooleanField()
    conditional = True

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, words, lexemes = (compiler.compile(expression) for expression in self.get_source_expressions())
        query = f"(to_tsquery('simple', {words[0]}) || {lexemes[0]}::tsquery)"
        return f"{column[0]} @@ {query}", [*column[1], *words[1], *lexemes[1]]


def matches(text: str) -> models.Func | models.Value:
    """The condition that the column ``search`` has all these words (or beginnings of words); no word is in no text."""
    query = prefix_query(text)
    if not query:
        return models.Value(False)
    return _Matches(models.F("search"), models.Value(query), models.Value(lexeme_query(text)))


class Headline(models.Func):
    """``ts_headline`` of a text column: what surrounds the words, which stand between the characters 1 and 2.

    A short text comes whole. Only the first HEADLINE_CHARS are looked at, as reading a whole megabyte takes a while;
    words behind them leave the beginning of the text, unmarked. Of a long one PostgreSQL leaves
    tags of HTML out.
    """

    SHORT = 160

    output_field = models.TextField()

    def __init__(self, column: str, text: str) -> None:
        super().__init__(models.F(column), models.Value(prefix_query(text)), models.Value(lexeme_query(text)))

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, words, lexemes = (compiler.compile(expression) for expression in self.get_source_expressions())
        query = f"to_tsquery('simple', {words[0]}) || {lexemes[0]}::tsquery"
        marks = "StartSel=\x01, StopSel=\x02"
        whole, part = f"'{marks}, HighlightAll=true'", f"'{marks}, MaxFragments=1, MaxWords=24, MinWords=8'"
        options = f"CASE WHEN length({column[0]}) <= {self.SHORT} THEN {whole} ELSE {part} END"
        sql = f"ts_headline('simple', left({column[0]}, {limits.HEADLINE_CHARS}), {query}, {options})"
        return sql, [*column[1], *words[1], *lexemes[1], *column[1]]


def marked(text: str) -> SafeString:
    """A headline as HTML: everything escaped, what was found in ``<mark>``."""
    parts = (
        f"<mark>{escape(part[1:-1])}</mark>" if part.startswith("\x01") else escape(part)
        for part in _MARKED.split(" ".join(text.split()))
    )
    return mark_safe("".join(parts).replace("\x01", "").replace("\x02", ""))  # noqa: S308 (every part is escaped)


class SearchQuerySet(TenantQuerySet[M]):
    """For models with a column ``search``."""

    def matching(self, text: str) -> Self:
        """Rows whose text has all these words (or beginnings of words), or whose id, in any dialect, is ``text``."""
        try:
            return self.filter(pk=decode_any(text))
        except InvalidId:
            condition = matches(text)
        if isinstance(condition, models.Value):
            return self.none() if text.strip() else self
        return self.filter(condition)


def search_manager(queryset: type[SearchQuerySet[Any]], *large: str) -> Any:
    """The queryset as a manager that leaves the column ``search`` and those named in the database until asked for."""

    class SearchManager(models.Manager.from_queryset(queryset)):  # type: ignore[misc]
        def get_queryset(self) -> Any:
            return super().get_queryset().defer("search", *large)

    return SearchManager()
