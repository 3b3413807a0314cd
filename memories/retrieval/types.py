"""What is asked of a search, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, overload
from uuid import UUID

from spaces.models import Space

if TYPE_CHECKING:
    from memories.filters.expressions import Filter
    from memories.models import Reranker


class Mode(StrEnum):
    """By meaning, by words, or both fused by rank."""

    VECTOR = "vector"
    FULL_TEXT = "full_text"
    COMBINED = "combined"


class Merge(StrEnum):
    """How what is found by meaning and by words becomes one order: by reciprocal rank, in turn, or by scores that are
    made comparable by their distribution."""

    RRF = "rrf"
    ZIP = "zip"
    DBSF = "dbsf"


@dataclass(frozen=True)
class HnswOptions:
    """pgvector's settings of one search, where an index is used; None leaves the router's choice."""

    ef_search: int | None = None
    iterative_scan: str | None = None
    max_scan_tuples: int | None = None
    scan_mem_multiplier: float | None = None


@dataclass(frozen=True)
class Query:
    """What is searched for, where, and under which rules.

    text            the question, as asked
    limit           at most this many passages
    rules           UniqueQL, decoded JSON as stored or sent, or parsed: of the space AND of the message AND of the
                    caller. Each binds memories and folder files; the files of ``chat`` only with ``rules_bind_chat``.
    user_metadata   of the asking user, and
    tool_parameters of the call: values for the variables of ``rules``; ``now`` for their dates (None: the present)
    chat            also the files of this chat, which no other search finds
    chat_only       only those
    chat_files      of those, only these; None for all
    rules_bind_chat the rules bind the files of the chat, too
    folders         also files in folders that the actor may read (the tool InternalSearch)
    folder_ids      of those, only files directly in these folders; None for all
    memory_ids      only these memories, whether files of the chat, memories or folder files; None for all
    contact         only memories of this contact; None for all
    mode            how to search
    merge           how both ways become one order, when the mode is COMBINED
    min_score       passages below it are left out; None for none
    min_similarity  passages whose similarity is below it are left out, unless most words of the question are in
                    them; None for none. What a good value is depends on the embedder.
    for_answer      an answer is built on it: without a min_similarity, one that suits the embedders counts
    reranker        puts the passages in a new order; None for none
    """

    text: str
    limit: int = 8
    rules: Sequence[Any] = ()
    user_metadata: Mapping[str, Any] = field(default_factory=dict)
    tool_parameters: Mapping[str, Any] = field(default_factory=dict)
    now: datetime | None = None
    chat: UUID | None = None
    chat_only: bool = False
    chat_files: Sequence[UUID] | None = None
    rules_bind_chat: bool = False
    folders: bool = False
    folder_ids: Sequence[UUID] | None = None
    memory_ids: Sequence[UUID] | None = None
    contact: UUID | None = None
    mode: Mode = Mode.COMBINED
    merge: Merge = Merge.RRF
    min_score: float | None = None
    min_similarity: float | None = None
    for_answer: bool = False
    reranker: Reranker | None = None
    hnsw: HnswOptions | None = None


@dataclass(frozen=True)
class Place:
    """A space to search in: with other weights of its embedders, by id, and a filter of its memories' metadata."""

    space: Space
    weights: Mapping[UUID, float] | None = None
    filter: Filter | None = None


@dataclass(frozen=True)
class Passage:
    """One chunk of one memory.

    ``text`` is the chunk as stored, ``start`` its offset in the memory's text in characters, ``order`` its place among
    the memory's chunks from 0, ``pages`` the first and the last page it is on, from 1 (None: not paged).
    ``score`` is higher for better, comparable within one search only; ``scores`` holds its parts by name:

        vector     the weighted sum of the inner products, by all embedders
        similarity the same, divided by the sum of the weights: a cosine again
        <uuid>     the inner product by this embedder (the cosine, as vectors have length 1)
        text       the share of the question's words that are in it, by how rare they are; 1 and more for all
        rank_…     the place, from 1, in the list of that name, before both are fused
        rerank     what the reranker gave
    """

    memory_id: UUID
    chunk_id: UUID
    space_id: UUID
    text: str
    name: str
    score: float
    order: int = 0
    start: int = 0
    end: int = 0
    pages: tuple[int, int] | None = None
    url: str | None = None
    key: str | None = None
    mime_type: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    created_at: datetime | None = None


@dataclass(frozen=True)
class Problem:
    """A part of a search that failed while the rest went on, e.g. a reranker: a code and a sentence for the caller."""

    code: str
    message: str
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """A step of a search, how long it took, and how many it left."""

    name: str
    milliseconds: float
    count: int = 0


@dataclass(frozen=True)
class Found(Sequence[Passage]):
    """The passages of a search, best first, each once; a sequence of them that also tells how it went."""

    passages: tuple[Passage, ...] = ()
    problems: tuple[Problem, ...] = ()
    stages: tuple[Stage, ...] = ()

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
