"""What a worker does for one chat: claim the oldest pending answer, let a responder write it, store what it says."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from spaces import audit
from spaces.actors import Actor
from spaces.models import User
from spaces_project.kit import limits
from spaces_project.kit.exports import release_connection

from .models import Assistant, Chat, Message, Reference
from .models.messages import State
from .replies import finish_turn
from .responders import (
    Debug,
    Dialogue,
    Failed,
    Piece,
    References,
    Responder,
    Said,
    Thought,
    Turn,
    Usage,
    Waits,
    responder_for,
)

LIMITED = "limited"  # among the options of a question: asked with a key that reaches only this space


def answer_chat(chat: Chat) -> bool:
    """Write the pending answers of this chat, oldest first. False when the space writes as many as it may just now."""
    while True:
        claimed = claim(chat)
        if not isinstance(claimed, Message):
            return claimed
        Writer(claimed).run(dialogue_of(chat, claimed))


@transaction.atomic
def claim(chat: Chat) -> Message | bool:
    """The oldest answer that is due, now ours; True when none is, False when the space is busy enough.

    An answer whose worker died is begun anew; after ANSWER_ATTEMPTS it is failed.
    """
    assistant = Assistant.of(chat.space)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [str(chat.space_id)])
    due = Message.objects.of(chat.account_id).filter(chat=chat).to_answer().oldest_first()
    answer = due.select_for_update(no_key=True).first()
    if answer is None:
        return True
    writing = Message.objects.of(chat.account_id).filter(chat__space=chat.space_id, state=State.ANSWERING)
    if writing.exclude(chat=chat.pk).count() >= assistant.concurrency:
        return False
    answer.chat = chat
    answer.state, answer.text, answer.started_at = State.ANSWERING, "", None
    answer.generation, answer.attempts, answer.updated_at = answer.generation + 1, answer.attempts + 1, timezone.now()
    answer.save(update_fields=["state", "text", "started_at", "generation", "attempts", "updated_at"])
    return answer  # type: ignore[no-any-return]


# -------------------------------------------------------------- what is asked


def dialogue_of(chat: Chat, answer: Message) -> Dialogue:
    """Everything the responder may know: the talk up to the question, instructions, rules and rights."""
    assistant = Assistant.of(chat.space)
    question = answer.answers
    options: dict[str, Any] = dict(question.request) if question else {}
    rules = [rule.rule for rule in assistant.rules()]
    if options.get("scopeRules"):
        rules.append(options["scopeRules"])
    return Dialogue(
        space=chat.space,
        actor=_asker(chat, answer, options),
        turns=history(chat, question or answer),
        instructions=instructions(chat, assistant),
        rules=tuple(rules),
        chat=chat.pk,
        question_id=question.pk if question else None,
        answer_id=answer.pk,
        model=options.get("languageModel") or chat.model,
        options=options,
    )


def _asker(chat: Chat, answer: Message, options: dict[str, Any]) -> Actor:
    """The person who asked, as far as his rights (or his key's) reached then."""
    account = chat.space.account
    user = User.objects.of(account).active().filter(pk=answer.created_by).first()
    narrowed = frozenset({chat.space_id}) if options.get(LIMITED) or user is None else None
    return Actor(account=account, user=user, only_spaces=narrowed)


def history(chat: Chat, last: Message) -> tuple[Turn, ...]:
    """The talk up to ``last``, oldest first: at most HISTORY_MESSAGES and HISTORY_CHARS, without failed answers."""
    said = Message.objects.of(chat.account_id).filter(chat=chat, created_at__lte=last.created_at).talk()
    said = said.exclude(text="").exclude(state__in=(State.FAILED, State.QUEUED, State.ANSWERING, State.WAITING))
    turns: list[Turn] = []
    left = limits.HISTORY_CHARS
    for role, text in said.order_by("-created_at", "-id").values_list("role", "text")[: limits.HISTORY_MESSAGES]:
        if turns and len(text) > left:
            break
        turns.append(Turn(role, text[: limits.HISTORY_CHARS]))
        left -= len(text)
    return tuple(reversed(turns))


def instructions(chat: Chat, assistant: Assistant) -> tuple[str, ...]:
    """What the answer goes by: the space's instructions, the chat's backstory, and its messages of these kinds."""
    kinds = ("backstory", "instruction", "context")
    stored = Message.objects.of(chat.account_id).filter(chat=chat, kind__in=kinds).oldest_first()
    texts = [assistant.instructions, chat.backstory, *stored.values_list("text", flat=True)[: limits.HISTORY_MESSAGES]]
    return tuple(text for text in texts if text.strip())


# ------------------------------------------------------------ what is written


class Overtaken(Exception):
    """The answer is no longer this worker's: stopped, deleted, or taken by another."""


@dataclass
class Writer:
    """Stores what a responder says about one claimed answer, at most every ANSWER_FLUSH_MILLISECONDS."""

    answer: Message
    text: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    debug: dict[str, Any] = field(default_factory=dict)
    usage: list[Usage] = field(default_factory=list)
    references: References | None = None
    flushed_at: float = 0.0
    length: int = 0

    def run(self, dialogue: Dialogue) -> None:
        """Let the responder write, and end the answer one way or another."""
        if self.answer.attempts > limits.ANSWER_ATTEMPTS:
            return self.fail("The answer was interrupted several times. Please ask again.")
        try:
            self.follow(responder_for(Assistant.of(dialogue.space), dialogue.model), dialogue)
            self.finish()
        except Overtaken:
            pass
        except Waits:
            self.update(state=State.WAITING)
        except Failed as failure:
            self.fail(str(failure))
        return None

    def follow(self, responder: Responder, dialogue: Dialogue) -> None:
        """Take piece after piece. Raises what the responder raises, Overtaken, and Failed when it takes too long."""
        until = time.monotonic() + limits.ANSWER_SECONDS
        self.debug["responder"] = responder.name
        release_connection()  # none is held while a model thinks
        with closing(responder.respond(dialogue)) as pieces:  # type: ignore[type-var]
            for piece in pieces:
                self.take(piece)
                if time.monotonic() > until:
                    raise Failed(f"The answer took longer than {limits.ANSWER_SECONDS} seconds.")

    def take(self, piece: Piece) -> None:
        """Keep one piece; text goes to the database when the last time was long enough ago."""
        match piece:
            case Said(text):
                self.say(text)
            case Thought(text):
                self.thoughts.append(text)
            case References():
                self.references = piece
            case Usage():
                self.usage.append(piece)
            case Debug(values):
                self.debug.update(values)

    def say(self, text: str) -> None:
        self.text.append(text.replace("\x00", ""))
        self.length += len(text)
        if self.length > limits.MESSAGE_CHARS:
            raise Failed("The answer is longer than a message may be.")
        if time.monotonic() - self.flushed_at >= limits.ANSWER_FLUSH_MILLISECONDS / 1000:
            self.flush()

    def flush(self) -> None:
        """One UPDATE; with the first one streaming has begun."""
        now = timezone.now()
        if self.answer.started_at is None:
            self.answer.started_at = now
        self.update(text="".join(self.text), started_at=self.answer.started_at)
        release_connection()
        self.flushed_at = time.monotonic()

    def update(self, **values: Any) -> None:
        """Change the answer if it still is ours; else Overtaken."""
        mine = Message.objects.of(self.answer.account_id).filter(
            pk=self.answer.pk, generation=self.answer.generation, state=State.ANSWERING
        )
        if not mine.update(**values, updated_at=timezone.now()):
            raise Overtaken

    @transaction.atomic
    def finish(self) -> None:
        """The whole text, its references, and the usage on the question, in one transaction."""
        now = timezone.now()
        started = self.answer.started_at or now
        debug = self.debug | ({"reasoning": "".join(self.thoughts)} if self.thoughts else {})
        values = {"text": "".join(self.text), "started_at": started, "stopped_at": now, "completed_at": now}
        self.update(state=State.DONE, debug_info=debug, **values)
        self._refer()
        self._close(State.DONE, debug)

    def fail(self, sentence: str) -> None:
        """No answer, and why. What there was of a text is kept for those who look into it, not shown as an answer."""
        now = timezone.now()
        debug = self.debug | ({"partialText": "".join(self.text)} if self.text else {}) | {"error": sentence}
        try:
            with transaction.atomic():
                stamps = {"stopped_at": now, "completed_at": now, "started_at": self.answer.started_at or now}
                self.update(state=State.FAILED, text="", error=sentence[:500], debug_info=debug, **stamps)
                self._close(State.FAILED, debug)
        except Overtaken:
            return

    def _refer(self) -> None:
        passages = self.references.passages if self.references else ()
        Reference.objects.bulk_create(
            Reference(
                account_id=self.answer.account_id,
                message=self.answer,
                number=number,
                name=passage.name[: limits.REFERENCE_NAME_CHARS],
                url=passage.url or "",
                source="node-ingestion-chunks",
                original_index=[number],
                memory_id=passage.memory_id,
                chunk_id=passage.chunk_id,
                text=passage.text[: limits.QUOTE_CHARS],
                pages=list(passage.pages) if passage.pages else None,
                score=passage.score,
            )
            for number, passage in enumerate(passages[: limits.REFERENCES_PER_MESSAGE], start=1)
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
