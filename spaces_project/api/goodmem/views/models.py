"""/v1/embedders, /v1/rerankers and /v1/llms: one shape, three kinds of models."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from memories.models import Embedder, EmbedderProvider, LanguageModel, Provider, Reranker, RerankerProvider
from memories.permissions import get_embedder, get_language_model, get_reranker
from spaces import audit
from spaces.errors import NotFound
from spaces.permissions import can, require
from spaces_project.api.goodmem import serializers_models as bodies
from spaces_project.api.goodmem.base import Operations, nothing
from spaces_project.api.goodmem.credentials import credentials
from spaces_project.api.goodmem.ids import uuid_of
from spaces_project.api.goodmem.labels import check_strategy
from spaces_project.api.goodmem.model_setup import change_model, create_model
from spaces_project.api.goodmem.records import Record
from spaces_project.api.goodmem.records_models import embedder_record, llm_record, reranker_record
from spaces_project.api.operations import Response


class ModelOperations(Operations):
    """Everybody of the account lists and reads them, but for keys that are limited to spaces; who changes them is in
    spaces/permissions.py."""

    spelled: ClassVar[dict[str, str]] = {
        "name": "displayName",
        "api_key": "credentials.apiKey.inlineSecret",
        "key_header": "credentials.apiKey.headerName",
        "key_prefix": "credentials.apiKey.prefix",
        "temperature": "defaultSamplingParams.temperature",
        "max_tokens": "defaultSamplingParams.maxTokens",
    }
    kind: type[Any]
    what: str
    key: str
    providers: list[str]
    new_body: Any
    change_body: Any
    may_create, may_change = "model.create", "model.update"

    def by_id(self, pk: UUID) -> Any:
        raise NotImplementedError

    def record(self, row: Any) -> Record:
        raise NotImplementedError

    def list(self, request: HttpRequest) -> Response:
        require(self.actor, "model.list")
        rows = self.filtered().order_by("created_at", "id")
        return Response({self.key: [self.record(row) for row in rows]})

    def filtered(self) -> Any:
        rows = self.kind.objects.of(self.account)
        if self.actor.only_spaces is not None:
            rows = rows.none()
        if owner := self.query.uuid("ownerId", "owner"):
            rows = rows.filter(owner=owner)
        if provider := self.query.choice("providerType", self.providers):
            rows = rows.filter(provider_type=provider)
        labels = self.query.labels()
        return rows.filter(labels__contains=labels) if labels else rows

    def create(self, request: HttpRequest) -> Response:
        require(self.actor, self.may_create)
        return Response(self.record(create_model(self.actor, self.kind, self.body(self.new_body))), status=201)

    def retrieve(self, request: HttpRequest, model_id: str) -> Response:
        require(self.actor, "model.list")
        row = self.find(model_id)
        record = self.record(row)
        return Response({**record, **self.revealed(row)} if self.query.flag("includeCredentials") else record)

    @transaction.atomic
    def revealed(self, row: Any) -> Record:
        """Its key, for administrators; that they read it is written down."""
        require(self.actor, "account.administer")
        audit.record(self.actor, row.operation("reveal"), row)
        return {"credentials": credentials(row)}

    def modify(self, request: HttpRequest, model_id: str) -> Response:
        row = self.find(model_id)
        require(self.actor, self.may_change, row)
        given = self.body(self.change_body)
        check_strategy(given)
        change_model(self.actor, row, given)
        return Response(self.record(row))

    def remove(self, request: HttpRequest, model_id: str) -> HttpResponse:
        row = self.find(model_id)
        require(self.actor, self.may_change, row)
        row.remove(self.actor)
        return nothing()

    def find(self, text: str) -> Any:
        pk = uuid_of(text, self.what)
        if self.actor.only_spaces is not None:
            raise NotFound(f"{self.what.capitalize() if self.what.islower() else self.what} not found")
        return self.by_id(pk)


class EmbedderOperations(ModelOperations):
    kind, what, key = Embedder, "embedder", "embedders"
    providers = EmbedderProvider.values
    new_body, change_body = bodies.EmbedderBody, bodies.EmbedderChange

    def by_id(self, pk: UUID) -> Embedder:
        return get_embedder(self.actor, pk)

    def record(self, row: Embedder) -> Record:
        return embedder_record(row)

    def list(self, request: HttpRequest) -> Response:
        """The account's default first: clients that know no other take the first. A new account gets it now."""
        require(self.actor, "model.list")
        Embedder.default_of(self.account)
        rows = self.filtered().order_by("-is_default", "created_at", "id")
        return Response({self.key: [embedder_record(row) for row in rows]})


class RerankerOperations(ModelOperations):
    kind, what, key = Reranker, "reranker", "rerankers"
    providers = RerankerProvider.values
    new_body, change_body = bodies.RerankerBody, bodies.ModelChange

    def by_id(self, pk: UUID) -> Reranker:
        return get_reranker(self.actor, pk)

    def record(self, row: Reranker) -> Record:
        return reranker_record(row)


class LlmOperations(ModelOperations):
    """Spaces answer with them by name, so only administrators say which there are."""

    kind, what, key = LanguageModel, "LLM", "llms"
    providers = Provider.values
    new_body, change_body = bodies.LlmBody, bodies.LlmChange
    may_create = may_change = "account.administer"

    def by_id(self, pk: UUID) -> LanguageModel:
        return get_language_model(self.actor, pk)

    def record(self, row: LanguageModel) -> Record:
        return llm_record(row, is_whole=can(self.actor, "account.administer"))

    def create(self, request: HttpRequest) -> Response:
        """Answered inside ``llm``; ``statuses`` says when what it can do was not given."""
        require(self.actor, self.may_create)
        given = self.body(self.new_body)
        row = create_model(self.actor, self.kind, given)
        statuses = None if given.get("capabilities") else [INFERRED]
        return Response({"llm": self.record(row), "statuses": statuses}, status=201)


INFERRED = {
    "code": "LLM_CAPABILITY_INFERRED",
    "message": "Capabilities were not given: those of an OpenAI-compatible chat model are assumed.",
    "details": {},
}
