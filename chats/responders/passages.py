"""What an answer may use, as far as the question finds it."""

from __future__ import annotations

from collections.abc import Sequence

from chats.files import SELECTED, selected
from memories.models import Memory
from memories.retrieval import Passage, Query, openings, retrieve
from spaces_project.kit.statements import TookTooLong, bounded

from .base import Dialogue, Failed

PARAMETERS = "toolParameters"


def beginnings(dialogue: Dialogue, files: Sequence[str], most: int) -> tuple[Passage, ...]:
    """The first passages of the selected files of its chat, in their order."""
    if dialogue.chat is None:
        return ()
    return openings(Memory.objects.of(dialogue.space.account_id).in_chat(dialogue.chat), selected(files), most)


def found(dialogue: Dialogue, most: int) -> tuple[Passage, ...]:
    """The best passages for the question of this dialogue, at most ``most``, under its rules and rights.

    Of the files of its chat a message gets those that it selects; all when it says nothing. A message that selects
    files and has no text gets their beginnings. Raises Failed when nothing could be found because an embedder failed.
    """
    files = dialogue.options.get(SELECTED)
    if files and not dialogue.question.strip():
        return beginnings(dialogue, files, most)
    query = Query(
        text=dialogue.question,
        limit=most,
        rules=dialogue.rules,
        user_metadata=dialogue.actor.user_metadata,
        tool_parameters=dialogue.options.get(PARAMETERS) or {},
        chat=None if files == [] else dialogue.chat,
        chat_files=selected(files) if files else None,
        folders=dialogue.folders,
        for_answer=True,
    )
    source = "answer" if dialogue.chat else ""  # what is stored nowhere leaves no trace in the history of searches
    try:
        with bounded():
            passages = retrieve(dialogue.actor, [dialogue.space], query, source)
    except TookTooLong as error:
        raise Failed("The memories could not be searched in time. Simpler rules help.") from error
    if not passages and passages.problems:  # to say that there is nothing would be wrong
        raise Failed(f"The memories could not be searched. {passages.problems[0].message}", may_retry=True)
    return tuple(passages)
