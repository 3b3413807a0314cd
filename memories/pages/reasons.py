"""Why a memory or a chunk is not among what was found, in words."""

from __future__ import annotations

from collections.abc import Sequence

from memories.retrieval import Place, Query
from memories.retrieval.explaining import Reason, why_not
from spaces.actors import Actor
from spaces_project.kit.ids import InvalidId, decode_any


def reason_for(actor: Actor, places: Sequence[Place], query: Query, text: str) -> Reason:
    """The reason for the memory or chunk whose id ``text`` is, in any dialect's spelling, or its address."""
    try:
        return why_not(actor, places, query, decode_any(text.strip().strip("/").rpartition("/")[2]))
    except InvalidId:
        return Reason("unknown", "This is not the id of a memory or a chunk in any dialect.")
