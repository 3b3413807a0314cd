"""The interface between what asks and what answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from memories.retrieval import Passage
from spaces.actors import Actor
from spaces.models import Space


def never() -> bool:
    """The ``stop`` of a dialogue that is always wanted."""
    return False


@dataclass(frozen=True)
class Turn:
    """One thing that was said; ``role`` is user, assistant or system."""

    role: str
    text: str


@dataclass(frozen=True)
class Dialogue:
    """What a responder is asked: the talk so far, oldest first, which ends with what is to be answered.

    ``instructions`` come before it. ``actor`` is the person whose rights bind what may be used; ``rules`` are all
    that must hold for it (the space's and the message's), as UniqueQL in JSON. ``chat`` is None when nothing is
    stored. ``options`` is what the message asked for besides its text: languageModel, toolChoices, …
    ``folders``: files in folders that the actor may read count too. ``stop`` says that nobody wants the answer any
    more; a responder that waits asks it at least once a second, and ends.
    """

    space: Space
    actor: Actor
    turns: tuple[Turn, ...]
    instructions: tuple[str, ...] = ()
    rules: tuple[Any, ...] = ()
    chat: UUID | None = None
    question_id: UUID | None = None
    answer_id: UUID | None = None
    model: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    folders: bool = False
    stop: Callable[[], bool] = never

    @property
    def question(self) -> str:
        """The newest text of the user."""
        return next((turn.text for turn in reversed(self.turns) if turn.role == "user"), "")


# ------------------------------------------------- what a responder yields


@dataclass(frozen=True)
class Said:
    """More text of the answer."""

    text: str


@dataclass(frozen=True)
class Thought:
    """More of what a model thinks aloud; not part of the answer."""

    text: str


@dataclass(frozen=True)
class References:
    """What the marks <sup>1</sup>, <sup>2</sup>, … of the text stand for, in this order.

    ``original`` are the numbers that the model itself used for each, where they differ.
    """

    passages: tuple[Passage, ...]
    original: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class Original:
    """The whole text as the model wrote it, with its own marks."""

    text: str


@dataclass(frozen=True)
class Usage:
    """What one call of a model took, in tokens."""

    model: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    source: str = "answer"


@dataclass(frozen=True)
class Debug:
    """Anything else worth keeping with the question, under names of its own."""

    values: dict[str, Any]


Piece = Said | Thought | References | Original | Usage | Debug


class Failed(Exception):
    """No answer. ``str(error)`` is a sentence for the user: it never holds a secret, an address or a body."""

    def __init__(self, sentence: str, *, may_retry: bool = False) -> None:
        super().__init__(sentence)
        self.may_retry = may_retry


class Waits(Exception):
    """Somebody else will write the answer, later and through the API.

    ``announce`` is called in the transaction in which the answer begins to wait, to enqueue what tells that somebody.
    """

    def __init__(self, announce: Callable[[], None] | None = None) -> None:
        super().__init__("The answer comes from elsewhere.")
        self.announce = announce or (lambda: None)


class Responder(ABC):
    """Writes the answer to a dialogue.

    ``respond`` yields pieces as they come, and ends. It raises Failed, or Waits before any text. It may be
    closed at any point (the user stopped, the worker ends) and must then let go of what it holds. No database
    connection is held between pieces.
    """

    name: str
    note: Mapping[str, Any] = {}  # kept with the answer: how this responder came to be chosen

    @abstractmethod
    def respond(self, dialogue: Dialogue) -> Iterator[Piece]: ...
