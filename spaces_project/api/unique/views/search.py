"""/search/search, /search/search-string and /openai/…"""

from __future__ import annotations

from django.http import HttpRequest

from memories.models import LanguageModel
from spaces.permissions import reaches_account, require
from spaces_project.api.operations import Response
from spaces_project.api.unique.base import Operations
from spaces_project.api.unique.calling import completion, phrased, told, vectors
from spaces_project.api.unique.searching import hits
from spaces_project.api.unique.serializers_reading import (
    CompletionBody,
    EmbeddingsBody,
    SearchBody,
    SearchStringBody,
)


class SearchOperations(Operations):
    def search(self, request: HttpRequest) -> Response:
        require(self.actor, "memory.list")
        return Response({"object": "list", "data": hits(self.actor, self.body(SearchBody))})

    def phrase(self, request: HttpRequest) -> Response:
        require(self.actor, "memory.list")
        found = phrased(self.actor, self.body(SearchStringBody))
        return Response({"object": "search.search-string", "searchString": found})


class ModelOperations(Operations):
    """What calls a model needs the right to make one: a call can cost money."""

    def embed(self, request: HttpRequest) -> Response:
        require(self.actor, "model.use")
        found = vectors(self.actor, self.body(EmbeddingsBody)["texts"])
        return Response({"object": "openai.embeddings", "embeddings": found})

    def list(self, request: HttpRequest) -> Response:
        """None for a key that is limited to spaces: the models are the account's."""
        require(self.actor, "model.list")
        models = LanguageModel.objects.of(self.account).active().order_by("name", "id")
        names = models.values_list("name", flat=True) if reaches_account(self.actor) else ()
        return Response({"models": list(names)})

    def complete(self, request: HttpRequest) -> Response:
        require(self.actor, "model.use")
        model, answer = completion(self.actor, self.body(CompletionBody))
        return Response(told(model, answer, f"completion-{request.request_id}"))  # type: ignore[attr-defined]
