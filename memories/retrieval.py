"""Finding what an answer may use. The one door to passages, for chats, the dialects' searches and the retrieval page.

Memories are not built yet: every search finds nothing. Its rules are read and refused all the same, so that an answer
to a message with rules uses no memory at all, and never one that a rule was meant to exclude.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, overload
from uuid import UUID

from django.utils import timezone

from .filters.uniqueql import And, Nested, Or, Rule, Statement, expand, parse

if TYPE_CHECKING:
    from spaces.actors import Actor
    from spaces.models import Space


class Mode(StrEnum):
    """By meaning, by words, or both fused by rank."""

    VECTOR = "vector"
    FULL_TEXT = "full_text"
    COMBINED = "combined"


@dataclass(frozen=True)
class Query:
    """What is searched for, where, and under which rules.

    text            the question, as asked
    limit           at most this many passages
    rules           UniqueQL, decoded JSON as stored or sent, or parsed: of the space AND of the message AND of the
                    caller. Each binds memories and folder files; the files of ``chat`` are bound by none.
    user_metadata   of the asking user, and
    tool_parameters of the call: values for the variables of ``rules``; ``now`` for their dates (None: the present)
    chat            also the files of this chat, which no other search finds
    chat_only       only those
    folders         also files in folders that the actor may read (the tool InternalSearch)
    folder_ids      of those, only files directly in these folders; None for all
    memory_ids      only these memories, whether files of the chat, memories or folder files; None for all
    mode            how to search
    min_score       passages below it are left out; None for none
    """

    text: str
    limit: int = 8
    rules: Sequence[Any] = ()
    user_metadata: Mapping[str, Any] = field(default_factory=dict)
    tool_parameters: Mapping[str, Any] = field(default_factory=dict)
    now: datetime | None = None
    chat: UUID | None = None
    chat_only: bool = False
    folders: bool = False
    folder_ids: Sequence[UUID] | None = None
    memory_ids: Sequence[UUID] | None = None
    mode: Mode = Mode.COMBINED
    min_score: float | None = None


@dataclass(frozen=True)
class Passage:
    """One chunk of one memory.

    ``text`` is the chunk as stored, ``start`` its offset in the memory's text in characters, ``order`` its place among
    the memory's chunks from 0, ``pages`` the first and the last page it is on, from 1 (None: not paged).
    ``score`` is higher for better, comparable within one search only; ``scores`` holds its parts by name.
    """

    memory_id: UUID
    chunk_id: UUID
    space_id: UUID
    text: str
    name: str
    score: float
    order: int = 0
    start: int = 0
    pages: tuple[int, int] | None = None
    url: str | None = None
    key: str | None = None
    mime_type: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """A part of a search that failed while the rest went on, e.g. a reranker: a code and a sentence for the caller."""

    code: str
    message: str


@dataclass(frozen=True)
class Found(Sequence[Passage]):
    """The passages of a search, best first, each once; a sequence of them that also tells what went wrong."""

    passages: tuple[Passage, ...] = ()
    problems: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        return len(self.passages)

    def __iter__(self) -> Iterator[Passage]:
        return iter(self.passages)

    @overload
    def __getitem__(self, index: int) -> Passage: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Passage, ...]: ...
    def __getitem__(self, index: int | slice) -> Passage | tuple[Passage, ...]:
        return self.passages[index]


def retrieve(actor: Actor, spaces: Sequence[Space], query: Query) -> Found:
    """The best passages for ``query`` in ``spaces``, as ``actor`` may see them.

    ``spaces`` are those that the caller looked up as readable by the actor (spaces.permissions); the folders are
    checked here. A memory counts only when its ingestion is complete, it has not expired, and every rule matches it.
    No passage, no count and no score tells of a memory that a rule excludes.

    Raises InvalidFilter for a rule that is not UniqueQL, before anything is searched.
    """
    binding_rules(query)
    return Found()


def binding_rules(query: Query) -> tuple[Rule, ...]:
    """The rules of ``query``, parsed and with their variables filled in; all of them must match a memory.

    Raises InvalidFilter, whose place begins with ``rules[0]``.
    """
    now = query.now or timezone.now()
    return tuple(
        expand(_parsed(rule, f"rules[{index}]"), now, query.user_metadata, query.tool_parameters)
        for index, rule in enumerate(query.rules)
    )


def _parsed(rule: Any, place: str) -> Rule:
    return rule if isinstance(rule, Statement | And | Or | Nested) else parse(rule, place)
