"""Making and changing embedders, rerankers and language models as GoodMem's requests say."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.db import transaction

from memories.embedders import EmbeddingFailed
from memories.models import Embedder, InUse, LanguageModel, Reranker
from memories.models.remote import RemoteModel
from spaces.actors import Actor
from spaces.errors import AlreadyExists
from spaces_project.api.errors import FailedPrecondition

from .credentials import key_fields
from .errors import InvalidFields
from .labels import changed_labels
from .setup import owner_for

KEPT = ("dashscopeApiDialect", "geminiEndpointConfig")
NOT_FIELDS = ("credentials", "ownerId", "replaceLabels", "mergeLabels", *KEPT)
EMBEDDING_PATHS = {"COHERE": "/v2/embed", "TEI": "/embed"}
RERANKING_PATHS = {"COHERE": "/v2/rerank", "JINA": "/v1/rerank"}
CHAT_PATH = "/chat/completions"


@transaction.atomic
def create_model(by: Actor, kind: type[Any], given: dict[str, Any]) -> Any:
    """A new row of ``kind``.

    Raises AlreadyExists for the like or a taken id, NotAllowed for another owner, ValidationError and InvalidFields on
    a field.
    """
    if "id" in given and kind.objects.filter(pk=given["id"]).exists():
        raise AlreadyExists(f"{kind._meta.verbose_name.capitalize()} with this ID already exists")
    fields = {"api_path": default_path(kind, given), **_fields(given)}
    fields |= {"owner": owner_for(by, given.get("ownerId")), "meta": _kept(given)}
    made = kind.create(by, by.account, **fields)
    check_callable(made)
    return made


@transaction.atomic
def change_model(by: Actor, row: Any, given: dict[str, Any]) -> None:
    """Change what is given. FailedPrecondition for what defines an embedder's model while spaces use it."""
    fields = {**_fields(given), **changed_labels(given, row)}
    try:
        row.change(by, merge_meta=_kept(given), **fields)
    except InUse as error:
        raise FailedPrecondition(str(error)) from error
    check_callable(row)


def default_path(kind: type[RemoteModel], given: dict[str, Any]) -> str:
    """What follows the address when a request does not say it."""
    provider, address = given["provider_type"], urlsplit(given["endpoint_url"]).path.rstrip("/")
    if kind is LanguageModel:
        return CHAT_PATH
    if kind is Reranker:
        path = RERANKING_PATHS.get(provider, "/rerank")
    else:
        path = EMBEDDING_PATHS.get(provider, "/v1/embeddings" if provider == "JINA" and not address else "/embeddings")
    version = f"/{path.split('/')[1]}"
    return path.removeprefix(version) if version in ("/v1", "/v2") and address.endswith(version) else path


def check_callable(row: RemoteModel) -> None:
    """Raise InvalidFields when the provider is not spoken to at this address."""
    if isinstance(row, Embedder) and not row.builtin:
        try:
            row.program()
        except EmbeddingFailed as error:
            raise InvalidFields([("endpointUrl", error.message)]) from error


def _fields(given: dict[str, Any]) -> dict[str, Any]:
    """The members of a body as the model's fields."""
    fields = {name: value for name, value in given.items() if name not in NOT_FIELDS}
    if "credentials" in given:
        fields |= key_fields(given["credentials"])
    if "sampling" in given:
        sampling = given["sampling"]
        fields |= {"temperature": sampling.get("temperature"), "max_tokens": sampling.get("maxTokens")}
        fields["sampling"] = dict(sampling)
    if "capabilities" in given:
        fields["capabilities"] = dict(given["capabilities"])
    return fields


def _kept(given: dict[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in KEPT if name in given}
