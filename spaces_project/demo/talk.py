"""Invented chats: people of the demo asking what the scripts say, at believable times and with believable ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from .people import Demo
from .scripts import FAILURES, SCRIPTS, THANKS, WELCOME, Exchange

MODEL = "local-chat-large"
OPEN, BROKEN = 0.07, 0.03  # the shares of chats that wait for an answer, and whose answer failed
RATED, UNHAPPY = 0.22, 0.2

LONGEST = timedelta(hours=1)

Row = dict[str, Any]


@dataclass
class Rows:
    """The rows of some chats, by table."""

    chats: list[Row] = field(default_factory=list)
    messages: list[Row] = field(default_factory=list)
    references: list[Row] = field(default_factory=list)
    ratings: list[Row] = field(default_factory=list)
    assessments: list[Row] = field(default_factory=list)


class Talk:
    """Makes the chats of one demo in its spaces."""

    def __init__(self, demo: Demo, spaces: list[Row]) -> None:
        self.demo, self.random, self.spaces = demo, demo.random, spaces

    def batches(self, count: int, size: int = 2_000) -> Iterator[Rows]:
        """`count` chats, oldest first, some at a time."""
        rows = Rows()
        for when in self.demo.times(count):
            self._chat(rows, when, self.random.choice(self.spaces))
            if len(rows.chats) >= size:
                yield rows
                rows = Rows()
        yield rows

    def _chat(self, rows: Rows, when: datetime, space: Row) -> None:
        # after the space was made, and so that the last word falls in the past
        when = min(max(when, space["created_at"] + timedelta(minutes=5)), self.demo.now - LONGEST)
        script = SCRIPTS[space["labels"]["team"]]
        exchanges = self.random.sample(script, min(len(script), self.random.choice((1, 1, 1, 2, 2, 3))))
        common = self.demo.common(when)
        chat: Row = {
            **common,
            "space_id": space["id"],
            "contact_id": space["contact_id"],
            "user_id": common["created_by"],
            "name": _title(exchanges[0].question),
            "model": MODEL,
            "meta": {"channel": space["meta"]["channel"]},
            "updated_at": when,
        }
        self._say(rows, chat, exchanges)
        rows.chats.append(chat)

    def _say(self, rows: Rows, chat: Row, exchanges: list[Exchange]) -> None:
        clock, fate, first = chat["created_at"], self.random.random(), len(rows.messages)
        for exchange in exchanges:
            clock = self._asked(rows, chat, exchange.question, clock)
            is_last = exchange is exchanges[-1]
            if is_last and fate < OPEN:
                break
            clock = self._answered(rows, chat, exchange, clock, failed=is_last and fate < OPEN + BROKEN)
        else:
            if fate > 0.6:
                clock = self._asked(rows, chat, self.random.choice(THANKS), clock)
                clock = self._answered(rows, chat, Exchange("", self.random.choice(WELCOME)), clock)
        said = rows.messages[first:]
        last = said[-1]
        chat |= {
            "message_count": len(said),
            "last_message_at": last["created_at"],
            "last_role": last["role"],
            "is_failed": last.get("state") == "failed",
        }

    def _asked(self, rows: Rows, chat: Row, text: str, clock: datetime) -> datetime:
        clock += timedelta(seconds=self.random.randrange(20, 400))
        rows.messages.append(self._message(chat, clock, "user", text))
        return clock

    def _answered(
        self, rows: Rows, chat: Row, exchange: Exchange, clock: datetime, *, failed: bool = False
    ) -> datetime:
        began = clock + timedelta(milliseconds=self.random.randrange(300, 1_800))
        ended = began + timedelta(milliseconds=self.random.randrange(900, 6_000))
        question = rows.messages[-1]
        answer = self._message(chat, clock + timedelta(microseconds=1), "assistant", "" if failed else exchange.answer)
        answer |= {
            "answers_id": question["id"],
            "state": "failed" if failed else "done",
            "error": self.random.choice(FAILURES) if failed else "",
            "started_at": began,
            "stopped_at": ended,
            "completed_at": ended,
            "updated_at": ended,
        }
        rows.messages.append(answer)
        if not failed:
            question["debug_info"] = {"responder": "openai_compatible", **_usage(exchange)}
            self._judged(rows, chat, answer, exchange)
        return ended

    def _judged(self, rows: Rows, chat: Row, answer: Row, exchange: Exchange) -> None:
        about = {"account_id": chat["account_id"], "message_id": answer["id"], "created_at": answer["completed_at"]}
        if exchange.source:
            source = {"number": 1, "name": exchange.source, "text": exchange.quote, "original_index": [1]}
            rows.references.append({**about, "id": self._id(answer), **source, "source": "node-ingestion-chunks"})
            label = self.random.choices(("GREEN", "YELLOW"), (9, 1))[0]
            found = {"type": "HALLUCINATION", "status": "DONE", "label": label, "title": "Grounded in its sources"}
            rows.assessments.append({**about, "id": self._id(answer), **found, "updated_at": answer["completed_at"]})
        if self.random.random() < RATED:
            value = -100 if self.random.random() < UNHAPPY else 100
            who = {"chat_id": chat["id"], "contact_id": chat["contact_id"], "user_id": chat["user_id"]}
            rows.ratings.append({**about, **who, "id": self._id(answer), "value": value, "meta": {}})

    def _message(self, chat: Row, when: datetime, role: str, text: str) -> Row:
        who = chat["created_by"]
        return {
            "id": self.demo.new_id(when),
            "account_id": chat["account_id"],
            "chat_id": chat["id"],
            "role": role,
            "text": text,
            "meta": {},
            "request": {},
            "segment": {},
            "created_at": when,
            "updated_at": when,
            "created_by": who,
            "updated_by": who,
        }

    def _id(self, answer: Row) -> UUID:
        return self.demo.new_id(answer["completed_at"])


def _title(question: str) -> str:
    words = question.split()
    return " ".join(words[:7]) + ("…" if len(words) > 7 else "")


def _usage(exchange: Exchange) -> Row:
    asked, said = 380 + len(exchange.question) // 4, max(6, len(exchange.answer) // 4)
    tokens = {"promptTokens": asked, "completionTokens": said, "totalTokens": asked + said}
    call = {"modelName": MODEL, "source": "answer", "tokenUsage": tokens}
    return {"llm_invocations": [call], "llm_invocations_complete": True}
