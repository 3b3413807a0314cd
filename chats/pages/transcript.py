"""What a transcript shows: one window of messages with what hangs on them, in a constant number of queries.

References are numbered through the window, so a number in the text and the same number in the rail are one thing: a
source that several answers quote has one number. A text is rendered up to MARKDOWN_BYTES; the rest is behind a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.functions import Left, Length
from django.urls import reverse
from django.utils.safestring import SafeString

from chats.models import Assessment, Assistant, Chat, Message, Rating, Reference
from chats.models.chats import Role
from chats.models.messages import State
from spaces.actors import Actor
from spaces.models import User
from spaces.permissions import visible_contacts
from spaces_project.kit import limits
from spaces_project.kit.markdown import plain, render

MARK = re.compile(r"<sup>([0-9]{1,6})</sup>", re.A)
UNSHOWN = ("text", "original_text", "description", "debug_info", "gpt_request", "request", "segment", "meta", "search")
BADGES = {"GREEN": "ok", "YELLOW": "warn", "RED": "bad"}


def shown_messages(chat: Chat) -> QuerySet[Message]:
    """The messages of a chat with what a page needs of their texts: ``head``, ``chars`` and token ``usage``."""
    messages: QuerySet[Message] = Message.objects.of(chat.account_id).filter(chat=chat)
    return messages.annotate(
        head=Left("text", limits.MARKDOWN_BYTES),
        chars=Length("text"),
        usage=F("answers__debug_info__llm_invocations"),
    ).defer(*UNSHOWN)


def newest(chat: Chat, size: int = limits.TRANSCRIPT_MESSAGES) -> list[Message]:
    """The newest messages, oldest first."""
    return list(shown_messages(chat).order_by("-created_at", "-id")[:size])[::-1]


# ---------------------------------------------------------------- references


@dataclass(frozen=True)
class Source:
    """One quoted source of the window, under its number in the rail."""

    number: int
    reference: Reference
    chat: UUID

    @property
    def quote(self) -> str:
        return str(self.reference.quote)  # type: ignore[attr-defined]

    @property
    def facts(self) -> str:
        """``page 2 · 0.87``."""
        pages = self.reference.pages if isinstance(self.reference.pages, list) else []
        numbers = [str(each) for each in pages if isinstance(each, int)]
        first_last = "\N{EN DASH}".join(dict.fromkeys(numbers))
        score = self.reference.score
        words = [f"page {first_last}" if numbers else "", f"{score:.2f}" if score is not None else ""]
        return " · ".join(filter(None, words))

    @property
    def link(self) -> str:
        """The address of the source, when it is one of the web."""
        url = self.reference.url
        return url if url.startswith(("https://", "http://")) else ""

    @property
    def page(self) -> str:
        """Where what was quoted is shown, to who may still read it; empty when it is nothing of ours."""
        memory = self.reference.memory_id
        return reverse("chat_source", args=[self.chat, memory]) if memory else ""


@dataclass
class Sources:
    """The sources of a window, in the order in which the answers quote them first."""

    rail: list[Source] = field(default_factory=list)
    numbers: dict[UUID, dict[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, messages: Iterable[Message]) -> Sources:
        """Of these messages, oldest first. One query."""
        answers = [message for message in messages if message.role == Role.ASSISTANT]
        found, known = cls(), {}  # type: ignore[var-annotated]
        for reference in _references(answers):
            source = known.get(key := _key(reference))
            if source is None:
                source = known[key] = Source(len(known) + 1, reference, answers[0].chat_id)
                found.rail.append(source)
            found.numbers.setdefault(reference.message_id, {})[reference.number] = source.number
        return found


def _references(answers: list[Message]) -> Sequence[Reference]:
    if not answers:
        return []
    order = {answer.pk: place for place, answer in enumerate(answers)}
    rows = Reference.objects.of(answers[0].account_id).filter(message__in=list(order))
    rows = rows.annotate(quote=Left("text", limits.RAIL_QUOTE_CHARS)).defer("text", "original_index", "description")
    return sorted(rows, key=lambda each: (order[each.message_id], each.number))[: limits.RAIL_REFERENCES]


def _key(reference: Reference) -> tuple[Any, ...]:
    """Two references are to the same source when they name the same chunk, or else say the same."""
    if reference.chunk_id:
        return (reference.chunk_id,)
    return (reference.memory_id, reference.name, reference.url, reference.quote)  # type: ignore[attr-defined]


def numbered(text: str, numbers: dict[int, int]) -> str:
    """``text`` with its marks under the window's numbers; a mark without a reference stays a text."""

    def mark(found: re.Match[str]) -> str:
        number = numbers.get(int(found[1]))
        return f"\\{found[0]}" if number is None else f"<sup>{number}</sup>"

    return MARK.sub(mark, text) if "<sup>" in text else text


# ------------------------------------------------------------------ messages


@dataclass(frozen=True)
class Finding:
    """An assessment as a badge."""

    assessment: Assessment

    @property
    def css(self) -> str:
        if self.assessment.status == Assessment.Status.ERROR:
            return "warn"
        return BADGES.get(self.assessment.label, "") if self.assessment.status == Assessment.Status.DONE else ""

    @property
    def words(self) -> str:
        done = self.assessment.status == Assessment.Status.DONE
        name = self.assessment.title or self.assessment.get_type_display()
        return name if done else f"{name}: {self.assessment.get_status_display().lower()}"


@dataclass
class Line:
    """One message as the page shows it."""

    message: Message
    who: str
    numbers: dict[int, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    vote: Rating | None = None
    is_last: bool = False
    is_plain: bool = False

    @property
    def key(self) -> str:
        """The id of the article in the page."""
        return f"m-{self.message.pk}"

    @property
    def version(self) -> str:
        """Of equal length always, so that the greatest text is the newest."""
        return stamp(self.message.updated_at)

    @property
    def text(self) -> str:
        return str(self.message.head)  # type: ignore[attr-defined]

    @property
    def html(self) -> SafeString:
        """Answers as markdown, everything else as the plain text it is."""
        if self.message.role != Role.ASSISTANT or self.is_plain:
            return plain(self.text)
        if self.message.is_pending:  # what the marks stand for is stored at the end
            return render(MARK.sub("", self.text))
        return render(numbered(self.text, self.numbers), references=self.numbers.values())

    @property
    def cut_chars(self) -> int:
        """How many characters the page leaves out."""
        return max(0, int(self.message.chars) - len(self.text))  # type: ignore[attr-defined]

    @property
    def css(self) -> str:
        return str(self.message.role)

    @property
    def is_answer(self) -> bool:
        return self.message.role == Role.ASSISTANT

    @property
    def may_rate(self) -> bool:
        return self.is_answer and not self.message.is_pending and self.message.state != State.FAILED

    @property
    def is_up(self) -> bool:
        """Whether this person voted for it."""
        return self.vote is not None and self.vote.value > 0

    @property
    def is_down(self) -> bool:
        return self.vote is not None and self.vote.value < 0

    @property
    def first_seconds(self) -> float | None:
        """From the question to the first text."""
        return _seconds(self.message.created_at, self.message.started_at) if self.message.state else None

    @property
    def total_seconds(self) -> float | None:
        return _seconds(self.message.created_at, self.message.completed_at) if self.message.state else None

    @property
    def tokens(self) -> tuple[int, int]:
        """Given to models and written by them."""
        return tokens_of(getattr(self.message, "usage", None))


def stamp(moment: datetime) -> str:
    """A moment as a text that sorts by time."""
    return moment.strftime("%Y%m%d%H%M%S%f")


def _seconds(start: datetime, end: datetime | None) -> float | None:
    return max(0.0, (end - start).total_seconds()) if end else None


def tokens_of(usage: Any) -> tuple[int, int]:
    """Prompt and completion tokens of ``llm_invocations`` (see answering.invocations); what is no number counts 0."""
    sums = [0, 0]
    for call in usage if isinstance(usage, list) else []:
        counts = call.get("tokenUsage") if isinstance(call, dict) else None
        for place, name in enumerate(("promptTokens", "completionTokens")):
            value = counts.get(name) if isinstance(counts, dict) else None
            sums[place] += value if isinstance(value, int) and value > 0 else 0
    return sums[0], sums[1]


@dataclass
class Transcript:
    """The lines of a window, as this actor sees them, and its rail."""

    lines: list[Line]
    rail: list[Source]

    @classmethod
    def of(
        cls, actor: Actor, chat: Chat, messages: list[Message], shown: Iterable[Message] | None = None
    ) -> Transcript:
        """``messages`` (oldest first) number the references; of them ``shown`` (all) become lines."""
        chosen = messages if shown is None else list(shown)
        sources, people = Sources.of(messages), Names(actor, chat, chosen)
        findings, votes = _findings(chosen), _votes(actor, chat, chosen)
        last = messages[-1].pk if messages else None
        lines = [
            Line(
                message,
                people.of(message),
                sources.numbers.get(message.pk, {}),
                findings.get(message.pk, []),
                votes.get(message.pk),
                message.pk == last,
            )
            for message in chosen
        ]
        _spare(lines)
        return cls(lines, sources.rail)

    @property
    def has_pending(self) -> bool:
        return any(line.message.is_pending for line in self.lines)

    @property
    def tokens(self) -> tuple[int, int]:
        pairs = [line.tokens for line in self.lines]
        return sum(given for given, _ in pairs), sum(written for _, written in pairs)


def _spare(lines: list[Line]) -> None:
    """A page of very long answers renders the newest as markdown and the rest as plain text."""
    left = limits.TRANSCRIPT_MARKDOWN_CHARS
    for line in reversed(lines):
        left -= len(line.text) if line.is_answer else 0
        line.is_plain = left < 0


class Names:
    """Who speaks: the contact of the chat, or the user who wrote; the assistant under its title. Two queries."""

    def __init__(self, actor: Actor, chat: Chat, messages: Iterable[Message]) -> None:
        self.contact = str(_contact(actor, chat)) if chat.contact_id else ""
        self.assistant = Assistant.of(chat.space).title or "Assistant"
        pks = {message.created_by for message in messages if message.role == Role.USER and message.created_by}
        users = User.objects.of(chat.account_id).filter(pk__in=pks) if pks and not self.contact else ()
        self.users = {user.pk: str(user) for user in users}

    def of(self, message: Message) -> str:
        if message.role == Role.USER:
            return self.contact or self.users.get(message.created_by, "User")
        return self.assistant if message.role == Role.ASSISTANT else message.get_kind_display() or "System"


def _contact(actor: Actor, chat: Chat) -> Any:
    """Whom the chat is with, or what stands for one that this actor may not read."""
    return visible_contacts(actor).filter(pk=chat.contact_id).first() or "Contact"


def _findings(messages: list[Message]) -> dict[UUID, list[Finding]]:
    if not messages:
        return {}
    rows = Assessment.objects.of(messages[0].account_id).filter(message__in=[each.pk for each in messages])
    found: dict[UUID, list[Finding]] = {}
    for row in rows.filter(is_visible=True).order_by("created_at", "id"):
        found.setdefault(row.message_id, []).append(Finding(row))
    return found


def _votes(actor: Actor, chat: Chat, messages: list[Message]) -> dict[UUID, Rating]:
    """What this person voted on these messages."""
    mine: Any = Rating.objects.of(chat.account_id).filter(chat=chat, user=actor.user)
    return {vote.message_id: vote for vote in mine.filter(message__in=[each.pk for each in messages])}
