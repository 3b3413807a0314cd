from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar, Self
from uuid import UUID

from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models, transaction
from django.db.models.functions import Lower
from django.utils import timezone

from spaces import audit
from spaces.actors import Actor
from spaces.errors import Conflict
from spaces.models import Contact, Space, User
from spaces.models.base import Resource
from spaces.models.integrity import domain_errors
from spaces_project.kit import ids, limits
from spaces_project.kit.search import SearchColumn, SearchQuerySet, search_manager
from spaces_project.kit.tenancy import SET_NULL, TenantForeignKey
from spaces_project.kit.values import NameField, TextField

TICK = timedelta(microseconds=1)

# Counts, times and the role of the newest message (NULL: none of the new ones is part of the talk), and the lock that
# puts writers of a chat in order. The newest of the new messages gets the time that is returned, each before it one
# TICK less: all are later than what was there.
ADVANCE = """
UPDATE chats_chat SET message_count = message_count + %s::int,
    last_message_at = GREATEST(clock_timestamp(), last_message_at + interval '1 microsecond')
        + %s::int * interval '1 microsecond',
    last_role = COALESCE(%s, last_role),
    is_failed = is_failed AND %s::text IS NULL
WHERE account_id = %s AND id = %s RETURNING last_message_at
"""


class Role(models.TextChoices):
    """Who speaks."""

    USER = "user", "User"
    ASSISTANT = "assistant", "Assistant"
    SYSTEM = "system", "System"


class ChatQuerySet(SearchQuerySet["Chat"]):
    """Conditions of chats; who may see which is in chats/permissions.py."""

    def for_space(self, space: Space) -> Self:
        return self.filter(space=space)

    def for_contact(self, contact: Contact) -> Self:
        return self.filter(contact=contact)

    def unanswered(self) -> Self:
        """Whose newest message is a user's: nobody has answered it yet, or the answer is being written."""
        return self.filter(last_role=Role.USER, message_count__gt=0)

    def failed(self) -> Self:
        """Whose newest answer failed."""
        return self.filter(is_failed=True)

    def latest_first(self) -> Self:
        """By the newest message."""
        return self.order_by("-last_message_at", "-id")

    def expired(self) -> Self:
        return self.filter(expires_at__lte=timezone.now())


class Chat(Resource):
    """A conversation in a space, with a contact or a user. ChatBotKit calls it a conversation.

    ``bot_id`` and the like name things of the vendor that this product does not have: kept as given, returned,
    filterable, never looked up. ``last_message_at`` is the chat's own beginning until it has a message.
    """

    AUDIT_NAME = False  # a title is often the first words of a person
    AUDIT_VALUES = frozenset({"space", "contact", "user", "model", "expires_at"})
    SET_BY_CODE = frozenset({"account", "space", "contact", "user"})

    space = TenantForeignKey(Space, related_name="chats", db_index=False)
    contact = TenantForeignKey(Contact, SET_NULL, related_name="chats", null=True, blank=True, db_index=False)
    user = TenantForeignKey(User, SET_NULL, related_name="chats", null=True, blank=True, db_index=False)
    model = NameField(max_length=limits.NAME_CHARS, blank=True)
    backstory = TextField(max_length=limits.BACKSTORY_CHARS, blank=True)
    bot_id = NameField(max_length=limits.NAME_CHARS, blank=True)
    dataset_id = NameField(max_length=limits.NAME_CHARS, blank=True)
    skillset_id = NameField(max_length=limits.NAME_CHARS, blank=True)
    task_id = NameField(max_length=limits.NAME_CHARS, blank=True)
    blueprint_id = NameField(max_length=limits.NAME_CHARS, blank=True)
    privacy = models.BooleanField(null=True, blank=True)
    moderation = models.BooleanField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    message_count = models.PositiveIntegerField(default=0, editable=False)
    last_message_at = models.DateTimeField(default=timezone.now, editable=False)
    last_role = models.CharField(max_length=9, choices=Role, blank=True, editable=False)
    is_failed = models.BooleanField(default=False, editable=False)
    search = SearchColumn("name", "description")

    objects: ClassVar[Any] = search_manager(ChatQuerySet)

    class Meta:
        indexes = [
            models.Index(fields=["account", "created_at", "id"], name="chats_chat_created"),
            models.Index(fields=["account", "last_message_at", "id"], name="chats_chat_latest"),
            models.Index(fields=["account", "space", "last_message_at", "id"], name="chats_chat_space_latest"),
            models.Index(fields=["account", "space", "created_at", "id"], name="chats_chat_space_created"),
            models.Index(fields=["account", "contact", "created_at", "id"], name="chats_chat_contact"),
            models.Index(fields=["account", "user", "last_message_at", "id"], name="chats_chat_user"),
            models.Index("account", Lower("name"), "id", name="chats_chat_by_name"),
            models.Index(fields=["account", "message_count", "id"], name="chats_chat_by_count"),
            models.Index(
                fields=["account", "last_message_at", "id"],
                condition=models.Q(last_role="user"),
                name="chats_chat_unanswered",
            ),
            models.Index(
                fields=["account", "last_message_at", "id"],
                condition=models.Q(is_failed=True),
                name="chats_chat_failed",
            ),
            models.Index(fields=["expires_at"], condition=models.Q(expires_at__isnull=False), name="chats_chat_expiry"),
            GinIndex(fields=["meta"], opclasses=["jsonb_path_ops"], name="chats_chat_meta"),
            GinIndex(fields=["search"], name="chats_chat_search"),
        ]

    def __str__(self) -> str:
        return self.name or "Untitled chat"

    @property
    def wire_id(self) -> str:
        """The id on ChatBotKit's wire."""
        return ids.encode(ids.Prefix.CONVERSATION, self.pk)

    @property
    def unique_id(self) -> str:
        """The id on Unique's wire."""
        return ids.encode(ids.Prefix.CHAT, self.pk)

    @classmethod
    def create(cls, by: Actor, space: Space, **fields: Any) -> Chat:
        """A new chat without messages. Raises ValidationError on a field, Conflict in an archived space."""
        refuse_archived(space)
        chat = cls.new(by, {"account": space.account, "space": space, **fields})
        chat.last_message_at = chat.created_at
        with domain_errors():
            chat.insert(by, {"space": space, **fields})
        return chat

    def change(self, by: Actor, *, merge_meta: dict[str, Any] | None = None, **fields: Any) -> bool:
        """As Resource.change; its files follow into another space, and are embedded as that one embeds.

        Conflict when it moves into an archived space.
        """
        if (space := fields.get("space")) is not None and space.pk != self.space_id:
            refuse_archived(space)
        with transaction.atomic():
            changed = super().change(by, merge_meta=merge_meta, **fields)
            if space is not None:  # also when somebody else moved it meanwhile, to where it was when it was read
                move_files(space, [self.pk])
        return changed

    def remove(self, by: Actor) -> None:
        """Delete the chat with its messages and files."""
        with transaction.atomic():
            gone, _ = type(self).objects.filter(account=self.account_id, pk=self.pk).delete()
            if gone:
                audit.record(by, "chat.delete", self)


def move_files(space: Space, chats: Iterable[UUID]) -> None:
    """Let the files of these chats be of this space, to which the chats went, and have its embedders embed them."""
    from memories.models import Memory

    files = Memory.objects.of(space.account_id).filter(chat__in=list(chats)).exclude(space=space)
    moved = Memory.objects.of(space.account_id).filter(pk__in=list(files.values_list("pk", flat=True)))
    moved.update(space=space)
    moved.to_embed_as(space).restart()


def refuse_archived(space: Space) -> None:
    """An archived space takes nothing new: Conflict."""
    if space.is_archived:
        raise Conflict("The space is archived: it can be read, and takes nothing new.")


def recount(account_id: UUID, chats: Iterable[UUID]) -> None:
    """After messages were removed: count again, and whose turn it was last."""
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT, {"account": account_id, "chats": list(chats)})


RECOUNT = """
UPDATE chats_chat c SET
    message_count = (SELECT count(*) FROM chats_message m WHERE m.account_id = c.account_id AND m.chat_id = c.id),
    last_role = COALESCE(newest.role, ''), is_failed = COALESCE(newest.state = 'failed', false)
FROM (SELECT id FROM chats_chat WHERE account_id = %(account)s AND id = ANY(%(chats)s)) chosen
LEFT JOIN LATERAL (
    SELECT role, state FROM chats_message m
    WHERE m.account_id = %(account)s AND m.chat_id = chosen.id AND m.kind = ''
        AND m.state NOT IN ('queued', 'answering', 'waiting')
    ORDER BY m.created_at DESC, m.id DESC LIMIT 1
) newest ON true
WHERE c.account_id = %(account)s AND c.id = chosen.id
"""
