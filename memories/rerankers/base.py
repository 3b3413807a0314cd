"""What a reranker is, and how it fails."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Literal

Code = Literal["RERANKING_FAILED", "RATE_LIMITED"]


class Reranker(ABC):
    """Says how well texts answer a question. Knows no database; one object may be used by many threads at once."""

    name: str

    @abstractmethod
    def rank(self, query: str, texts: Sequence[str]) -> list[float]:
        """A finite score for each text, in their order; higher is better. Scales differ between models.

        Raises RerankingFailed; then there are no scores at all.
        """


class RerankingFailed(Exception):
    """No scores. ``message`` is for users: it holds no key and nothing a server sent. ``code`` is GoodMem's."""

    def __init__(
        self, code: Code, message: str, *, is_temporary: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.code: Code = code
        self.message = message
        self.is_temporary = is_temporary
        self.retry_after = retry_after
