"""Embedders: what turns the texts of this account into vectors. For administrators."""

from __future__ import annotations

import time
from typing import Any

from django import forms
from django.db import transaction
from django.db.models.functions import Lower

from memories.embedders.base import EmbeddingFailed
from memories.models import Embedder, EmbedderProvider
from spaces.models import Space
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.sealed import CannotUnseal

from .remote_forms import RemoteForm
from .remote_models import Outcome, RemotePages, Words

TEST = ["How long may I return a table?", "Pieces may be returned within thirty days.", "Oil the wood twice a year."]
OF_SERVER = ("provider_type", "endpoint_url", "api_path", "model_identifier", "api_key", "forget_key")


class EmbedderForm(RemoteForm):
    """A built-in one has no server: only its name, description and labels can be changed."""

    PLAIN = (*RemoteForm.PLAIN, "dimensionality", "max_sequence_length")
    ROWS = (
        ("name", "provider_type"),
        ("endpoint_url",),
        ("model_identifier", "api_path"),
        ("dimensionality", "max_sequence_length"),
        ("api_key",),
        ("forget_key",),
        ("description",),
        ("labels",),
    )

    dimensionality = forms.IntegerField(
        min_value=1,
        max_value=limits.EMBEDDING_DIMENSIONS,
        label="Dimensions",
        help_text="Numbers per vector. They cannot be changed once memories are embedded.",
    )
    max_sequence_length = forms.IntegerField(
        required=False, min_value=1, max_value=10_000_000, label="Longest text", help_text="In tokens; the rest is cut."
    )

    def __init__(self, data: Any = None, *, model: Embedder | None = None) -> None:
        super().__init__(data, model=model)
        self.fields["provider_type"].choices = EmbedderProvider.choices  # type: ignore[attr-defined]
        self.fields["endpoint_url"].help_text = "The base URL, without the path."
        self.fields["api_path"].help_text = "/embeddings (OpenAI, vLLM), /embed (TEI), /v2/embed (Cohere)."
        if model is not None and model.builtin:
            for name in (*OF_SERVER, "dimensionality", "max_sequence_length"):
                self.fields.pop(name, None)


def _created(request: SpacesRequest, form: EmbedderForm) -> Embedder:
    return Embedder.create(request.actor, request.account, **form.values())


def _changed(request: SpacesRequest, model: Embedder, form: EmbedderForm) -> None:
    with transaction.atomic():
        model.change(request.actor, **form.values())


def spaces_using(model: Embedder) -> Any:
    """The spaces that name it, as a SpaceQuerySet."""
    return Space.objects.of(model.account_id).filter(embedder_links__embedder=model).order_by(Lower("name"), "pk")


def tried(model: Embedder) -> Outcome:
    """Embed three short texts, and compare the first with the others."""
    began = time.monotonic()
    try:
        vectors = model.program().embed(TEST)
    except EmbeddingFailed as failure:
        return Outcome(time.monotonic() - began, error=failure.message, detail=failure.code)
    except CannotUnseal as error:
        return Outcome(time.monotonic() - began, error=str(error))
    near, far = (float(vectors[0] @ other) for other in vectors[1:])
    said = f"{len(TEST)} texts, {vectors.shape[1]:,} dimensions."
    return Outcome(time.monotonic() - began, said, f"an answer scores {near:.2f}, another sentence {far:.2f}")


WORDS = Words(
    one="embedder",
    many="embedders",
    icon="memories",
    lead="They turn texts into vectors, so that what means the same is found. A space names its own; the default "
    "embeds otherwise.",
    empty="Add a server that embeds texts: OpenAI, Cohere, Voyage, Jina, or TEI, vLLM, llama.cpp of your own.",
    server="Any server that speaks one of these interfaces.",
    test="Embeds three short texts, with the settings as saved.",
    users="A space names them under its tab Memory settings.",
    without="Spaces that use it have to name another one first.",
    default="embeds wherever no embedder is named; spaces that name some keep them",
)
PAGES = RemotePages(
    "embedder",
    Embedder,
    EmbedderForm,
    WORDS,
    tried,
    spaces_using,
    _created,
    _changed,
    lambda request: Embedder.default_of(request.account),  # the built-in ones are there from the first look
)
VIEWS = PAGES.views()
