"""How a space answers. No row means the defaults: ``Assistant.of`` reads, the first write inserts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID, uuid5

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from memories.filters.uniqueql import parse
from spaces import audit
from spaces.actors import Actor
from spaces.errors import InvalidInput
from spaces.models import Space
from spaces.models.integrity import domain_errors
from spaces.permissions import can
from spaces_project.kit import ids, limits
from spaces_project.kit.egress import Refused, needs_opening, origin
from spaces_project.kit.sealed import SealedField
from spaces_project.kit.tenancy import TenantForeignKey, TenantModel, TenantQuerySet
from spaces_project.kit.values import NameField, TextField

DEFAULT_MODULE = "UniqueAi"
DEFAULT_WEIGHT = 10_000


def _json(kind: type, words: str) -> Any:
    """A validator: free JSON of one kind, within the limits of meta."""

    def check(value: Any) -> None:
        if value is not None and not isinstance(value, kind):
            raise ValidationError(f"Must be {words}.")

    return check


def check_object(value: Any) -> None:
    _json(dict, "a JSON object")(value)


def check_list(value: Any) -> None:
    _json(list, "a JSON array")(value)


def check_rule(value: Any) -> None:
    """A UniqueQL rule that is understood."""
    try:
        parse(value)
    except InvalidInput as error:
        raise ValidationError(str(error)) from error


class Assistant(TenantModel):
    """How one space answers, and how Unique shows it: its face of the space.

    ``webhook_by_admin``: who named ``webhook_url`` administers the account, so it may be within the network.
    """

    class Upload(models.TextChoices):
        ENABLED = "ENABLED", "People may add files to their chats"
        DISABLED = "DISABLED", "No files in chats"

    class UiType(models.TextChoices):
        MAGIC_TABLE = "MAGIC_TABLE"
        UNIQUE_CUSTOM = "UNIQUE_CUSTOM"
        TRANSLATION = "TRANSLATION"
        UNIQUE_AI = "UNIQUE_AI"
        SWAPPABLE_INTELLIGENCE = "SWAPPABLE_INTELLIGENCE"

    AUDIT_NAME = False
    AUDIT_VALUES = frozenset(
        {"is_external", "is_pinned", "is_sub_agent", "language_model", "fallback_module", "ui_type", "chat_upload"}
        | {"input_limit", "internal_search", "allow_model_switching", "allow_end_user_space", "concurrency"}
    )

    space = TenantForeignKey(Space, related_name="assistants", db_index=False)
    title = NameField(max_length=limits.NAME_CHARS, blank=True)
    subtitle = NameField(max_length=limits.NAME_CHARS, blank=True)
    explanation = TextField(max_length=limits.DESCRIPTION_CHARS, blank=True)
    alert = TextField(max_length=limits.DESCRIPTION_CHARS, blank=True)
    instructions = TextField(
        max_length=limits.BACKSTORY_CHARS, blank=True, help_text="What a language model is told before every chat."
    )
    input_limit = models.PositiveIntegerField(null=True, blank=True, help_text="Characters of a question.")
    input_placeholder = NameField(max_length=limits.NAME_CHARS, blank=True)
    chat_upload = models.CharField(max_length=8, choices=Upload, default=Upload.DISABLED)
    goals = models.JSONField(default=list, blank=True, validators=[check_list])
    language_model = NameField(max_length=limits.NAME_CHARS, blank=True)
    allow_model_switching = models.BooleanField(default=False)
    switchable_language_models = models.JSONField(default=list, blank=True, validators=[check_list])
    fallback_module = NameField(max_length=limits.NAME_CHARS, default=DEFAULT_MODULE)
    is_external = models.BooleanField("answered by an external system", default=False)
    webhook_url = TextField(max_length=limits.URL_CHARS, blank=True)
    webhook_by_admin = models.BooleanField(default=False, editable=False)
    webhook_secret = SealedField(help_text="Signs what is sent to webhook_url.")
    is_pinned = models.BooleanField(default=False)
    ui_type = models.CharField(max_length=22, choices=UiType, default=UiType.UNIQUE_AI)
    settings = models.JSONField(null=True, blank=True, validators=[check_object])
    internal_search = models.BooleanField(default=False, help_text="Answers may use folder files the user may read.")
    allow_end_user_space = models.BooleanField(default=False)
    is_sub_agent = models.BooleanField(default=False)
    sub_agent_settings = models.JSONField(null=True, blank=True, validators=[check_object])
    concurrency = models.PositiveSmallIntegerField(
        default=limits.ANSWERS_PER_SPACE, help_text="Answers written at the same time."
    )
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[Any] = TenantQuerySet["Assistant"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "space"], name="chats_assistant_of_space")]

    def __str__(self) -> str:
        return self.title or str(self.space)

    @classmethod
    def of(cls, space: Space) -> Assistant:
        """The facet of this space: its row, or an unsaved one with the defaults."""
        found = cls.objects.of(space.account_id).filter(space=space).first()
        assistant: Assistant = found or cls(account_id=space.account_id, space=space)
        assistant.space = space
        return assistant

    @property
    def is_stored(self) -> bool:
        return not self._state.adding

    def change(self, by: Actor, parts: Mapping[type[_Part], Sequence[_Part]] | None = None, /, **fields: Any) -> bool:
        """Set the given fields, storing the row if it is the first time; says whether anything changed.

        ``parts`` are rows (of this assistant) that take the place of all rows of their kind. One audit entry in all.
        Raises ValidationError on a field, also of a part.
        """
        with domain_errors(), transaction.atomic():
            Space.objects.of(self.account_id).select_for_update(no_key=True).get(pk=self.space_id)
            current = type(self).of(self.space)
            changes = audit.assign(current, fields)
            changes |= {str(kind._meta.verbose_name_plural): None for kind in parts or ()}
            if changes:
                current.clean_fields()
                current._check_limits()
                if "webhook_url" in changes:
                    current._check_reach(by)
                current.updated_at = timezone.now()
                current.save(force_insert=not current.is_stored, force_update=current.is_stored)
                for kind, rows in (parts or {}).items():
                    current._put(kind, rows)
                audit.record(by, "assistant.update", current, changes)
            self.__dict__.update(current.__dict__)
        return bool(changes)

    def _put(self, kind: type[_Part], rows: Sequence[_Part]) -> None:
        """Checked, in place of all rows of this kind."""
        for row in rows:
            row.assistant = self
            row.clean_fields(exclude={"account", "assistant"})
        stored: Any = kind._base_manager
        stored.filter(account_id=self.account_id, assistant=self).delete()
        stored.bulk_create(rows)

    def stored(self, by: Actor) -> Assistant:
        """This facet as a row, for what hangs on it."""
        if not self.is_stored:
            self.save(force_insert=True)
            audit.record(by, "assistant.update", self, {})
        return self

    def _check_limits(self) -> None:
        if not 1 <= self.concurrency <= limits.ANSWERS_PER_SPACE_MOST:
            raise ValidationError({"concurrency": f"1 to {limits.ANSWERS_PER_SPACE_MOST}."})
        try:
            if self.webhook_url:
                origin(self.webhook_url)
        except Refused as error:
            raise ValidationError({"webhook_url": str(error)}) from error

    def _check_reach(self, by: Actor) -> None:
        """What the operator opened inside his network is for administrators to name; ValidationError.

        Names are looked up with each call only, which then goes by ``webhook_by_admin``.
        """
        url, self.webhook_by_admin = self.webhook_url, can(by, "account.administer")
        if url and needs_opening(url, settings.EGRESS_ALLOW) and not self.webhook_by_admin:
            raise ValidationError(
                {"webhook_url": "Only an administrator may name a local server, or one without https."}
            )

    def modules(self) -> list[Module]:
        """The modules, heaviest first; the default one when there is no row."""
        if self.is_stored and (rows := list(self.module_set.order_by("-weight", "created_at", "id"))):
            return rows
        return [self.default_module()]

    def default_module(self) -> Module:
        """Unsaved, with an id that stays the same when it is saved one day."""
        module = Module(
            id=default_module_id(self.space_id), account_id=self.account_id, assistant=self, name=DEFAULT_MODULE
        )
        module.created_at = module.updated_at = self.space.created_at
        return module

    def rules(self) -> list[ScopeRule]:
        return list(self.scope_rules.order_by("created_at", "id")) if self.is_stored else []

    def prompts(self) -> list[AssistantPrompt]:
        return list(self.prompt_set.order_by("order", "created_at", "id")) if self.is_stored else []

    def mcp_servers(self) -> list[McpServer]:
        return list(self.mcp_server_set.order_by("created_at", "id")) if self.is_stored else []

    def sub_agents(self) -> list[SubAgent]:
        return list(self.sub_agent_set.select_related("agent").order_by("created_at", "id")) if self.is_stored else []

    def replace(self, by: Actor, rows: type[_Part], made: Iterable[_Part]) -> None:
        """Put ``made`` (unsaved, of this assistant) in place of all rows of this kind. One audit entry."""
        self.change(by, {rows: list(made)})


class _Part(TenantModel):
    """A row that hangs on an assistant."""

    assistant: Any
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True

    def touch(self) -> None:
        """It is about to be stored anew."""
        self.updated_at = timezone.now()


class Module(_Part):
    """One of the things that can answer in a space; the heaviest, or the fallback, does."""

    assistant = TenantForeignKey(Assistant, related_name="module_set", db_index=False)
    name = NameField(max_length=limits.NAME_CHARS)
    description = TextField(max_length=limits.DESCRIPTION_CHARS, blank=True)
    tool_definition = models.JSONField(null=True, blank=True, validators=[check_object])
    configuration = models.JSONField(default=dict, blank=True, validators=[check_object])
    weight = models.IntegerField(default=DEFAULT_WEIGHT)
    is_external = models.BooleanField(default=False)
    is_custom_instruction_enabled = models.BooleanField(default=False)
    module_template_id = NameField(max_length=limits.NAME_CHARS, blank=True)

    objects: ClassVar[Any] = TenantQuerySet["Module"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["account", "assistant"], name="chats_module_of")]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def wire_id(self) -> str:
        return ids.encode(ids.Prefix.MODULE, self.pk)


class ScopeRule(_Part):
    """What answers of this space may use, in UniqueQL; all rules of a space must hold."""

    assistant = TenantForeignKey(Assistant, related_name="scope_rules", db_index=False)
    title = NameField(max_length=limits.NAME_CHARS, blank=True)
    rule = models.JSONField(validators=[check_rule])
    is_advanced = models.BooleanField(default=False)

    objects: ClassVar[Any] = TenantQuerySet["ScopeRule"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["account", "assistant"], name="chats_rule_of")]

    def __str__(self) -> str:
        return self.title or "Scope rule"


class AssistantPrompt(_Part):
    """A question that people are offered."""

    assistant = TenantForeignKey(Assistant, related_name="prompt_set", db_index=False)
    order = models.IntegerField(default=0)
    title = NameField(max_length=limits.NAME_CHARS)
    prompt = TextField(max_length=limits.DESCRIPTION_CHARS)

    objects: ClassVar[Any] = TenantQuerySet["AssistantPrompt"].as_manager()

    class Meta:
        verbose_name_plural = "prompts"
        indexes = [models.Index(fields=["account", "assistant", "order"], name="chats_prompt_of")]

    def __str__(self) -> str:
        return str(self.title)


class McpServer(_Part):
    """A link to a server of tools: kept and returned; tools are not called by this product."""

    assistant = TenantForeignKey(Assistant, related_name="mcp_server_set", db_index=False)
    server_id = NameField(max_length=limits.NAME_CHARS)
    name = NameField(max_length=limits.NAME_CHARS, blank=True)
    is_enabled = models.BooleanField(default=True)
    tools = models.JSONField(null=True, blank=True, validators=[check_list])

    objects: ClassVar[Any] = TenantQuerySet["McpServer"].as_manager()

    class Meta:
        verbose_name = "MCP server"
        constraints = [
            models.UniqueConstraint(fields=["account", "assistant", "server_id"], name="chats_mcp_server_once")
        ]

    def __str__(self) -> str:
        return str(self.name or self.server_id)


class SubAgent(_Part):
    """Another space that this one may ask."""

    assistant = TenantForeignKey(Assistant, related_name="sub_agent_set", db_index=False)
    agent = TenantForeignKey(Space, related_name="sub_agent_of")
    settings_override = models.JSONField(null=True, blank=True, validators=[check_object])

    objects: ClassVar[Any] = TenantQuerySet["SubAgent"].as_manager()

    class Meta:
        verbose_name_plural = "sub-agents"
        constraints = [models.UniqueConstraint(fields=["account", "assistant", "agent"], name="chats_sub_agent_once")]

    def __str__(self) -> str:
        return str(self.agent)


def default_module_id(space_id: UUID) -> UUID:
    """The id of the default module of a space, whether or not it has a row."""
    return uuid5(space_id, DEFAULT_MODULE)
