"""The tries to ingest a memory, as a timeline of their stages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from memories.models import Attempt, Memory, Stage

SHOWN = (Stage.EXTRACTING, Stage.CHUNKING, Stage.EMBEDDING, Stage.STORING)
WORDS = {
    Stage.EXTRACTING: "Text taken out",
    Stage.CHUNKING: "Cut into chunks",
    Stage.EMBEDDING: "Embedded",
    Stage.STORING: "Stored, and found by searches",
}


@dataclass(frozen=True)
class Step:
    """One stage of a try: ``css`` is done (empty), ``run``, ``bad`` or ``wait``."""

    words: str
    css: str
    done: int = 0
    total: int = 0

    @property
    def percent(self) -> float:
        return round(100 * self.done / self.total, 1) if self.total else 0


@dataclass(frozen=True)
class Try:
    """One try in words."""

    attempt: Attempt

    @property
    def css(self) -> str:
        if self.attempt.finished_at is None:
            return "run"
        return "ok" if self.attempt.is_ok else "bad"

    @property
    def word(self) -> str:
        if self.attempt.failure_code == "SUPERSEDED":
            return "Overtaken"
        return {"run": "In progress", "ok": "Done", "bad": "Failed"}[self.css]

    @property
    def seconds(self) -> float | None:
        end: datetime | None = self.attempt.finished_at
        return (end - self.attempt.created_at).total_seconds() if end else None

    @property
    def steps(self) -> list[Step]:
        """What was done, what is being done or went wrong, and what is still to do."""
        stage = Stage.EXTRACTING if self.attempt.stage == Stage.LOADING else Stage(self.attempt.stage)
        at = SHOWN.index(stage)
        return [self._step(each, place, at) for place, each in enumerate(SHOWN)]

    def _step(self, stage: Stage, place: int, at: int) -> Step:
        if place < at or self.css == "ok":
            return Step(WORDS[stage], "")
        if place > at:
            return Step(WORDS[stage], "wait")
        counts = (self.attempt.done, self.attempt.total) if stage == Stage.EMBEDDING else (0, 0)
        return Step(stage.label, self.css, *counts)


def tries_of(memory: Memory, most: int) -> list[Try]:
    """The newest first."""
    rows = Attempt.objects.of(memory.account_id).filter(memory=memory)
    return [Try(each) for each in rows.order_by("-generation", "-number")[:most]]
