"""Memories: one ingested document each, its chunks, their vectors, and the tries to ingest it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models.functions import MD5, Lower
from django.utils import timezone

from memories import chunking
from memories.filters.rules import Rule
from memories.filters.uniqueql_sql import AmongIds, RuleCondition
from memories.keys import KEY_START
from spaces import audit
from spaces.actors import Actor
from spaces.errors import Conflict
from spaces.models import Contact, Space
from spaces.models.base import Resource
from spaces.models.integrity import domain_errors
from spaces_project.kit import ids, limits
from spaces_project.kit.search import SearchColumn, SearchQuerySet, search_manager
from spaces_project.kit.tenancy import CASCADE, TenantForeignKey, TenantModel, TenantQuerySet
from spaces_project.kit.values import NameField, TextField

from .folders import TURNING, Folder, lock

TEXT_TYPE = "text/plain"
UNTITLED = "Untitled memory"
TURNED = "Marks that turn the direction of writing are not allowed in names of files."


class State(models.TextChoices):
    """Where a memory is on its way from a file to something that can be found."""

    UPLOADING = "uploading", "Waiting for its file"
    PENDING = "pending", "Waiting"
    PROCESSING = "processing", "In progress"
    COMPLETED = "completed", "Ready"
    FAILED = "failed", "Failed"


class Stage(models.TextChoices):
    """What a try is doing, in this order."""

    LOADING = "loading", "Reading the file"
    EXTRACTING = "extracting", "Taking out the text"
    CHUNKING = "chunking", "Cutting it up"
    EMBEDDING = "embedding", "Embedding"
    STORING = "storing", "Storing"


class MemoryQuerySet(SearchQuerySet["Memory"]):
    """Conditions of memories; who may see which is in memories/permissions.py."""

    def in_space(self, space: Space) -> Self:
        """Of this space: ``shared``. Files of folders are in the default space's table only, not in the space."""
        return self.shared().filter(space=space, folder=None)

    def in_folder(self, folder: Folder) -> Self:
        """Directly in it."""
        return self.shared().filter(folder=folder)

    def below(self, folder: Folder) -> Self:
        """In this folder or any below it."""
        folders = Folder.objects.of(folder.account_id).below(folder)
        return self.shared().filter(folder__in=folders.order_by().values("pk"))

    def in_chat(self, chat: Any) -> Self:
        """The files of a chat, which belong to it alone."""
        return self.lasting().filter(chat=chat)

    def shared(self) -> Self:
        """Without files that belong to one chat alone, and ``lasting``."""
        return self.lasting().filter(chat=None)

    def lasting(self) -> Self:
        """Without those whose time is over: until a job deletes them they are there for that job only."""
        return self.filter(models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now()))

    def ruled_by(self, account: models.Model | UUID, rule: Rule) -> Self:
        """Of this account, those that the rule, its variables expanded, matches (docs/uniqueql.md)."""
        pk = account if isinstance(account, UUID) else account.pk
        return self.of(pk).filter(RuleCondition(rule, pk))

    def gathered(self) -> Self:
        """The same rows, for a page of those that a rule matches: they are looked for now, in no order, and where they
        are few the page is made of these alone. PostgreSQL cannot tell how many a rule matches; for a page in order it
        would rather walk the newest rows and ask each, which is all of them where the few are old."""
        pks = list(self.order_by().values_list("pk", flat=True)[: limits.GATHERED_ROWS + 1])
        return self if len(pks) > limits.GATHERED_ROWS else self.filter(AmongIds(pks))

    def for_contact(self, contact: Contact) -> Self:
        return self.filter(contact=contact)

    def completed(self) -> Self:
        return self.filter(state=State.COMPLETED)

    def unfinished(self) -> Self:
        return self.filter(state__in=(State.PENDING, State.PROCESSING))

    def failed(self) -> Self:
        return self.filter(state=State.FAILED)

    def to_embed_as(self, space: Space) -> Self:
        """Those that an embedder of this space has not embedded, or that are being ingested for another space."""
        from .chunks import Embedding
        from .settings import embedders_of

        lacks = models.Q(pk__in=[])
        for each in embedders_of(space):
            vectors = Embedding.objects.filter(chunk__memory=models.OuterRef("pk"), embedder=each.embedder)
            lacks |= ~models.Q(models.Exists(vectors))
        ready = models.Q(state=State.COMPLETED, chunk_count__gt=0)
        unfinished = models.Q(state__in=(State.PENDING, State.PROCESSING))
        return self.exclude(original="").filter((ready & lacks) | unfinished)

    def restart(self) -> None:
        """Have them ingested again, with their next generation, in the transaction of what asks for it."""
        from memories import jobs

        pks = list(self.order_by().values_list("pk", flat=True))
        rows = self.model.objects.filter(pk__in=pks)
        rows.update(state=State.PENDING, generation=models.F("generation") + 1, failure_code="", failure="")
        for memory in rows.only("id", "account", "generation"):
            jobs.enqueue(memory)

    def expired(self) -> Self:
        return self.filter(expires_at__lte=timezone.now())

    def with_text(self) -> Self:
        """With its text, which other queries leave in the database: it may be megabytes."""
        return self.defer(None).defer("search")


class Memory(Resource):
    """A document in a space. ``name`` is its title.

    ``original`` is the SHA-256 of the file as it came, in hex (memories/originals.py holds it); ``text`` what was taken
    out of it, normalised, and what every offset points into. ``page_starts`` are the offsets at which its pages begin,
    none for what has no pages. ``chunking`` is its own configuration, null for the space's. Every change of what is to
    be ingested raises ``generation``: a job of an older one changes nothing any more.

    A memory with a ``chat`` belongs to that chat alone. One with a ``folder`` is a file: it lies in the account's
    default space, where only searches that ask for folders find it. ``preview`` is the SHA-256 of a PDF to look at.
    """

    AUDIT_VALUES = frozenset(
        {"name", "space", "chat", "contact", "key", "mime_type", "state", "expires_at", "bot_id", "folder"}
    )
    # Nor is the text asked for again, to be checked: only ingestion writes it.
    SET_BY_CODE = frozenset({"account", "space", "chat", "folder", "contact", "text", "page_starts"})

    space = TenantForeignKey(Space, related_name="memories", db_index=False)
    chat = TenantForeignKey("chats.Chat", CASCADE, related_name="files", null=True, blank=True, db_index=False)
    folder = TenantForeignKey(Folder, CASCADE, related_name="files", null=True, blank=True, db_index=False)
    contact = TenantForeignKey(Contact, CASCADE, related_name="memories", null=True, blank=True, db_index=False)
    key = NameField(max_length=limits.MEMORY_KEY_CHARS, blank=True)
    url = TextField(max_length=limits.URL_CHARS, blank=True)
    original_ref = TextField(max_length=limits.URL_CHARS, blank=True)
    mime_type = NameField(max_length=limits.MIME_TYPE_CHARS, default=TEXT_TYPE)
    original = models.CharField(max_length=64, blank=True, editable=False)
    byte_size = models.BigIntegerField(default=0, editable=False)
    preview = models.CharField(max_length=64, blank=True, editable=False)
    preview_name = NameField(max_length=limits.NAME_CHARS, blank=True, editable=False)
    text = models.TextField(blank=True, editable=False)
    page_starts = ArrayField(models.IntegerField(), default=list, editable=False)
    chunking = models.JSONField(null=True, blank=True)
    configuration = models.JSONField(default=dict, blank=True, editable=False)
    bot_id = NameField(max_length=limits.NAME_CHARS, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING, editable=False)
    failure_code = models.CharField(max_length=32, blank=True, editable=False)
    failure = models.TextField(blank=True, editable=False)
    generation = models.PositiveIntegerField(default=1, editable=False)
    notes = ArrayField(models.TextField(), default=list, editable=False, help_text="What was left out of its text.")
    chunk_count = models.PositiveIntegerField(default=0, editable=False)
    completed_at = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    search = SearchColumn("name", "text")

    objects: ClassVar[Any] = search_manager(MemoryQuerySet, "text", "page_starts")

    class Meta:
        verbose_name_plural = "memories"
        base_manager_name = "objects"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(chat=None) | models.Q(folder=None), name="memories_memory_one_place"
            ),
            models.UniqueConstraint(
                *("account", "folder", MD5("key")),
                condition=models.Q(folder__isnull=False) & ~models.Q(key=""),
                name="memories_memory_key_in_folder",
            ),
            models.UniqueConstraint(
                *("account", "chat", MD5("key")),
                condition=models.Q(chat__isnull=False) & ~models.Q(key=""),
                name="memories_memory_key_in_chat",
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "folder", "created_at", "id"],
                condition=models.Q(folder__isnull=False),
                name="memories_memory_in_folder",
            ),
            models.Index(
                *("account", "folder", Lower("name"), "id"),
                condition=models.Q(folder__isnull=False),
                name="memories_memory_folder_name",
            ),
            models.Index(fields=["account", "created_at", "id"], name="memories_memory_created"),
            models.Index(fields=["account", "updated_at", "id"], name="memories_memory_updated"),
            models.Index(fields=["account", "space", "created_at", "id"], name="memories_memory_in_space"),
            models.Index(
                *("account", "space", MD5("key")),
                condition=models.Q(folder=None, chat=None) & ~models.Q(key=""),
                name="memories_memory_key_in_space",
            ),
            models.Index(
                fields=["account", "chat", "created_at", "id"],
                condition=models.Q(chat__isnull=False),
                name="memories_memory_in_chat",
            ),
            models.Index(
                fields=["account", "contact", "created_at", "id"],
                condition=models.Q(contact__isnull=False),
                name="memories_memory_of_contact",
            ),
            models.Index("account", Lower("name"), "id", name="memories_memory_by_name"),
            models.Index("account", OpClass(KEY_START, "text_pattern_ops"), name="memories_memory_by_key"),
            models.Index(fields=["account", "byte_size", "id"], name="memories_memory_by_size"),
            models.Index(fields=["account", "original"], name="memories_memory_original"),
            models.Index(
                fields=["account", "state", "created_at", "id"],
                condition=~models.Q(state="completed"),
                name="memories_memory_unfinished",
            ),
            models.Index(
                fields=["expires_at"], condition=models.Q(expires_at__isnull=False), name="memories_memory_expiry"
            ),
            GinIndex(fields=["meta"], opclasses=["jsonb_path_ops"], name="memories_memory_meta"),
            GinIndex(fields=["search"], name="memories_memory_search"),
        ]

    def __str__(self) -> str:
        return self.name or self.key or UNTITLED

    @property
    def wire_id(self) -> str:
        """The id on ChatBotKit's wire."""
        return ids.encode(ids.Prefix.MEMORY, self.pk)

    @property
    def unique_id(self) -> str:
        """The id on Unique's wire."""
        return ids.encode(ids.Prefix.CONTENT, self.pk)

    @property
    def container_id(self) -> UUID:
        """Where its chunks are searched: its chat when it belongs to one, else its space."""
        return self.chat_id or self.space_id

    @property
    def is_unfinished(self) -> bool:
        return self.state in (State.PENDING, State.PROCESSING)

    @property
    def page_count(self) -> int:
        return len(self.page_starts)

    def refresh_from_db(self, using: Any = None, fields: Any = None, from_queryset: Any = None) -> None:
        """As the library's. Asked of a queryset that leaves the text out, it would read everything for the text alone,
        and undo what was set on the object before."""
        super().refresh_from_db(using, fields, from_queryset or type(self).objects.defer(None))

    def check_fields(self, meta: dict[str, Any]) -> None:
        super().check_fields(meta)
        if self.folder_id is not None or self.chat_id is not None:
            for name in ("name", "key"):
                if TURNING & set(getattr(self, name)):
                    raise ValidationError({name: TURNED})
        if self.chunking is not None:
            self.chunking = chunking.as_json(chunking.parse(self.chunking))

    def change(self, by: Actor, *, merge_meta: dict[str, Any] | None = None, **fields: Any) -> bool:
        """As Resource.change; into another space its chunks go with it, and out of its folder; into a folder it leaves
        its space. Conflict for a space that is archived, and for a file of a chat."""
        if fields.get("folder") is not None:
            fields["space"] = self.space.account.default_space
        space = fields.get("space")
        if space is None:
            return super().change(by, merge_meta=merge_meta, **fields)
        if space.pk != self.space_id:
            fields.setdefault("folder", None)
        if fields.get("folder") is not None and self.chat_id is not None:
            raise Conflict("A file of a chat stays in it.")
        if space.pk != self.space_id and self.chat_id is not None:
            raise Conflict("A file of a chat stays in it.")
        if space.pk != self.space_id and space.is_archived:
            raise Conflict("The space is archived: it can be read, and takes nothing new.")
        with transaction.atomic():
            if fields.get("folder") is not None:  # before its own row: so does who deletes folders with their files
                lock(self.account_id, alone=False)
            changed = super().change(by, merge_meta=merge_meta, **fields)
            # Also when it was moved meanwhile by somebody else, and is where it was when it was read.
            move_chunks(self.account_id, self.container_id, [self.pk])
            if changed:
                type(self).objects.of(self.account_id).filter(pk=self.pk).to_embed_as(self.space).restart()
                self.refresh_from_db(fields=["state", "generation"])
        return changed

    def remove(self, by: Actor) -> None:
        """Delete it with its chunks and vectors. Its file goes when nothing else is made of it."""
        with transaction.atomic():
            gone, _ = type(self).objects.of(self.account_id).filter(pk=self.pk).delete()
            if gone:
                audit.record(by, "memory.delete", self)

    @classmethod
    def create(cls, by: Actor, space: Space, **fields: Any) -> Memory:
        """A new row, without a file yet. Use memories.ingestion.add, which stores the file and starts the work.

        Raises ValidationError on a field, Conflict in an archived space, AlreadyExists when the id is taken.
        """
        if space.is_archived:
            raise Conflict("The space is archived: it can be read, and takes nothing new.")
        assert fields.get("folder") is None or space.is_default, "files of folders lie in the default space"
        memory = cls.new(by, {"account": space.account, "space": space, **fields})
        with domain_errors():
            memory.insert(by, {"space": space, **{name: fields[name] for name in fields if name in cls.AUDIT_VALUES}})
        return memory


def move_chunks(account: UUID, container: UUID, memories: Sequence[UUID]) -> None:
    """Let the chunks and vectors of these memories be searched in this container."""
    values: dict[str, Any] = {"account": account, "container": container, "memories": list(memories)}
    with connection.cursor() as cursor:
        cursor.execute(MOVE_VECTORS, values)
        cursor.execute(MOVE_CHUNKS, values)


MOVE_VECTORS = """
UPDATE memories_embedding e SET container_id = %(container)s FROM memories_chunk c
WHERE c.account_id = %(account)s AND c.memory_id = ANY(%(memories)s) AND e.account_id = c.account_id
    AND e.chunk_id = c.id AND e.container_id <> %(container)s
"""
MOVE_CHUNKS = """
UPDATE memories_chunk SET container_id = %(container)s
WHERE account_id = %(account)s AND memory_id = ANY(%(memories)s) AND container_id <> %(container)s
"""


class Attempt(TenantModel):
    """One try to ingest one generation of a memory: where it is, how far, and what went wrong."""

    memory = TenantForeignKey(Memory, related_name="attempts", db_index=False)
    generation = models.PositiveIntegerField()
    number = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.LOADING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    is_ok = models.BooleanField(null=True)
    failure_code = models.CharField(max_length=32, blank=True)
    failure = models.TextField(blank=True)
    worker = models.CharField(max_length=100, blank=True)

    objects: ClassVar[Any] = TenantQuerySet["Attempt"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "memory", "generation", "number"], name="memories_attempt_number"
            )
        ]

    def __str__(self) -> str:
        return f"Try {self.number} of {self.memory_id}"
