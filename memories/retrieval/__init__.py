"""Finding what an answer may use. The one door to passages, for chats, the dialects' searches and the retrieval page.

    retrieve(actor, spaces, Query("How long may I return it?"))        # what an answer uses
    search(actor, [Place(space, filter=parse("…"))], Query("…"))       # the dialects' searches, with a filter per space

Both search exactly what their conditions leave: by meaning (vectors of every embedder of a space, weighted), by words,
or both fused by rank; docs/retrieval.md tells how.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .history import keep
from .openings import openings
from .rules import binding_rules
from .search import run
from .types import Found, HnswOptions, Merge, Mode, Passage, Place, Problem, Query, Stage

if TYPE_CHECKING:
    from spaces.actors import Actor
    from spaces.models import Space

__all__ = [
    "Found",
    "HnswOptions",
    "Merge",
    "Mode",
    "Passage",
    "Place",
    "Problem",
    "Query",
    "Stage",
    "binding_rules",
    "openings",
    "retrieve",
    "search",
]


def retrieve(actor: Actor, spaces: Sequence[Space], query: Query, source: str = "") -> Found:
    """The best passages for ``query`` in ``spaces``, as ``actor`` may see them.

    ``spaces`` are those that the caller looked up as readable by the actor (spaces.permissions); the folders are
    checked here. A memory counts only when its ingestion is complete, it has not expired, and every rule matches it.
    No passage, no count and no score tells of a memory that a rule excludes.

    Raises InvalidFilter for a rule that is not UniqueQL, before anything is searched.
    """
    return search(actor, [Place(space) for space in spaces], query, source)


def search(actor: Actor, places: Sequence[Place], query: Query, source: str = "") -> Found:
    """As ``retrieve``, in places that each have a filter and weights of their own.

    ``source`` says who searches (a dialect, "page", "answer"): such searches are kept for the page's history.
    """
    if not query.text.strip():
        binding_rules(query)
        return Found()
    found = run(actor, places, query)
    if source:
        keep(actor, places, query, found, source)
    return found
