"""Language models of an account: OpenAI-compatible servers that write answers."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models.functions import Lower

from spaces import audit
from spaces.actors import Actor
from spaces.errors import Conflict
from spaces.models import Account
from spaces.models.base import Resource
from spaces.models.integrity import domain_errors
from spaces_project.kit import limits
from spaces_project.kit.egress import Refused, origin
from spaces_project.kit.sealed import SealedField, Secret, check_secret
from spaces_project.kit.tenancy import TenantQuerySet
from spaces_project.kit.values import LabelsField, NameField, TextField

CHAT_PATH = "/chat/completions"


class Provider(models.TextChoices):
    """Whose interface a server speaks; all of them are called in the same way. The names are GoodMem's."""

    OPENAI = "OPENAI", "OpenAI"
    LITELLM_PROXY = "LITELLM_PROXY", "LiteLLM proxy"
    OPEN_ROUTER = "OPEN_ROUTER", "OpenRouter"
    VLLM = "VLLM", "vLLM"
    OLLAMA = "OLLAMA", "Ollama"
    LLAMA_CPP = "LLAMA_CPP", "llama.cpp"
    CUSTOM_OPENAI_COMPATIBLE = "CUSTOM_OPENAI_COMPATIBLE", "Other, OpenAI-compatible"


class LanguageModelQuerySet(TenantQuerySet["LanguageModel"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def called(self, text: str) -> Self:
        """Whose name, or else whose model identifier, is ``text``, ignoring case; by name first."""
        by_name = models.Case(models.When(name__iexact=text, then=0), default=1)
        return self.filter(models.Q(name__iexact=text) | models.Q(model_identifier__iexact=text)).order_by(
            by_name, "created_at", "id"
        )

    def default(self) -> LanguageModel | None:
        """The one that answers where none is named."""
        return self.active().filter(is_default=True).first()


class LanguageModel(Resource):
    """A model on a server with ``/chat/completions``, and how this account calls it.

    ``endpoint_url`` + ``api_path`` is called, with ``api_key`` as a bearer token. A key belongs to its server: when the
    server of ``endpoint_url`` changes and no new key comes with it, the key is forgotten.
    """

    AUDIT_VALUES = frozenset(
        {"name", "provider_type", "api_path", "model_identifier", "is_default", "is_active"}
        | {"temperature", "max_tokens", "max_context_length", "timeout_seconds"}
    )

    provider_type = models.CharField(max_length=24, choices=Provider, default=Provider.CUSTOM_OPENAI_COMPATIBLE)
    endpoint_url = TextField(max_length=limits.EGRESS_URL_CHARS)
    api_path = TextField(max_length=limits.NAME_CHARS, default=CHAT_PATH)
    model_identifier = NameField(max_length=limits.NAME_CHARS)
    api_key = SealedField()
    temperature = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(2)], help_text="0 to 2."
    )
    max_tokens = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="Tokens of one answer, at most."
    )
    max_context_length = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(256)], help_text="Tokens of question and answer together."
    )
    timeout_seconds = models.PositiveSmallIntegerField(
        default=limits.MODEL_SECONDS, validators=[MinValueValidator(1), MaxValueValidator(limits.ANSWER_SECONDS)]
    )
    labels = LabelsField()
    is_default = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[Any] = LanguageModelQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("account", Lower("name"), name="memories_language_model_name"),
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(is_default=True), name="memories_language_model_default"
            ),
        ]
        indexes = [models.Index(fields=["account", "created_at", "id"], name="memories_llm_created")]

    def __str__(self) -> str:
        return str(self.name)

    @classmethod
    def operation(cls, verb: str) -> str:
        return f"language_model.{verb}"

    @property
    def url(self) -> str:
        """What is called."""
        return f"{self.endpoint_url}{self.api_path}"

    def clean(self) -> None:
        if not self.name.strip():
            raise ValidationError({"name": "Give it a name."})
        self.endpoint_url = self.endpoint_url.strip().removesuffix("/").removesuffix(self.api_path).removesuffix("/")
        if self.temperature is not None and not math.isfinite(self.temperature):
            raise ValidationError({"temperature": "Must be a number from 0 to 2."})
        if not self.api_path.startswith("/"):
            raise ValidationError({"api_path": "A path begins with a slash."})
        try:
            origin(self.url)
        except Refused as error:
            raise ValidationError({"endpoint_url": str(error)}) from error

    @classmethod
    def create(cls, by: Actor, account: Account, *, api_key: str = "", **fields: Any) -> LanguageModel:
        """A new one. Raises ValidationError on a field, AlreadyExists when the name is taken."""
        _check_key(api_key)
        made = cls.new(by, {"account": account, "api_key": api_key, **fields})
        with domain_errors(), transaction.atomic():
            if made.is_default:
                cls._drop_default(by, account.pk)
            made.insert(by, {**fields, "api_key": made.api_key})
        return made

    def change(self, by: Actor, *, merge_meta: dict[str, Any] | None = None, **fields: Any) -> bool:
        """As Resource.change. ``api_key`` is set when given; "" forgets it; another server without a key too.

        Conflict when the default is to be switched off.
        """
        if "api_key" in fields:
            _check_key(fields["api_key"])
            fields["api_key"] = Secret.of(fields["api_key"])
        elif "endpoint_url" in fields and not _same_server(self.endpoint_url, fields["endpoint_url"]):
            fields["api_key"] = Secret()
        with transaction.atomic():
            changed = super().change(by, merge_meta=merge_meta, **fields)
            if self.is_default and not self.is_active:
                raise Conflict("The default cannot be switched off. Make another one the default first.")
        return changed

    def make_default(self, by: Actor) -> bool:
        """The one that answers where none is named, instead of the one that was. Conflict when it is switched off."""
        with domain_errors(), transaction.atomic():
            self._drop_default(by, self.account_id, but=self)
            return self.change(by, is_default=True)

    def unmake_default(self, by: Actor) -> bool:
        """Let no language model answer where none is named."""
        return self.change(by, is_default=False)

    @classmethod
    def _drop_default(cls, by: Actor, account: Any, but: LanguageModel | None = None) -> None:
        Account.objects.select_for_update(no_key=True).get(pk=account)
        for other in cls.objects.of(account).filter(is_default=True):
            if but is None or other.pk != but.pk:
                other.change(by, is_default=False)

    def remove(self, by: Actor) -> None:
        """Delete it; spaces that name it answer with the default again."""
        with transaction.atomic():
            gone, _ = type(self).objects.of(self.account_id).filter(pk=self.pk).delete()
            if gone:
                audit.record(by, self.operation("delete"), self)


def _check_key(key: str) -> None:
    try:
        check_secret(key)
    except ValidationError as error:
        raise ValidationError({"api_key": error.messages}) from error


def _same_server(before: str, after: str) -> bool:
    try:
        return origin(before) == origin(after.strip())
    except Refused:
        return False
