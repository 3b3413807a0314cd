from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models, transaction

from spaces import audit
from spaces.actors import Actor
from spaces.models.base import Resource
from spaces.models.integrity import domain_errors
from spaces_project.kit import ids, limits
from spaces_project.kit.prepared import insertion, run, savepoint, stored
from spaces_project.kit.search import SearchColumn, SearchQuerySet, search_manager
from spaces_project.kit.tenancy import TenantForeignKey
from spaces_project.kit.values import MetaField, TextField

from .chats import ADVANCE, TICK, Chat, Role, recount


class Kind(models.TextChoices):
    """What a message is that is not part of the talk itself. All of these have the role system."""

    REASONING = "reasoning", "Reasoning"
    CONTEXT = "context", "Context"
    INSTRUCTION = "instruction", "Instruction"
    BACKSTORY = "backstory", "Backstory"
    ACTIVITY = "activity", "Activity"
    CHECKPOINT = "checkpoint", "Checkpoint"


class State(models.TextChoices):
    """How far an answer is that a responder writes. Empty for every other message."""

    QUEUED = "queued", "Waiting for its turn"
    ANSWERING = "answering", "Being written"
    WAITING = "waiting", "Waiting for an external system"
    DONE = "done", "Answered"
    FAILED = "failed", "Failed"
    STOPPED = "stopped", "Stopped"


# Counters, messages and audit in one statement: it needs no BEGIN and COMMIT, and each part locks what the next needs.
# Of a chat that is gone there is no moment, and the foreign key says so.
APPEND = "WITH chat AS ({advanced}), said AS ({said}), noted AS ({noted}) SELECT last_message_at FROM chat"
MOMENT = "COALESCE((SELECT last_message_at FROM chat), now()) - {behind} * interval '1 microsecond'"

PENDING = (State.QUEUED, State.ANSWERING, State.WAITING)


class MessageQuerySet(SearchQuerySet["Message"]):
    """Conditions of messages; who may see which is in chats/permissions.py."""

    def talk(self) -> Self:
        """The conversation itself, without reasoning, instructions and the like."""
        return self.filter(kind="")

    def pending(self) -> Self:
        """Answers that are not finished."""
        return self.filter(state__in=PENDING)

    def to_answer(self) -> Self:
        """Answers that a responder of ours has still to write."""
        return self.filter(state__in=(State.QUEUED, State.ANSWERING))

    def oldest_first(self) -> Self:
        return self.order_by("created_at", "id")


class Message(Resource):
    """One message of a chat. Times within a chat never repeat, so (created_at, id) is its order.

    An answer is an assistant's message that ``answers`` the user's; its ``state`` says how far it is, ``generation``
    fences off a worker that was overtaken, and ``error`` is what a user is told when it failed (then it has no text).
    User messages never carry stop stamps.
    """

    AUDIT_NAME = False
    AUDIT_VALUES = frozenset({"role", "kind", "state"})
    SET_BY_CODE = frozenset({"account", "chat", "answers", "generation", "attempts"})

    chat = TenantForeignKey(Chat, related_name="messages", db_index=False)
    answers = TenantForeignKey("self", related_name="answered_by", null=True, blank=True, db_index=False)
    role = models.CharField(max_length=9, choices=Role)
    kind = models.CharField(max_length=11, choices=Kind, blank=True)
    text = TextField(max_length=limits.MESSAGE_CHARS, blank=True)
    original_text = TextField(max_length=limits.MESSAGE_CHARS, blank=True)
    state = models.CharField(max_length=9, choices=State, blank=True)
    error = models.CharField(max_length=500, blank=True)
    generation = models.PositiveIntegerField(default=0, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    started_at = models.DateTimeField("started streaming", null=True, blank=True)
    stopped_at = models.DateTimeField("stopped streaming", null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    aborted_at = models.DateTimeField(null=True, blank=True)
    request = models.JSONField(
        default=dict, blank=True, editable=False, help_text="What the user's message asked for besides its text."
    )
    request_digest = models.CharField(max_length=64, blank=True, editable=False)
    debug_info = models.JSONField(null=True, blank=True)
    gpt_request = models.JSONField(null=True, blank=True)
    segment = MetaField(help_text="Place in a turn that has several segments.", editable=False)
    search = SearchColumn("text")

    objects: ClassVar[Any] = search_manager(MessageQuerySet)

    class Meta:
        indexes = [
            models.Index(fields=["account", "chat", "created_at", "id"], name="chats_message_in_chat"),
            models.Index(fields=["account", "created_at", "id"], name="chats_message_created"),
            models.Index(fields=["account", "answers"], name="chats_message_answers"),
            models.Index(
                fields=["account", "chat", "created_at"],
                condition=models.Q(state__in=("queued", "answering", "waiting")),
                name="chats_message_pending",
            ),
            models.Index(
                fields=["account", "created_at", "id"],
                condition=models.Q(state="failed"),
                name="chats_message_failed",
            ),
            models.Index(
                fields=["account", "request_digest", "created_at"],
                condition=~models.Q(request_digest=""),
                name="chats_message_repeated",
            ),
            GinIndex(fields=["meta"], opclasses=["jsonb_path_ops"], name="chats_message_meta"),
            GinIndex(fields=["search"], name="chats_message_search"),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} message"

    @property
    def wire_id(self) -> str:
        return ids.encode(ids.Prefix.MESSAGE, self.pk)

    @property
    def is_pending(self) -> bool:
        return self.state in PENDING

    @property
    def shown_text(self) -> str:
        """What a reader sees: the text, or why there is none."""
        return self.text or self.error

    @property
    def talk_role(self) -> str | None:
        """Whose turn it was with this message; None when it is not part of the talk, or not said yet."""
        return None if self.kind or self.is_pending else self.role

    @classmethod
    def create(cls, by: Actor, chat: Chat, *, role: str, text: str = "", **fields: Any) -> Message:
        """A new message at the end of the chat. No answer is asked for; see chats/replies.py.

        Raises ValidationError on a field, NotFound when the chat is gone.
        """
        message = cls.draft(by, chat, role=role, text=text, **fields)
        cls.append(by, chat, [message])
        return message

    @classmethod
    def draft(cls, by: Actor, chat: Chat, **fields: Any) -> Message:
        """A checked, unsaved message of this chat. Raises ValidationError on a field."""
        made = cls.new(by, {"account_id": chat.account_id, "chat_id": chat.pk, **fields})
        cls.chat.field.set_cached_value(made, chat)
        return made

    @classmethod
    def append(cls, by: Actor, chat: Chat, messages: Sequence[Message]) -> None:
        """Store new messages in this order, with the chat's counters and one audit entry each: one statement.

        At most INSERTED of them. NotFound when the chat is gone.
        """
        said, values = insertion(messages, {"created_at": MOMENT, "updated_at": MOMENT})
        noted, entries = audit.entries(by, "message.create", [(message, {"text": None}) for message in messages])
        last_role = next((role for message in reversed(messages) if (role := message.talk_role)), None)
        with domain_errors(), savepoint():
            advanced = [len(messages), len(messages), last_role, last_role, chat.account_id, chat.pk]
            ((end,),) = run(APPEND.format(advanced=ADVANCE, said=said, noted=noted), [*advanced, *values, *entries])
        for behind, message in enumerate(reversed(messages)):
            message.created_at = message.updated_at = end - TICK * behind
        stored(messages)

    def change(self, by: Actor, *, merge_meta: dict[str, Any] | None = None, **fields: Any) -> bool:
        """As Resource.change; a message that becomes another's, or no part of the talk, counts again."""
        if not fields.keys() & {"role", "kind"}:
            return super().change(by, merge_meta=merge_meta, **fields)
        with transaction.atomic():
            Chat.objects.of(self.account_id).select_for_update(no_key=True).filter(pk=self.chat_id).first()
            changed = super().change(by, merge_meta=merge_meta, **fields)
            recount(self.account_id, [self.chat_id])
        return changed

    def remove(self, by: Actor) -> None:
        """Delete the message (and the answers to it), and count again."""
        with transaction.atomic():
            Chat.objects.of(self.account_id).select_for_update(no_key=True).filter(pk=self.chat_id).first()
            gone, _ = type(self).objects.filter(account=self.account_id, pk=self.pk).delete()
            if gone:
                recount(self.account_id, [self.chat_id])
                audit.record(by, "message.delete", self)
