"""Retrieval: what it finds beside an exact comparison, and how long it and storing take beside a Chroma server.

Vectors are a mixture of gaussians, as chunks of a few hundred topics are; spaces and metadata know nothing of topics,
which is the hard case for an index. The peer is not in this project's environment: BENCH_PEER_PYTHON names a Python
that has chromadb.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from benchmarks.chroma import Peer, chroma
from benchmarks.measure import Figure, alternating, seconds
from benchmarks.world import World

DIMENSION, TOPICS, PER_MEMORY, ASKED, BEST = 384, 400, 10, 40, 10
ROWS, SMALL_ROWS = 100_000, 40_000
SHARES = {"10 %": 10, "1 %": 100, "0.1 %": 1000}
FILTERS = {"50 %": 2, "10 %": 10, "1 %": 100, "0.1 %": 1000}
OF_THOUSAND = {"0.1 %": 1, "1 %": 10, "10 %": 100, "50 %": 500}  # memories, of a contact or in a folder
WORDS = [
    "river",
    "stone",
    "lamp",
    "market",
    "engine",
    "violet",
    "harbour",
    "copper",
    "meadow",
    "signal",
    "orchard",
    "salt",
]


Search = Callable[[int], list[UUID]]
"""The chunks that a question finds, by its number."""


@dataclass
class Given:
    """An embedder whose vectors are given: the text of a question is its number."""

    questions: Any
    name: str = "given"
    dimension: int = DIMENSION
    max_tokens: int | None = None
    is_semantic: bool = True

    def embed(self, texts: Sequence[str], purpose: Any = None) -> Any:
        return self.questions[[int(text.split()[-1]) for text in texts]]


@dataclass
class Space:
    """A space of the benchmark: its rows' vectors and chunk ids, and which memories they are of."""

    space: Any
    vectors: Any
    chunks: list[UUID] = field(default_factory=list)


def vectors(count: int, seed: int, topics: int = 1) -> Any:
    """Unit vectors (count, DIMENSION), float32, on the topics of that number."""
    import numpy as np

    chance = np.random.default_rng(seed)
    spectrum = 1 / np.sqrt(1 + np.arange(DIMENSION) / 8)
    centres = np.random.default_rng(topics).normal(size=(TOPICS, DIMENSION)) * spectrum
    share = 1 / np.arange(1, TOPICS + 1)
    which = chance.choice(TOPICS, size=count, p=share / share.sum())
    found = centres[which] + 0.6 * chance.normal(size=(count, DIMENSION)) * spectrum
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def run(place: World, rounds: int) -> Iterator[Figure]:
    rows = ROWS if place.size.spaces >= 200_000 else SMALL_ROWS
    bench = Bench(place, rows)
    yield from bench.incoming()
    bench.build()
    yield from bench.recall()
    with chroma(bench) as peer:
        yield from bench.latency(peer, rounds)
        yield from bench.hybrid(rounds)  # before a hundred thousand more come in, which are vacuumed behind them
        yield from bench.stored(peer)


class Bench:
    def __init__(self, place: World, rows: int) -> None:
        from memories.models import Embedder, Folder
        from spaces.models import Contact

        self.account, self.rows = place.account, rows
        self.by = _actor(place)
        self.owner = place.owner
        self.embedder = Embedder.create(
            self.by,
            place.account,
            name="Given vectors",
            provider_type="TEI",
            endpoint_url="https://given.example.com",
            model_identifier="given",
            dimensionality=DIMENSION,
            owner=place.owner,
        )
        # No server is asked for vectors that are given, so it counts among those that compute here.
        Embedder.objects.of(place.account).filter(pk=self.embedder.pk).update(builtin="given")
        names = [*OF_THOUSAND, ""]
        self.contacts = {name: Contact.create(self.by, place.account, name=name or "Rest")[0] for name in names}
        self.folders = {name: Folder.create(self.by, place.account, None, name=name or "Rest") for name in names}
        self.questions = vectors(ASKED, 99)
        self.spaces: dict[str, Space] = {}
        Embedder.program = lambda _: Given(self.questions)  # type: ignore[method-assign,assignment,return-value]

    # ------------------------------------------------------------------ vectors come in

    def incoming(self) -> Iterator[Figure]:
        """The write path of stored vectors, beside bulk_create of the same rows."""
        from memories.models import Embedding

        many = vectors(3_000, 5)
        made = self._space("Written", many, write=False)
        memory, chunks = made
        ours = seconds(lambda: self._copy(memory, chunks, many))
        Embedding.objects.of(self.account).delete()
        rows = [
            Embedding(
                account=self.account,
                container_id=memory.space_id,
                memory_id=memory.pk,
                embedder=self.embedder,
                chunk_id=chunk,
                emb=vector,
            )
            for chunk, vector in zip(chunks, many, strict=True)
        ]
        peer = seconds(lambda: Embedding.objects.bulk_create(rows, batch_size=1000))
        note = f"{len(many) / ours:,.0f} : {len(many) / peer:,.0f} rows a second"
        yield Figure("vectors stored : by bulk_create", peer / ours, at_least=8, note=note)
        memory.space.delete()

    def build(self) -> None:
        """One space of all rows, and others of a tenth, a hundredth and a thousandth."""
        from memories.indexing import tend

        began = time.monotonic()
        self.spaces["100 %"] = self._filled("All", vectors(self.rows, 2))
        for seed, (share, part) in enumerate(SHARES.items(), start=10):
            self.spaces[share] = self._filled(share, vectors(self.rows // part, seed))
        self.files = self._in_folders(vectors(self.rows, 3))
        stored = time.monotonic() - began
        tend()
        took = time.monotonic() - began - stored
        print(f"  ({2 * self.rows:,} chunks and more stored in {stored:.0f} s, indexed in {took:.0f} s)")

    def _filled(self, name: str, found: Any) -> Space:
        _, chunks = self._space(name, found)
        from spaces.models import Space as Row

        return Space(Row.objects.of(self.account).get(name=f"Retrieval {name}"), found, chunks)

    def _in_folders(self, found: Any) -> Space:
        """Files of folders, which lie in the default space."""
        from memories.models import set_embedders

        space = self.account.default_space
        set_embedders(self.by, space, [(self.embedder, 1.0)])
        return Space(space, found, self._written(space, found, PER_MEMORY))

    def _space(self, name: str, found: Any, write: bool = True) -> Any:
        """A space of these vectors, PER_MEMORY chunks to a memory (all in one, when they are not written)."""
        from memories.models import set_embedders
        from spaces.models import Space as Row

        space = Row.create(self.by, self.account, owner=self.owner, name=f"Retrieval {name}")
        set_embedders(self.by, space, [(self.embedder, 1.0)])
        if write:
            return space, self._written(space, found, PER_MEMORY)
        memories, chunks = self._rows(space, len(found), len(found))
        return memories[0], chunks

    def _written(self, space: Any, found: Any, size: int) -> list[UUID]:
        memories, chunks = self._rows(space, len(found), size)
        for place, memory in enumerate(memories):
            part = slice(place * size, (place + 1) * size)
            self._copy(memory, chunks[part], found[part])
        return chunks

    def _rows(self, space: Any, count: int, size: int) -> tuple[list[Any], list[UUID]]:
        from memories.models import Chunk, Memory

        memories = []
        for number in range(count // size):
            meta, share = {f"of_{part}": number % part for part in FILTERS.values()}, _share_of(number)
            links = {"folder": self.folders[share]} if space.is_default else {"contact": self.contacts[share]}
            named: Any = {"name": f"Memory {number}", "meta": meta, "state": "completed"}
            memories.append(Memory(account=self.account, space=space, **named, **links))
        Memory.objects.bulk_create(memories, batch_size=2_000)
        chunks = [
            Chunk(
                account=self.account,
                memory=memory,
                container_id=space.pk,
                order=order,
                start=0,
                end=1,
                text=f"{WORDS[number % 12]} {WORDS[(number // 12) % 12]} reference {number * size + order}",
            )
            for number, memory in enumerate(memories)
            for order in range(size)
        ]
        Chunk.objects.bulk_create(chunks, batch_size=5_000)
        return memories, [chunk.pk for chunk in chunks]

    def _copy(self, memory: Any, chunks: list[UUID], found: Any) -> None:
        from django.db import transaction
        from django.utils import timezone

        from memories.storing import copy_vectors

        with transaction.atomic():
            copy_vectors(memory, self.embedder.pk, b"".join(pk.bytes for pk in chunks), found, timezone.now())

    # ------------------------------------------------------------------ what is found

    def search(
        self,
        share: str,
        number: int,
        part: int | None = None,
        mode: str = "vector",
        text: str = "",
        contact: UUID | None = None,
    ) -> list[UUID]:
        from memories.filters.expressions import parse
        from memories.retrieval import Mode, Place, Query, search

        chosen = None if part is None else parse(f"CAST(val('$.of_{part}') AS INTEGER) = 0")
        place = Place(self.spaces[share].space, filter=chosen)
        query = Query(f"{text} {number}", limit=BEST, mode=Mode(mode), contact=contact)
        return [each.chunk_id for each in search(self.by, [place], query)]

    def _in_folder(self, folder: UUID, number: int) -> list[UUID]:
        from memories.retrieval import Mode, Query, search

        query = Query(f" {number}", limit=BEST, mode=Mode.VECTOR, folders=True, folder_ids=[folder])
        return [each.chunk_id for each in search(self.by, [], query)]

    def recall(self) -> Iterator[Figure]:
        """Of the true ten best, how many are found; half of the questions are on topics of which no chunk is."""
        near = self.questions.copy()
        self.questions[ASKED // 2 :] = vectors(ASKED // 2, 98, topics=77)
        for name, space, is_kept, search in self._cases():
            yield Figure(f"recall@10 {name}", self._recall(space, is_kept, search), "", at_least=0.99)
        self.questions[:] = near  # times are those of questions that have an answer

    def _cases(self) -> Iterator[tuple[str, Space, Any, Search]]:
        """What is searched, which of its rows may be found, and how it is asked for."""
        import numpy as np

        for share, space in self.spaces.items():
            is_any = np.full(len(space.chunks), True)
            yield f"in a space of {share} of the chunks", space, is_any, partial(self.search, share)
        numbers, whole = np.arange(self.rows) // PER_MEMORY, self.spaces["100 %"]
        shares = np.array([_share_of(int(number)) for number in numbers])
        for name, part in FILTERS.items():
            is_kept = numbers % part == 0
            yield f"under a filter that keeps {name}", whole, is_kept, partial(self.search, "100 %", part=part)
        for name in OF_THOUSAND:
            contact, folder = self.contacts[name].pk, self.folders[name].pk
            yield f"of a contact with {name}", whole, shares == name, partial(self.search, "100 %", contact=contact)
            yield f"in a folder with {name}", self.files, shares == name, partial(self._in_folder, folder)

    def _recall(self, made: Space, is_kept: Any, search: Search) -> float:
        """The share of the best that ``search`` finds for all questions together, when these rows may be found."""
        import numpy as np

        kept, hits = np.flatnonzero(is_kept), 0
        scores = self.questions @ made.vectors[kept].T
        least = -np.sort(-scores, axis=1)[:, BEST - 1] - 2e-3  # stored in half precision
        place_of = {chunk: place for place, chunk in enumerate(np.array(made.chunks, dtype=object)[kept])}
        for number in range(ASKED):
            hits += sum(scores[number, place_of[chunk]] >= least[number] for chunk in search(number))
        return float(hits) / (ASKED * BEST)

    # ------------------------------------------------------------------ how long it takes

    def latency(self, peer: Peer | None, rounds: int) -> Iterator[Figure]:
        """A search of our own from the question's vector to the passages' texts, beside the peer's."""
        for share in self.spaces:
            ways: dict[str, Callable[[], float]] = {"ours": lambda share=share: self._milliseconds(share)}  # type: ignore[misc]
            if peer is not None:
                ways["chroma"] = lambda share=share: peer.milliseconds(share)  # type: ignore[misc]
            took = alternating(ways, rounds)
            yield from _beside(f"search in {share}", took, "unfiltered" if share == "100 %" else "filtered")

    def _milliseconds(self, share: str, **options: Any) -> float:
        began = time.perf_counter()
        for number in range(ASKED):
            self.search(share, number, **options)
        return (time.perf_counter() - began) / ASKED * 1000

    def stored(self, peer: Peer | None) -> Iterator[Figure]:
        """Texts through the API and a worker until they can be found, their vectors from a server beside them."""
        from benchmarks import ingestion

        rate = ingestion.rows_a_second(self.account, self.owner, vectors(ingestion.MEMORIES * ingestion.CHUNKS, 6))
        yield Figure("chunks ingested through the API", rate, "/s")
        if peer is not None:
            theirs = sum(len(space.chunks) for space in self.spaces.values()) / peer.loaded
            note = f"{rate:,.0f} : {theirs:,.0f} rows a second"
            yield Figure("chunks ingested through the API : by Chroma", rate / theirs, at_least=5, note=note)

    def hybrid(self, rounds: int) -> Iterator[Figure]:
        """Meaning and words fused, beside meaning alone, in a space of 1 %."""
        ways = {
            "both": lambda: self._milliseconds("1 %", mode="combined", text="copper signal"),
            "vector": lambda: self._milliseconds("1 %", text="copper signal"),
        }
        took = alternating(ways, rounds)
        note = f"{took['both']:.1f} : {took['vector']:.1f} ms"
        yield Figure("hybrid : vectors only, at 1 %", took["both"] / took["vector"], at_most=2.5, note=note)


def _share_of(number: int) -> str:
    """Which contact or folder a memory is of, by the share that these have of a thousand; "" for the rest."""
    place = number * 7919 % 1000
    for share, count in OF_THOUSAND.items():
        if place < count:
            return share
        place -= count
    return ""


def _beside(name: str, took: dict[str, float], kind: str) -> Iterator[Figure]:
    yield Figure(name, took["ours"], "ms")
    if "chroma" not in took:
        yield Figure(f"{name}: peer not installed", 0, "")
        return
    note = f"{took['ours']:.1f} : {took['chroma']:.1f} ms"
    if kind == "filtered":
        yield Figure(f"{name}: Chroma : ours", took["chroma"] / took["ours"], at_least=10, note=note)
    else:
        yield Figure(f"{name}: ours : Chroma", took["ours"] / took["chroma"], at_most=0.6, note=note)


def _actor(place: World) -> Any:
    from spaces.actors import Actor

    return Actor(account=place.account, user=place.owner)
