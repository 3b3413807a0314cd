"""Why a memory or a chunk is not among what was found, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from memories.retrieval import Place, Query
from spaces.actors import Actor
from spaces.errors import InvalidInput, NotFound
from spaces_project.kit.ids import InvalidId, decode_any


def reason_for(actor: Actor, places: Sequence[Place], query: Query, text: str) -> Any:
    """A Reason (code, sentence, rank, score, details) of the memory or chunk whose id ``text`` is."""
    from memories.explaining import Reason, why_not

    try:
        return why_not(actor, places, query, decode_any(text))
    except InvalidId:
        return Reason("NOT_AN_ID", "This is not the id of a memory or a chunk in any dialect.")
    except (NotFound, InvalidInput) as error:
        return Reason("NOT_FOUND", str(error))
