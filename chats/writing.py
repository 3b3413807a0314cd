"""Storing what a responder says: at a bounded rate while it comes, and whole in the end.

Every write is fenced by the answer's ``generation``: a writer that was overtaken, or whose answer was stopped or
deleted, finds no row and ends.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import DatabaseError, InterfaceError, transaction
from django.utils import timezone

from spaces import audit
from spaces.actors import Actor
from spaces.errors import SpacesError
from spaces.holding import hold_space_of
from spaces_project.kit import limits
from spaces_project.kit.exports import release_connection

from .models import Assistant, Chat, Message, Reference
from .models.messages import State
from .replies import finish_turn
from .responders import (
    Debug,
    Dialogue,
    Failed,
    Original,
    Piece,
    References,
    Responder,
    Said,
    Thought,
    Usage,
    Waits,
    responder_for,
)
from .responders.base import never

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.5  # between two looks whether the answer is still wanted, while nothing comes
CHARS_PER_SECOND = 1_000_000  # a long text is stored less often: each time it is written whole
INTERRUPTED = "The answer was interrupted several times. Please ask again."
OUR_FAULT = "Something went wrong in Spaces while this was answered. It was noted down. Please ask again."


class Overtaken(Exception):
    """The answer is no longer this worker's: stopped, deleted, or taken by another."""


class Interrupted(Exception):
    """This worker is to end."""


@dataclass
class Writer:
    """Stores what a responder says about one claimed answer, at most every ANSWER_FLUSH_MILLISECONDS."""

    answer: Message
    interrupted: Callable[[], bool] = never
    text: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    debug: dict[str, Any] = field(default_factory=dict)
    usage: list[Usage] = field(default_factory=list)
    references: References = field(default_factory=lambda: References(()))
    original: str = ""
    length: int = 0
    thought: int = 0
    flushed: int = 0
    looked_at: float = 0.0
    until: float = 0.0
    ended: Overtaken | Interrupted | None = None

    def run(self, dialogue_of: Callable[[Message, Assistant], Dialogue]) -> None:
        """Let the responder write, and end the answer one way or another; only errors of the database come out."""
        if self.answer.attempts > limits.ANSWER_ATTEMPTS:
            return self.fail(INTERRUPTED)
        try:
            self._answer(dialogue_of)
        except Overtaken:
            pass
        except Interrupted:
            self.put_back()
        except Waits as waits:
            self.wait(waits)
        except (Failed, SpacesError) as failure:
            self.fail(str(failure))
        except (DatabaseError, InterfaceError):
            raise  # the job is tried again
        except Exception:
            logger.exception("answer %s could not be written", self.answer.pk)
            self.fail(OUR_FAULT)
        return None

    def _answer(self, dialogue_of: Callable[[Message, Assistant], Dialogue]) -> None:
        assistant = Assistant.of(self.answer.chat.space)
        dialogue = dialogue_of(self.answer, assistant)
        try:
            self.follow(responder_for(assistant, dialogue.model), replace(dialogue, stop=self.stop))
        except Failed:
            if self.ended is None:
                raise
        if self.ended is not None:
            raise self.ended
        self.finish()

    def follow(self, responder: Responder, dialogue: Dialogue) -> None:
        """Take piece after piece. Raises what the responder raises, Overtaken, and Failed when it takes too long."""
        self.until = time.monotonic() + limits.ANSWER_SECONDS
        self.debug |= {"responder": responder.name, **responder.note}
        release_connection()  # none is held while a model thinks
        with closing(responder.respond(dialogue)) as pieces:  # type: ignore[type-var]
            for piece in pieces:
                self.take(piece)
                if time.monotonic() > self.until:
                    raise Failed(f"The answer took longer than {limits.ANSWER_SECONDS} seconds.")

    def stop(self) -> bool:
        """What a responder asks while it waits: stores what is not stored yet, and says whether to end."""
        try:
            if self.ended is None:
                self._look()
        except (Overtaken, Interrupted) as reason:
            self.ended = reason
        return self.ended is not None

    def _look(self) -> None:
        if self.interrupted():
            raise Interrupted
        if self.flushed < self.length:
            self._flush_if_due()
        elif time.monotonic() - self.looked_at >= LOOK_SECONDS:
            self.looked_at = time.monotonic()
            wanted = self._mine().exists()
            release_connection()
            if not wanted:
                raise Overtaken

    # ------------------------------------------------------------- what comes

    def take(self, piece: Piece) -> None:
        """Keep one piece; text goes to the database when the last time was long enough ago."""
        match piece:
            case Said(text):
                self.say(text)
            case Thought(text):
                if self.thought < limits.REASONING_CHARS:
                    self.thoughts.append(text[: limits.REASONING_CHARS - self.thought])
                self.thought += len(text)
            case References():
                self.references = piece
            case Original(text):
                self.original = storable(text)
            case Usage():
                self.usage.append(piece)
            case Debug(values):
                self.debug.update(values)

    def say(self, text: str) -> None:
        self.text.append(storable(text))
        self.length += len(text)
        if self.length > limits.MESSAGE_CHARS:
            raise Failed("The answer is longer than a message may be.")
        self._flush_if_due()

    def _flush_if_due(self) -> None:
        pause = limits.ANSWER_FLUSH_MILLISECONDS / 1000 + self.length / CHARS_PER_SECOND
        if time.monotonic() - self.looked_at >= pause or not self.flushed:
            self.flush()

    # ---------------------------------------------------------- what is stored

    def flush(self) -> None:
        """One UPDATE; with the first one streaming has begun."""
        if self.answer.started_at is None:
            self.answer.started_at = timezone.now()
        self.update(text="".join(self.text), started_at=self.answer.started_at)
        release_connection()
        self.flushed, self.looked_at = self.length, time.monotonic()

    def _mine(self) -> Any:
        return Message.objects.of(self.answer.account_id).filter(
            pk=self.answer.pk, generation=self.answer.generation, state=State.ANSWERING
        )

    def update(self, **values: Any) -> None:
        """Change the answer if it still is ours; else Overtaken."""
        if not self._mine().update(**values, updated_at=timezone.now()):
            raise Overtaken

    @transaction.atomic
    def finish(self) -> None:
        """The whole text, its references, and the usage on the question, in one transaction."""
        now = timezone.now()
        started = self.answer.started_at or now
        thoughts = {"reasoning": "".join(self.thoughts)} if self.thoughts else {}
        debug = storable({**self.debug, **thoughts})
        stamps = {"started_at": started, "stopped_at": now, "completed_at": now}
        text = {"text": "".join(self.text), "original_text": self.original}
        self.update(state=State.DONE, debug_info=debug, **text, **stamps)
        self._refer()
        self._close(State.DONE, debug)

    def fail(self, sentence: str) -> None:
        """No answer, and why. What there was of a text is kept for those who look into it, not shown as an answer."""
        now = timezone.now()
        partial = {"partialText": "".join(self.text)[: limits.REASONING_CHARS]} if self.text else {}
        debug = storable({**self.debug, **partial, "error": sentence})
        stamps = {"stopped_at": now, "completed_at": now, "started_at": self.answer.started_at or now}
        try:
            with transaction.atomic():
                self.update(state=State.FAILED, text="", error=sentence[:500], debug_info=debug, **stamps)
                self._close(State.FAILED, debug)
        except Overtaken:
            return

    def wait(self, waits: Waits) -> None:
        """Somebody else writes this answer; told in the same transaction."""
        try:
            with transaction.atomic():
                hold_space_of(Chat, self.answer.account_id, self.answer.chat_id)
                self.update(state=State.WAITING, debug_info=storable(self.debug))
                waits.announce()
        except Overtaken:
            return

    def put_back(self) -> None:
        """Nothing was written: the next worker begins anew, and this was no attempt."""
        try:
            attempts = max(self.answer.attempts - 1, 0)
            self.update(state=State.QUEUED, text="", started_at=None, attempts=attempts)
        except Overtaken:
            return

    def _refer(self) -> None:
        passages = self.references.passages[: limits.REFERENCES_PER_MESSAGE]
        original = [list(numbers) for numbers in self.references.original] or [[n + 1] for n in range(len(passages))]
        Reference.objects.bulk_create(
            Reference(
                account_id=self.answer.account_id,
                message=self.answer,
                number=number,
                name=passage.name[: limits.REFERENCE_NAME_CHARS],
                url=passage.url or "",
                source="node-ingestion-chunks",
                original_index=original[number - 1],
                memory_id=passage.memory_id,
                chunk_id=passage.chunk_id,
                text=passage.text[: limits.QUOTE_CHARS],
                pages=list(passage.pages) if passage.pages else None,
                score=passage.score,
            )
            for number, passage in enumerate(passages, start=1)
        )

    def _close(self, state: str, debug: dict[str, Any]) -> None:
        """Whose turn it was, what it took, and the entry in the audit."""
        finish_turn(self.answer, failed=state == State.FAILED)
        if self.answer.answers_id:
            question = Message.objects.of(self.answer.account_id).filter(pk=self.answer.answers_id)
            question.update(debug_info=debug | invocations(self.usage), updated_at=timezone.now())
        system = Actor.system(self.answer.chat.space.account, self.debug.get("responder", "responder"))
        audit.record(system, "message.answer", self.answer, {"state": [State.ANSWERING, state], "text": None})


def invocations(usage: list[Usage]) -> dict[str, Any]:
    """Token usage as Unique's clients wait for it on the user's message."""
    calls = [
        {
            "modelName": call.model,
            "source": call.source,
            "tokenUsage": {
                "promptTokens": call.prompt_tokens,
                "completionTokens": call.completion_tokens,
                "totalTokens": call.prompt_tokens + call.completion_tokens,
            },
        }
        for call in usage
    ]
    return {"llm_invocations": calls, "llm_invocations_complete": True}


def storable(value: Any) -> Any:
    """``value`` without what PostgreSQL cannot store: NUL is left out, half a character becomes a question mark."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {storable(name): storable(each) for name, each in value.items()}
    return [storable(each) for each in value] if isinstance(value, list | tuple) else value
