"""Indexes of large containers: built, used, exact, and gone when they are not wanted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from operator import itemgetter
from typing import Any

import numpy as np
import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from memories import indexing
from memories.models import Chunk, Embedder, Memory, VectorIndex
from memories.retrieval.containers import Container
from memories.retrieval.nearest import NEAR, nearest
from memories.storing import copy_vectors
from spaces.models import Space
from spaces_project.kit import limits
from tests.factories import actor_of, admin_of, make_account, make_space
from tests.ingesting import use_hashing

pytestmark = pytest.mark.django_db(transaction=True)
ROWS, DIMENSION = 400, 16
first = itemgetter(0)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "INDEXED_ROWS", 100)


@pytest.fixture
def embedder() -> Iterator[Embedder]:
    account = make_account()
    use_hashing(account)
    embedder = Embedder.default_of(account)
    Embedder.objects.filter(pk=embedder.pk).update(dimensionality=DIMENSION)
    embedder.dimensionality = DIMENSION
    yield embedder
    Space.objects.filter(is_default=False).delete()
    indexing.tend()
    assert built() == set()


def fill(embedder: Embedder, name: str, rows: int = ROWS, shift: float = 0) -> tuple[Container, np.ndarray]:
    """A space with one memory of so many chunks with random vectors, which ``shift`` lets look one way."""
    account = embedder.account
    space = make_space(account, name=name)
    memory = Memory.create(actor_of(admin_of(account)), space, name=name, state="completed")
    chunks = [
        Chunk(account=account, memory=memory, container_id=space.pk, order=n, start=n, end=n + 1, text="x")
        for n in range(rows)
    ]
    Chunk.objects.bulk_create(chunks)
    vectors = np.random.default_rng(7).normal(shift, size=(rows, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with transaction.atomic():
        copy_vectors(memory, embedder.pk, b"".join(chunk.pk.bytes for chunk in chunks), vectors, timezone.now())
    return Container(account.pk, space.pk, ((embedder, 1.0),)), vectors


def ready(container: Container) -> Container:
    """As searches see it once its index is whole."""
    rows = VectorIndex.objects.filter(container_id=container.id, state="ready")
    return replace(container, indexed=frozenset(rows.values_list("embedder", flat=True)))


def built() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(indexing.BUILT)
        return {name for name, _ in cursor.fetchall()}


def test_a_large_container_gets_one_and_a_small_one_none(embedder: Embedder) -> None:
    large, vectors = fill(embedder, "large")
    small, _ = fill(embedder, "small", rows=50)
    before = nearest(large, embedder, vectors[3], 10)
    indexing.tend()
    row = VectorIndex.objects.get()
    assert (row.container_id, row.state, row.rows, built()) == (large.id, "ready", ROWS, {row.index_name})
    after = nearest(ready(large), embedder, vectors[3], 10)
    assert [chunk for chunk, _ in after] == [chunk for chunk, _ in before]
    assert len(nearest(small, embedder, vectors[3], 10)) == 10
    indexing.tend()
    assert VectorIndex.objects.get().built_at == row.built_at, "what is there is left alone"


def test_what_it_may_not_find_is_made_up_for(embedder: Embedder) -> None:
    """All that is near is switched off: the search goes on to the ones behind."""
    container, vectors = fill(embedder, "large")
    indexing.tend()
    container = ready(container)
    nearby = [chunk for chunk, _ in nearest(container, embedder, vectors[3], 150)]
    for few in (15, 150):  # so the index is asked for more; then it is not asked any more
        Chunk.objects.filter(pk__in=nearby[:few]).update(is_disabled=True)
        found = [chunk for chunk, _ in nearest(container, embedder, vectors[3], 10)]
        assert len(found) == 10
        assert not set(found) & set(nearby[:few])


def test_far_from_all_it_finds_what_comparing_all_finds(embedder: Embedder) -> None:
    container, vectors = fill(embedder, "large", shift=1)
    question = np.eye(DIMENSION, dtype=np.float32)[0] - np.float32(0.5)
    question /= np.linalg.norm(question)
    compared = nearest(container, embedder, question, 10)
    assert compared[0][1] < NEAR
    indexing.tend()
    assert nearest(ready(container), embedder, question, 10) == compared
    assert compared[0][1] == pytest.approx((vectors @ question).max(), abs=1e-3)


@pytest.mark.parametrize("most", [3, 10, 60])
def test_the_index_finds_what_comparing_all_finds(embedder: Embedder, most: int) -> None:
    container, vectors = fill(embedder, "large")
    compared = [nearest(container, embedder, vectors[place], most) for place in range(0, 100, 10)]
    indexing.tend()
    found = [nearest(ready(container), embedder, vectors[place], most) for place in range(0, 100, 10)]
    hits = sum(len({*map(first, one)} & {*map(first, other)}) for one, other in zip(found, compared, strict=True))
    assert hits >= 0.99 * 10 * most
    assert [one[0] for one in found] == [other[0] for other in compared]


@pytest.mark.thorough
def test_it_goes_with_its_space(embedder: Embedder) -> None:
    container, _ = fill(embedder, "large")
    indexing.tend()
    space = Space.objects.get(pk=container.id)
    space.remove(actor_of(space.owner))
    indexing.tend()
    assert (VectorIndex.objects.count(), built()) == (0, set())


@pytest.mark.thorough
def test_two_at_once_build_it_once(embedder: Embedder) -> None:
    fill(embedder, "large")
    failures: list[BaseException] = []

    def work() -> None:
        try:
            indexing.tend()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (failures, len(built()), VectorIndex.objects.get().state) == ([], 1, "ready")


@pytest.mark.thorough
def test_an_open_snapshot_only_makes_it_wait(embedder: Embedder) -> None:
    container, vectors = fill(embedder, "large")
    with psycopg.connect(**_parameters()) as other:
        other.execute("SELECT count(*) FROM memories_embedding")
        worker = threading.Thread(target=lambda: (indexing.tend(), connection.close()))
        worker.start()
        worker.join(0.5)
        assert len(nearest(container, embedder, vectors[3], 10)) == 10, "searches go on meanwhile"
        other.commit()
    worker.join(20)
    assert (worker.is_alive(), VectorIndex.objects.get().state) == (False, "ready")


@pytest.mark.thorough
def test_a_broken_leftover_goes_first(embedder: Embedder) -> None:
    container, _ = fill(embedder, "large")
    indexing.tend()
    (name,) = built()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", [name])
    indexing.tend()
    row = VectorIndex.objects.get(container_id=container.id)
    with connection.cursor() as cursor:
        cursor.execute(indexing.BUILT)
        assert (row.state, cursor.fetchall()) == ("ready", [(name, True)])


def _parameters() -> dict[str, Any]:
    return {key: value for key, value in connection.get_connection_params().items() if key not in indexing.IGNORED}
