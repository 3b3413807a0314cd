"""What an answer may use, as far as the question finds it."""

from __future__ import annotations

from memories.retrieval import Passage, Query, retrieve

from .base import Dialogue

SELECTED = "selectedUploadedFileIds"


def found(dialogue: Dialogue, most: int) -> tuple[Passage, ...]:
    """The best passages for the question of this dialogue, at most ``most``, under its rules and rights.

    A message that selects none of the files of its chat gets none of them.
    """
    query = Query(
        text=dialogue.question,
        limit=most,
        rules=dialogue.rules,
        chat=None if dialogue.options.get(SELECTED) == [] else dialogue.chat,
        folders=dialogue.folders,
        for_answer=True,
    )
    source = "answer" if dialogue.chat else ""  # what is stored nowhere leaves no trace in the history of searches
    return tuple(retrieve(dialogue.actor, [dialogue.space], query, source))
