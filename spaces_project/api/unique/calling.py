"""Calls of models for a program: answers of a language model, vectors of the embedder, and questions put for a search.

Nothing of them is stored. They take a place among the streams of this process while they wait.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from chats.models import Chat, Message
from chats.responders.base import Debug, Failed, Said, Usage
from chats.responders.openai_compatible import Transcriber
from chats.watching import TooManyStreams, seat
from memories.completion import ModelFailure, Options, complete
from memories.embedders.base import EmbeddingFailed
from memories.models import Embedder, LanguageModel
from spaces.actors import Actor
from spaces.errors import Conflict, InvalidInput
from spaces.permissions import can
from spaces_project.api.errors import Unavailable
from spaces_project.kit import limits
from spaces_project.kit.exports import release_connection
from spaces_project.kit.sealed import CannotUnseal

from .reading import named_chat
from .shapes import Shape

NO_MODEL = "No language model is configured. An administrator adds one in the settings."
TOO_LATE = "The language model took too long to answer."
TURNS = 10  # of a talk, that say what a question is about
PHRASING = (
    "You turn the last message of a talk into one text to search documents with. It must be understood without the "
    "talk. Answer with that text alone, in the language of the message."
)


@dataclass
class Answer:
    """What a language model said, and what it took."""

    text: str = ""
    reason: str = "stop"
    prompt_tokens: int = 0
    completion_tokens: int = 0


def model_named(actor: Actor, name: str) -> LanguageModel | None:
    """The one of this name, else the account's default, as in chats; None when there is none."""
    models = LanguageModel.objects.of(actor.account).active()  # type: ignore[arg-type]
    found = models.called(name).first() if name.strip() else None
    return found or models.default()


def completion(actor: Actor, given: Mapping[str, Any]) -> tuple[LanguageModel, Answer]:
    """The answer to a CompletionBody. Raises Conflict and Unavailable, with the reason."""
    model = model_named(actor, given.get("model", ""))
    if model is None:
        raise Conflict(NO_MODEL)
    seconds = min(given.get("timeout", limits.COMPLETE_SECONDS * 1000) / 1000, limits.COMPLETE_SECONDS)
    return model, answered(model, given["messages"], _options(given.get("options", {})), seconds)


def _options(given: Mapping[str, Any]) -> Options:
    temperature, most = given.get("temperature"), given.get("max_tokens", given.get("maxTokens"))
    if temperature is not None and not (_is_number(temperature) and 0 <= temperature <= 2):
        raise InvalidInput("options.temperature: Must be a number from 0 to 2.", field="options")
    if most is not None and not (_is_number(most) and isinstance(most, int) and 0 < most < 2**31):
        raise InvalidInput("options.max_tokens: Must be a whole number from 1.", field="options")
    return Options(temperature, most)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def answered(model: LanguageModel, messages: Sequence[Mapping[str, str]], options: Options, seconds: float) -> Answer:
    """The whole answer. Raises Conflict, and Unavailable for what may work in a moment."""
    answer, until = Answer(), time.monotonic() + seconds
    try:
        with seat():
            release_connection()
            events = complete(model, messages, options=options, stop=lambda: time.monotonic() > until)
            with closing(events):  # type: ignore[type-var]
                _listen(answer, Transcriber(model.model_identifier, 0), events)
    except TooManyStreams as error:
        raise Unavailable(str(error)) from error
    except ModelFailure as failure:
        raise (Unavailable if failure.may_retry else Conflict)(str(failure)) from failure
    except Failed as failure:
        raise Conflict(TOO_LATE if time.monotonic() > until else str(failure)) from failure
    if time.monotonic() > until:
        raise Conflict(TOO_LATE)
    return answer


def _listen(answer: Answer, transcriber: Transcriber, events: Any) -> None:
    """Note what comes. Failed when there is no text, or more than a message may have."""
    for event in events:
        for piece in transcriber.pieces(event):
            _note(answer, piece)
    for piece in transcriber.end(()):
        _note(answer, piece)


def _note(answer: Answer, piece: Any) -> None:
    match piece:
        case Said(text):
            answer.text += text
            if len(answer.text) > limits.MESSAGE_CHARS:
                raise Failed("The answer is longer than a message may be.")
        case Usage(_, prompt_tokens, completion_tokens):
            answer.prompt_tokens, answer.completion_tokens = prompt_tokens, completion_tokens
        case Debug(values):
            answer.reason = values.get("finishReason") or answer.reason


def told(model: LanguageModel, answer: Answer, pk: str) -> Shape:
    """The answer as OpenAI writes it, which is the vendor's way, too."""
    used = {"prompt_tokens": answer.prompt_tokens, "completion_tokens": answer.completion_tokens}
    return {
        "id": pk,
        "object": "openai.chat.completion",
        "created": int(time.time()),
        "model": model.name,
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": answer.text}, "finish_reason": answer.reason}
        ],
        "usage": {**used, "total_tokens": sum(used.values())},
    }


# ------------------------------------------------------------------------ vectors


def vectors(actor: Actor, texts: Sequence[str]) -> list[list[float]]:
    """Of each text its vector by the account's default embedder. Raises Conflict and Unavailable."""
    if not texts:
        return []
    embedder = Embedder.default_of(actor.account)  # type: ignore[arg-type]
    if not embedder.builtin:
        release_connection()
    try:
        found = embedder.program().embed(list(texts))
    except EmbeddingFailed as error:
        raise (Unavailable if error.is_temporary else Conflict)(f"Embedding failed: {error.message}") from error
    except CannotUnseal as error:
        raise Conflict(str(error)) from error
    return [[float(number) for number in vector] for vector in found]


# ---------------------------------------------------------------------- questions


def phrased(actor: Actor, given: Mapping[str, Any]) -> str:
    """The prompt of a SearchStringBody as something to search for: as it is, or, where there is a talk and a language
    model, as that puts it."""
    prompt: str = given["prompt"]
    talk = _talk(named_chat(actor, given), given.get("messages", ()))
    model = model_named(actor, given.get("languageModel", ""))
    if model is None or not talk or not prompt.strip() or not can(actor, "model.use"):
        return prompt
    said = "\n".join(f"{role}: {text}" for role, text in talk)
    messages = [
        {"role": "system", "content": PHRASING},
        {"role": "user", "content": f"{said}\n\nLast message: {prompt}"},
    ]
    try:
        text = answered(model, messages, Options(max_tokens=limits.REPLY_TOKENS), limits.MODEL_SECONDS).text
    except (Conflict, Unavailable):
        return prompt
    return text.strip()[: limits.QUESTION_CHARS] or prompt


def _talk(chat: Chat | None, messages: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
    """Role and text of the newest messages, oldest first."""
    said = [(each["role"], each["text"]) for each in messages]
    if chat is not None and not said:
        rows = Message.objects.of(chat.account_id).filter(chat=chat).talk().exclude(text="")
        said = [(row.role, row.text) for row in rows.newest_first()[:TURNS]][::-1]
    return [(role, text[: limits.QUOTE_CHARS]) for role, text in said[-TURNS:]]
