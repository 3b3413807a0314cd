"""Embedders of an account: what turns texts into vectors. Rerankers: what puts passages in order."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction

from memories import embedders, rerankers
from spaces import audit
from spaces.actors import Actor
from spaces.errors import Conflict, NotFound
from spaces.models import Account
from spaces.permissions import can, manageable_spaces
from spaces_project.kit import limits
from spaces_project.kit.prepared import IDS, PreparedRow
from spaces_project.kit.tenancy import TenantQuerySet

from .remote import RemoteModel

SAME_SERVER = ("account", "owner", "provider_type", "endpoint_url", "api_path", "model_identifier", "fingerprint")
BUILTIN_URL = "http://localhost/builtin/"


class EmbedderProvider(models.TextChoices):
    """Whose interface a server speaks. The names are GoodMem's."""

    OPENAI = "OPENAI", "OpenAI, or compatible"
    VLLM = "VLLM", "vLLM"
    TEI = "TEI", "Text Embeddings Inference"
    LLAMA_CPP = "LLAMA_CPP", "llama.cpp"
    VOYAGE = "VOYAGE", "Voyage"
    COHERE = "COHERE", "Cohere"
    JINA = "JINA", "Jina"
    DASHSCOPE = "DASHSCOPE", "DashScope, OpenAI-compatible"
    GEMINI = "GEMINI", "Gemini, OpenAI-compatible"


class RerankerProvider(models.TextChoices):
    """Whose interface a server speaks. The names are GoodMem's."""

    VLLM = "VLLM", "vLLM"
    TEI = "TEI", "Text Embeddings Inference"
    LLAMA_CPP = "LLAMA_CPP", "llama.cpp"
    VOYAGE = "VOYAGE", "Voyage"
    COHERE = "COHERE", "Cohere"
    JINA = "JINA", "Jina"


class Builtin(models.TextChoices):
    """Embedders that run in the worker itself and need no server."""

    MINILM = "minilm", "MiniLM"
    HASHING = "hashing", "Lexical hashing"


BUILTINS: dict[str, dict[str, Any]] = {
    Builtin.MINILM: {
        "name": "MiniLM (runs here)",
        "description": "Compares meanings. all-MiniLM-L6-v2 on this machine's processor; best for English.",
        "model_identifier": "sentence-transformers/all-MiniLM-L6-v2",
        "dimensionality": 384,
        "max_sequence_length": 256,
    },
    Builtin.HASHING: {
        "name": "Lexical hashing (runs here)",
        "description": "Compares words and parts of words, not meanings. Quick, needs no model.",
        "model_identifier": "lexical-hashing",
        "dimensionality": 1024,
    },
}


class Distribution(models.TextChoices):
    DENSE = "DENSE", "Dense"
    SPARSE = "SPARSE", "Sparse"


class EmbedderQuerySet(TenantQuerySet["Embedder"]):
    def builtins(self) -> Self:
        return self.exclude(builtin="")


class Embedder(RemoteModel):
    """What turns a text into a vector of ``dimensionality`` numbers.

    ``builtin`` names one that runs here; its address is then only a name (http://localhost/builtin/minilm).
    """

    AUDIT_VALUES = frozenset(
        {"name", "provider_type", "api_path", "model_identifier", "dimensionality", "distribution_type", "is_default"}
        | {"max_sequence_length", "labels", "version", "owner"}
    )
    DEFINING = ("provider_type", "endpoint_url", "api_path", "model_identifier", "dimensionality", "distribution_type")

    provider_type = models.CharField(max_length=24, choices=EmbedderProvider)
    dimensionality = models.PositiveIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(limits.EMBEDDING_DIMENSIONS)]
    )
    distribution_type = models.CharField(max_length=6, choices=Distribution, default=Distribution.DENSE)
    max_sequence_length = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    builtin = models.CharField(max_length=7, choices=Builtin, blank=True, editable=False)
    is_default = models.BooleanField(default=False, editable=False)

    objects: ClassVar[Any] = EmbedderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[*SAME_SERVER, "dimensionality", "distribution_type"],
                name="memories_embedder_same",
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(is_default=True), name="memories_embedder_default"
            ),
            models.UniqueConstraint(
                fields=["account", "builtin"], condition=~models.Q(builtin=""), name="memories_embedder_builtin"
            ),
        ]
        indexes = [models.Index(fields=["account", "created_at", "id"], name="memories_embedder_created")]

    @property
    def is_semantic(self) -> bool:
        """Whether it compares meanings; lexical hashing compares words."""
        return self.builtin != Builtin.HASHING

    def clean(self) -> None:
        if not self.builtin:
            super().clean()

    def program(self) -> embedders.Embedder:
        """What computes; raises CannotUnseal when its key cannot be read any more."""
        if self.builtin:
            return embedders.builtin(self.builtin)
        size, most = self.dimensionality, self.max_sequence_length
        return embedders.remote(self.provider_type, self.endpoint(), self.model_identifier, size, most)

    @classmethod
    def default_of(cls, account: Account) -> Embedder:
        """The one that embeds where none is named. An account that has none yet gets the built-in ones."""
        return _DEFAULT.get(account.pk) or _install(account)

    def change(self, by: Actor, *, merge_meta: dict[str, Any] | None = None, **fields: Any) -> bool:
        """As RemoteModel.change. Conflict for what defines the model while a space uses it, or of a built-in one."""
        fields = self.as_kept(fields)
        with transaction.atomic():
            defining = {name: value for name, value in fields.items() if name in self.DEFINING}
            if any(getattr(self, name) != value for name, value in defining.items()):
                if self.builtin:
                    raise Conflict("A built-in embedder stays as it is.")
                if self.is_in_use():
                    raise InUse("Spaces use this embedder: its model cannot be changed. Add another one.")
            return super().change(by, merge_meta=merge_meta, **fields)

    def is_in_use(self) -> bool:
        """Whether a space names it or a vector is its."""
        return self.space_links.exists() or self.embeddings.exists() or self.is_default

    def remove(self, by: Actor) -> None:
        """Delete it. Conflict while a space uses it, and for the built-in ones."""
        if self.builtin:
            raise Conflict("A built-in embedder cannot be deleted.")
        if self.is_in_use():
            raise InUse("Spaces use this embedder.")
        super().remove(by)

    def make_default(self, by: Actor) -> bool:
        """The one that embeds where none is named, instead of the one that was; spaces keep what they have."""
        with transaction.atomic():
            Account.objects.select_for_update(no_key=True).get(pk=self.account_id)
            for other in type(self).objects.of(self.account_id).filter(is_default=True).exclude(pk=self.pk):
                other._stay_where_used(by)
                other.change(by, is_default=False)
            return self.change(by, is_default=True)

    def _stay_where_used(self, by: Actor) -> None:
        """Name it in the spaces whose memories it has embedded as the default: else nothing would be found there."""
        from .memories import Memory
        from .settings import SpaceEmbedder

        filled = Memory.objects.of(self.account_id).filter(chunk_count__gt=0).order_by().values_list("space", flat=True)
        linked = SpaceEmbedder.objects.of(self.account_id).values("space")
        spaces = filled.exclude(space__in=linked).distinct()
        links = [SpaceEmbedder(account_id=self.account_id, space_id=space, embedder=self) for space in spaces]
        SpaceEmbedder.objects.bulk_create(links, batch_size=1_000)
        audit.record_many(by, "space_embedder.create", [(link, {"embedder": [None, str(self.pk)]}) for link in links])


_DEFAULT = PreparedRow(lambda account: Embedder.objects.of(account).filter(is_default=True), stand_ins=IDS[:1])


class InUse(Conflict):
    """Something uses it."""


@transaction.atomic
def _install(account: Account) -> Embedder:
    """The built-in embedders of this account, made once; the best one is the default."""
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    by = Actor.system(account, "built-in embedders")
    name: Any
    for name in Builtin:
        if embedders.is_installed(name) and not Embedder.objects.of(account).filter(builtin=name).exists():
            _install_one(by, account, name)
    found = Embedder.objects.of(account).filter(is_default=True).first()
    if found is None:
        raise NotFound("No embedder is installed.")
    return found


def _install_one(by: Actor, account: Account, name: Builtin) -> None:
    made = Embedder(
        account=account,
        owner=account.default_space.owner,
        provider_type=EmbedderProvider.TEI,
        endpoint_url=f"{BUILTIN_URL}{name}",
        builtin=name,
        is_default=not Embedder.objects.of(account).filter(is_default=True).exists(),
        **BUILTINS[name],
    )
    made.save(force_insert=True)
    audit.record(by, made.operation("create"), made, {"name": [None, made.name]})


class Reranker(RemoteModel):
    """What gives each of several passages a score for a question; higher is better."""

    AUDIT_VALUES = frozenset({"name", "provider_type", "api_path", "model_identifier", "labels", "version", "owner"})
    WHERE = ("provider_type", "endpoint_url", "api_path")

    provider_type = models.CharField(max_length=24, choices=RerankerProvider)

    objects: ClassVar[Any] = TenantQuerySet["Reranker"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[*SAME_SERVER],
                name="memories_reranker_same",
                nulls_distinct=False,
            )
        ]
        indexes = [models.Index(fields=["account", "created_at", "id"], name="memories_reranker_created")]

    def program(self) -> rerankers.Reranker:
        """What computes; raises CannotUnseal when its key cannot be read any more."""
        return rerankers.remote(self.provider_type, self.endpoint(), self.model_identifier)

    def change(self, by: Actor, *, merge_meta: dict[str, Any] | None = None, **fields: Any) -> bool:
        """As RemoteModel.change. Conflict for another server while a space uses it that ``by`` does not manage: its
        texts would go there."""
        fields = self.as_kept(fields)
        with transaction.atomic():
            moved = any(getattr(self, name) != fields[name] for name in self.WHERE if name in fields)
            if moved and not can(by, "account.administer"):
                others = self.used_by.exclude(space__in=manageable_spaces(by).values("pk"))
                if others.exists():
                    raise InUse("Spaces of other people use this reranker: only an administrator moves it.")
            return super().change(by, merge_meta=merge_meta, **fields)

    def remove(self, by: Actor) -> None:
        """Delete it. Conflict while a space uses it."""
        if self.used_by.exists():
            raise InUse("Spaces use this reranker.")
        super().remove(by)
