"""Language models of an account: OpenAI-compatible servers that write answers."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models.functions import Lower

from spaces.actors import Actor
from spaces.errors import Conflict
from spaces.models import Account
from spaces.models.integrity import domain_errors
from spaces_project.kit import limits
from spaces_project.kit.tenancy import TenantQuerySet
from spaces_project.kit.values import MetaField, TextField

from .remote import RemoteModel

CHAT_PATH = "/chat/completions"


class Provider(models.TextChoices):
    """Whose interface a server speaks; all of them are called in the same way. The names are GoodMem's."""

    OPENAI = "OPENAI", "OpenAI"
    LITELLM_PROXY = "LITELLM_PROXY", "LiteLLM proxy"
    OPEN_ROUTER = "OPEN_ROUTER", "OpenRouter"
    DASHSCOPE = "DASHSCOPE", "DashScope, OpenAI-compatible"
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


class LanguageModel(RemoteModel):
    """A model on a server with ``/chat/completions``.

    ``capabilities``, ``sampling`` and ``client_config`` are kept and answered as GoodMem's programs give them.
    """

    AUDIT_VALUES = frozenset(
        {"name", "provider_type", "api_path", "model_identifier", "is_default", "is_active"}
        | {"temperature", "max_tokens", "max_context_length", "timeout_seconds"}
    )

    provider_type = models.CharField(max_length=24, choices=Provider, default=Provider.CUSTOM_OPENAI_COMPATIBLE)
    api_path = TextField(max_length=limits.NAME_CHARS, default=CHAT_PATH)
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
    capabilities = MetaField()
    sampling = MetaField()
    client_config = MetaField()
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

    @classmethod
    def operation(cls, verb: str) -> str:
        return f"language_model.{verb}"

    def clean(self) -> None:
        super().clean()
        if self.temperature is not None and not math.isfinite(self.temperature):
            raise ValidationError({"temperature": "Must be a number from 0 to 2."})

    def before_insert(self, by: Actor) -> None:
        if self.is_default:
            self._drop_default(by, self.account_id)

    def change(self, by: Actor, *, merge_meta: dict[str, Any] | None = None, **fields: Any) -> bool:
        """As RemoteModel.change. Conflict when the default is to be switched off."""
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
