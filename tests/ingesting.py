"""Ingesting memories inside a test, without a worker."""

from __future__ import annotations

from typing import Any

from memories import ingestion
from memories.models import Embedder, Memory
from memories.models.embedders import Builtin
from spaces.actors import Actor
from spaces.models import Account


def use_hashing(account: Account) -> Embedder:
    """Let lexical hashing embed what names no embedder: it needs no model, and is quick."""
    Embedder.default_of(account)  # the first call makes the built-in ones
    embedder: Embedder = Embedder.objects.of(account).get(builtin=Builtin.HASHING)
    embedder.make_default(Actor.system(account))
    return embedder


def ingest_all(account: Account) -> None:
    """Do what the worker would do now."""
    for memory in Memory.objects.of(account).unfinished().order_by("created_at", "id"):
        ingestion.ingest(account.pk, memory.pk, memory.generation)


def state_of(memory: Any) -> str:
    """The state in the database."""
    return str(Memory.objects.values_list("state", flat=True).get(pk=getattr(memory, "pk", memory)))
