"""What a worker does for one chat: claim the oldest pending answer, and let a responder write it (chats/writing.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from spaces.actors import Actor
from spaces.models import User
from spaces_project.kit import limits

from .jobs import enqueue
from .models import Assistant, Chat, Message
from .models.messages import State
from .responders import Dialogue, Turn
from .responders.base import never
from .writing import Writer

LIMITED = "limited"  # among the options of a question: asked with a key that reaches only this space


def answer_chat(chat: Chat, interrupted: Callable[[], bool] = never) -> bool:
    """Write the pending answers of this chat, oldest first. False when the space writes as many as it may just now.

    ``interrupted`` says that this worker is to end: what is being written is begun anew by the next one.
    """
    while not interrupted():
        claimed = claim(chat)
        if not isinstance(claimed, Message):
            return claimed
        Writer(claimed, interrupted).run(dialogue_of)
    enqueue(chat)
    return True


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


def dialogue_of(answer: Message, assistant: Assistant) -> Dialogue:
    """Everything the responder may know: the talk up to the question, instructions, rules and rights."""
    chat = answer.chat
    question = answer.answers
    options: dict[str, Any] = {**(question.request if question else {}), **answer.request}
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
        folders=assistant.internal_search,
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
