"""The answer of a language model to what was retrieved, written while the stream stays alive."""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Iterator, Sequence

from memories.completion import ModelFailure, Options, Text, complete
from memories.retrieval import Passage

from .events import ALIVE, Event, status_event
from .retrieval import Chat, Retrieved, Status, token_budget

ALIVE_SECONDS = 10
SYSTEM = "You answer questions from the passages you are given, and say so when they do not hold the answer."
PROMPT = """Answer the question with the help of these passages alone. Cite a passage by its number in brackets.

{{ dataSection }}

Question: {{ userQuery }}
"""
VARIABLE = re.compile(r"\{\{\s*(\w+)\s*(?:\|[^{}]*)?\}\}", re.ASCII)


def reply(found: Retrieved) -> Iterator[Event]:
    """What comes behind the hits: an answer, or why there is none."""
    chat = found.chat
    if chat is None or found.is_dead:
        return
    yield from (status_event(each) for each in chat.after)
    if chat.llm is not None and found.passages:
        yield from _answered(found, chat)


def _answered(found: Retrieved, chat: Chat) -> Iterator[Event]:
    """The model is asked by another thread, which needs no database; it is stopped when the client leaves."""
    outcome: queue.Queue[str | ModelFailure] = queue.Queue()
    gone = threading.Event()
    threading.Thread(target=_ask, args=(found, chat, outcome, gone), daemon=True).start()
    try:
        while True:
            try:
                told = outcome.get(timeout=ALIVE_SECONDS)
            except queue.Empty:
                yield ALIVE
                continue
            break
    finally:
        gone.set()
    if isinstance(told, ModelFailure):
        details = {"llm_id": str(chat.llm.pk)} if chat.llm else {}
        yield status_event(Status("SUMMARIZATION_FAILED", f"Summarization failed: {told}", details))
    else:
        yield {"abstractReply": {"text": told, "relevanceScore": 0.0, "resultSetId": found.id}}


def _ask(found: Retrieved, chat: Chat, outcome: queue.Queue[str | ModelFailure], gone: threading.Event) -> None:
    assert chat.llm is not None
    options = Options(temperature=chat.config["llm_temp"], max_tokens=token_budget(found.given, chat))
    try:
        events = complete(chat.llm, messages(found, chat), options=options, stop=gone.is_set)
        outcome.put("".join(event.text for event in events if isinstance(event, Text)))
    except ModelFailure as failure:
        outcome.put(failure)
    except Exception:
        outcome.put(ModelFailure("The language model could not be asked."))
        raise


def messages(found: Retrieved, chat: Chat) -> list[dict[str, str]]:
    """What the model is sent: both templates with their variables filled in; other variables are empty."""
    extra = [item["text"] for item in found.given["context"] if "text" in item]
    values = {"userQuery": found.given["message"], "dataSection": data_section(found.passages, extra)}

    def filled(template: str) -> str:
        return VARIABLE.sub(lambda match: values.get(match[1], ""), template)

    return [
        {"role": "system", "content": filled(chat.config["sys_prompt"] or SYSTEM)},
        {"role": "user", "content": filled(chat.config["prompt"] or PROMPT)},
    ]


def data_section(passages: Sequence[Passage], extra: Sequence[str]) -> str:
    """The passages, numbered from 1, and what the caller gave with the question."""
    told = [f"[{number}] {passage.name}\n{passage.text}" for number, passage in enumerate(passages, start=1)]
    return "\n\n".join([*told, *extra])
