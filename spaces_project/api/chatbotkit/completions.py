"""Answers: stored ones, which a job writes while we watch, and those of which nothing is kept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from chats.models import Assistant, Message
from chats.models.chats import Role
from chats.models.messages import Kind
from chats.responders import Debug, Dialogue, Failed, Piece, Said, Thought, Turn, Usage, Waits, responder_for
from chats.watching import Snapshot, watch
from spaces.actors import Actor
from spaces.errors import Conflict
from spaces.models import Space
from spaces_project.kit import limits
from spaces_project.kit.exports import release_connection

from .errors import AnswerFailed, Unfinished
from .message_types import role_and_kind
from .outcomes import Growing, Outcome, event, outcome_of, reason

INSTRUCTING = {Kind.BACKSTORY, Kind.INSTRUCTION, Kind.CONTEXT}

# ------------------------------------------------------------ a stored answer


def waited(answer: Message, watching: watch) -> Outcome:
    """The finished answer. Raises AnswerFailed, NotFound, and Unfinished after COMPLETE_SECONDS."""
    with watching:
        last = next(shot for shot in _until(watching, limits.COMPLETE_SECONDS) if shot and shot.is_final)
    return outcome_of(answer, last)


def followed(answer: Message, watching: watch) -> Iterator[bytes]:
    """The events of the answer as it grows. Raises what ``waited`` raises, after COMPLETE_STREAM_SECONDS."""
    growing, last = Growing(), None
    for last in _until(watching, limits.COMPLETE_STREAM_SECONDS):
        new = growing.more(last.text) if last else ""
        if new or not last:
            yield event("token", {"token": new})
    assert last is not None, "what is watched ends with what it became"
    outcome = outcome_of(answer, last)
    release_connection()
    if outcome.thoughts:
        yield event("reasoningToken", {"token": outcome.thoughts})
    yield from outcome.events()


def _until(watching: watch, seconds: int) -> Iterator[Snapshot | None]:
    """What is seen, for this long. No database connection is held meanwhile."""
    end = time.monotonic() + seconds
    release_connection()
    for snapshot in watching:
        if time.monotonic() > end and not (snapshot and snapshot.is_final):
            raise Unfinished
        yield snapshot


# -------------------------------------------------- of which nothing is stored


def dialogue(by: Actor, space: Space, fields: dict[str, Any]) -> Dialogue:
    """What a responder is asked when everything comes with the request."""
    assistant = Assistant.of(space)
    said = [({**role_and_kind(each["type"])}, each["text"]) for each in fields["messages"]]
    told = [text for kind, text in said if kind["kind"] in INSTRUCTING]
    texts = [assistant.instructions, fields.get("backstory", ""), *told]
    talk = tuple(Turn(kind["role"], text) for kind, text in said if not kind["kind"] and text)
    return Dialogue(
        space=space,
        actor=by,
        turns=_newest(talk),
        instructions=tuple(text for text in texts if text.strip()),
        rules=tuple(rule.rule for rule in assistant.rules()),
        model=fields.get("model", ""),
        folders=assistant.internal_search,
    )


def _newest(talk: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """The end of the talk: at most HISTORY_MESSAGES and HISTORY_CHARS."""
    kept: list[Turn] = []
    left = limits.HISTORY_CHARS
    for turn in reversed(talk[-limits.HISTORY_MESSAGES :]):
        if kept and len(turn.text) > left:
            break
        kept.append(Turn(turn.role, turn.text[: limits.HISTORY_CHARS]))
        left -= len(turn.text)
    return tuple(reversed(kept))


class Passing:
    """An answer that is told while it is made, and then forgotten."""

    def __init__(self, asked: Dialogue) -> None:
        self.asked = asked
        self.texts: list[str] = []
        self.outcome = Outcome(text="")

    def events(self) -> Iterator[bytes]:
        """Each piece as it comes, then the rest. Raises what ``answered`` raises."""
        for piece in self.pieces():
            if isinstance(piece, Said):
                yield event("token", {"token": piece.text})
            elif isinstance(piece, Thought):
                yield event("reasoningToken", {"token": piece.text})
        yield from self.outcome.events()

    def answered(self) -> Outcome:
        """The whole answer. Raises AnswerFailed; Conflict where an external system answers."""
        for _ in self.pieces():
            pass
        return self.outcome

    def pieces(self) -> Iterator[Piece]:
        responder = responder_for(Assistant.of(self.asked.space), self.asked.model)
        self.outcome.model = responder.name
        release_connection()
        try:
            with closing(responder.respond(self.asked)) as pieces:  # type: ignore[type-var]
                yield from self._kept(pieces)
        except Failed as failure:
            raise AnswerFailed(str(failure)) from failure
        except Waits as waits:
            raise Conflict("An external system answers in this space: ask in a stored conversation.") from waits
        finally:
            release_connection()
        self.outcome.text = "".join(self.texts)

    def _kept(self, pieces: Iterator[Piece]) -> Iterator[Piece]:
        """The pieces, each noted. Raises Failed when it takes too long or gets too much."""
        end, length = time.monotonic() + limits.COMPLETE_SECONDS, 0
        for piece in pieces:
            self._note(piece)
            length += len(piece.text) if isinstance(piece, Said) else 0
            if length > limits.MESSAGE_CHARS:
                raise Failed("The answer is longer than a message may be.")
            if time.monotonic() > end:
                raise Failed(f"The answer took longer than {limits.COMPLETE_SECONDS} seconds.")
            yield piece

    def _note(self, piece: Piece) -> None:
        match piece:
            case Said(text):
                self.texts.append(text)
            case Usage(model, prompt_tokens, completion_tokens):
                self.outcome.model = model
                self.outcome.input_tokens += prompt_tokens
                self.outcome.output_tokens += completion_tokens
            case Debug(values):
                self.outcome.reason = reason(values) if "finishReason" in values else self.outcome.reason


def has_question(asked: Dialogue) -> bool:
    """Whether there is anything to answer."""
    return any(turn.role == Role.USER for turn in asked.turns)
