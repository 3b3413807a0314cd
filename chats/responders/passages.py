"""What an answer may use, as far as the question finds it."""

from __future__ import annotations

from chats.files import SELECTED, selected
from memories.retrieval import Passage, Query, retrieve
from spaces_project.kit.statements import TookTooLong, bounded

from .base import Dialogue, Failed

PARAMETERS = "toolParameters"


def found(dialogue: Dialogue, most: int) -> tuple[Passage, ...]:
    """The best passages for the question of this dialogue, at most ``most``, under its rules and rights.

    Of the files of its chat a message gets those that it selects; all when it says nothing. Raises Failed when nothing
    could be found because an embedder failed.
    """
    files = dialogue.options.get(SELECTED)
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
