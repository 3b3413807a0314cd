"""What goes wrong with a language model, in words for the person who asked."""

from __future__ import annotations

from spaces_project.kit.egress import BadStatus, Broken, EgressError, Refused, TimedOut, TooLarge, Unreachable

NOT_UNDERSTOOD = "The language model answered something that is not understood."
BROKE_OFF = "The language model broke off in the middle of its answer."
EMPTY = "The language model gave an empty answer."
BUSY = "The language model is too busy at the moment. Please ask again later."
REFUSED_KEY = "The language model refused the key. An administrator has to enter a new one."
NO_QUOTA = "The account at the language model has nothing left to spend."
TOO_LONG = "The conversation is too long for the language model."
UNKNOWN_MODEL = "The server of the language model does not know this model or this address."
BY_STATUS = {401: REFUSED_KEY, 403: REFUSED_KEY, 402: NO_QUOTA, 404: UNKNOWN_MODEL, 413: TOO_LONG}
BY_KIND: tuple[tuple[type[EgressError], str], ...] = (
    (Refused, "The language model's address may not be called. An administrator has to change it or allow it."),
    (Unreachable, "The language model is not reachable."),
    (TimedOut, "The language model took too long to answer."),
    (TooLarge, "The language model answered more than can be taken."),
    (Broken, NOT_UNDERSTOOD),
)
RETRIED_STATUSES = frozenset({429, 500, 502, 503, 504, 529})


class ModelFailure(Exception):
    """No answer, or no more of it. ``str(error)`` is for the user and holds no key, address or body.

    ``may_retry``: the same call may work in a moment; ``retry_after`` are the seconds the server asks for.
    ``detail`` names the server, for administrators.
    """

    def __init__(
        self, sentence: str, *, may_retry: bool = False, retry_after: int | None = None, detail: str = ""
    ) -> None:
        super().__init__(sentence)
        self.may_retry, self.retry_after, self.detail = may_retry, retry_after, detail


def failure_of(error: EgressError, *, has_begun: bool) -> ModelFailure:
    """What an error at the door means to somebody who waits for an answer; ``has_begun``: some of it had come."""
    if isinstance(error, BadStatus):
        return _refusal(error)
    if isinstance(error, Broken) and has_begun:
        return ModelFailure(BROKE_OFF, detail=str(error))
    sentence = next((words for kind, words in BY_KIND if isinstance(error, kind)), NOT_UNDERSTOOD)
    return ModelFailure(sentence, may_retry=isinstance(error, Unreachable), detail=str(error))


def _refusal(error: BadStatus) -> ModelFailure:
    retry = error.status in RETRIED_STATUSES and not says(error, "insufficient_quota")
    return ModelFailure(_meaning(error), may_retry=retry, retry_after=error.retry_after, detail=str(error))


def _meaning(error: BadStatus) -> str:
    if says(error, "insufficient_quota"):
        return NO_QUOTA
    if says(error, "context_length", "context length", "maximum context", "context size"):
        return TOO_LONG
    if error.status in (429, 503, 529):
        return BUSY
    if 300 <= error.status < 400:
        return "The language model's address leads elsewhere. An administrator has to enter the final one."
    default = "The language model failed to answer." if error.status >= 500 else "The language model refused to answer."
    return BY_STATUS.get(error.status, default)


def says(error: BadStatus, *words: str) -> bool:
    """Whether the body of the refusal holds one of these words; it is looked at, and never shown."""
    body = error.body.decode("utf-8", "replace").lower()
    return any(word in body for word in words)
