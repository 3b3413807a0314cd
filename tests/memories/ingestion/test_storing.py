"""Rows laid out by numpy, as PostgreSQL reads them back."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from itertools import pairwise
from uuid import RFC_4122, UUID

import numpy as np
import pytest
from django.db import transaction

from memories import binary
from memories.chunking import Span
from memories.embedders.tokens import count_tokens
from memories.models import Chunk, Embedding
from memories.storing import ROWS, copy_chunks, copy_vectors, pages_of

from .world import World

AT = datetime(2026, 2, 3, 4, 5, 6, 789_012, UTC)
pytestmark = pytest.mark.django_db


def test_ids_are_uuids_of_now_in_order() -> None:
    before = time.time_ns() // 1_000_000
    ids = [UUID(bytes=each.tobytes()) for each in binary.new_ids(3_000)]
    assert {(each.version, each.variant) for each in ids} == {(7, RFC_4122)}
    assert before <= ids[0].int >> 80 <= time.time_ns() // 1_000_000
    assert all(one < next_ for one, next_ in pairwise(ids))
    assert not set(ids) & {UUID(bytes=each.tobytes()) for each in binary.new_ids(3_000)}
    assert len(binary.new_ids(0)) == 0


@transaction.atomic
def test_chunks_and_vectors_come_back_as_they_were(world: World) -> None:
    memory, embedder = world.add("x"), world.hashing.pk
    texts = ["Grüße", "", "日本 👩", "plain\n"]
    ids = copy_chunks(memory, [Span(0, 5), Span(5, 5), Span(4, 8), Span(8, 14)], texts, AT)
    vectors = np.arange(16, dtype=np.float32).reshape(4, 4)
    copy_vectors(memory, embedder, ids, vectors, AT)
    chunks = list(Chunk.objects.of(memory.account_id).filter(memory=memory).order_by("order"))
    assert [(each.text, each.start, each.end, each.order) for each in chunks] == [
        ("Grüße", 0, 5, 0),
        ("", 5, 5, 1),
        ("日本 👩", 4, 8, 2),
        ("plain\n", 8, 14, 3),
    ]
    assert [each.tokens for each in chunks] == [count_tokens(text) for text in texts]
    assert {(each.created_at, each.updated_at, each.is_disabled, each.first_page) for each in chunks} == {
        (AT, AT, False, None)
    }
    assert b"".join(each.pk.bytes for each in chunks) == ids
    stored = Embedding.objects.of(memory.account_id).filter(memory_id=memory.pk).order_by("id")
    assert [(each.chunk_id, list(each.emb), each.container_id, each.created_at) for each in stored] == [
        (chunk.pk, vector.tolist(), memory.space_id, AT) for chunk, vector in zip(chunks, vectors, strict=True)
    ]
    assert {each.embedder_id for each in stored} == {embedder}


@transaction.atomic
def test_more_rows_than_are_laid_out_at_once_keep_their_order(world: World) -> None:
    memory, count = world.add("x"), 2 * ROWS + 1
    texts = [f"{number}" for number in range(count)]
    copy_chunks(memory, [Span(number, number + 1) for number in range(count)], texts, AT)
    rows = Chunk.objects.of(memory.account_id).filter(memory=memory).order_by("order")
    assert list(rows.values_list("order", "text", "start")) == [(at, f"{at}", at) for at in range(count)]


@transaction.atomic
def test_chunks_of_a_document_with_pages_know_theirs(world: World) -> None:
    memory = world.add("x")
    memory.page_starts = [0, 10, 10, 20]
    copy_chunks(memory, [Span(0, 10), Span(9, 11), Span(12, 25)], ["a", "b", "c"], AT)
    rows = Chunk.objects.of(memory.account_id).filter(memory=memory).order_by("order")
    assert list(rows.values_list("first_page", "last_page")) == [(1, 1), (1, 3), (3, 4)]


def test_pages_of_places_before_the_first_page_and_of_no_length() -> None:
    first, last = pages_of([5, 9], np.array([[0, 3], [9, 9], [0, 100]]))
    assert (first.tolist(), last.tolist()) == ([1, 2, 1], [1, 2, 2])
