"""What an embedder is, and how it fails."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from spaces_project.kit import limits

if TYPE_CHECKING:
    import numpy as np

Code = Literal["EMBEDDER_FAILED", "EMBEDDER_UNAVAILABLE", "EMBEDDER_TIMEOUT", "RATE_LIMITED"]


class Purpose(StrEnum):
    """What a text is embedded for; some models treat the two differently."""

    DOCUMENT = "document"
    QUERY = "query"


class Embedder(ABC):
    """Turns texts into vectors. Knows no database; one object may be used by many threads at once.

    ``dimension`` is the length of its vectors, ``max_tokens`` what it reads of a text (the rest is cut; None: all of
    it, or not known). ``is_semantic`` says whether it knows meanings, or only spellings. ``at_once`` is how many texts
    are well given to it together: more are neither faster, nor soon done.
    """

    name: str
    dimension: int
    max_tokens: int | None
    is_semantic: bool
    at_once: int = limits.EMBEDDED_AT_ONCE

    @abstractmethod
    def embed(self, texts: Sequence[str], purpose: Purpose = Purpose.DOCUMENT) -> np.ndarray:
        """One float32 row of L2 norm 1 per text, in their order: shape (len(texts), dimension), also for no texts.

        Raises EmbeddingFailed; then there are no vectors at all, not some of them.
        """


class EmbeddingFailed(Exception):
    """No vectors. ``message`` is for users: it may name the server, and holds no key and nothing a server sent.

    ``code`` is GoodMem's status code. ``is_temporary``: the same call may work later, ``retry_after`` seconds from now
    if the server said so.
    """

    def __init__(
        self, code: Code, message: str, *, is_temporary: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.code: Code = code
        self.message = message
        self.is_temporary = is_temporary
        self.retry_after = retry_after
