"""Rerankers: what reads the best passages again and orders them. For administrators."""

from __future__ import annotations

import time
from typing import Any

from django.db import transaction
from django.db.models.functions import Lower

from memories.models import Reranker, RerankerProvider
from memories.rerankers import RerankingFailed
from spaces.models import Space
from spaces.requests import SpacesRequest
from spaces_project.kit.sealed import CannotUnseal

from .remote_forms import RemoteForm
from .remote_models import Outcome, RemotePages, Words

QUESTION = "How long may I return a table?"
TEXTS = ["Oil the wood twice a year.", "Pieces may be returned within thirty days."]


class RerankerForm(RemoteForm):
    ROWS = (
        ("name", "provider_type"),
        ("endpoint_url",),
        ("model_identifier", "api_path"),
        ("api_key",),
        ("forget_key",),
        ("description",),
        ("labels",),
    )

    def __init__(self, data: Any = None, *, model: Reranker | None = None) -> None:
        super().__init__(data, model=model)
        self.fields["provider_type"].choices = RerankerProvider.choices  # type: ignore[attr-defined]
        self.fields["endpoint_url"].help_text = "The base URL, without the path."
        self.fields["api_path"].help_text = "/rerank (TEI, vLLM, Jina, Voyage), /v2/rerank (Cohere)."


def _created(request: SpacesRequest, form: RerankerForm) -> Reranker:
    return Reranker.create(request.actor, request.account, **form.values())


def _changed(request: SpacesRequest, model: Reranker, form: RerankerForm) -> None:
    with transaction.atomic():
        model.change(request.actor, **form.values())


def spaces_using(model: Reranker) -> Any:
    """The spaces that name it, as a SpaceQuerySet."""
    return Space.objects.of(model.account_id).filter(memory_settings__reranker=model).order_by(Lower("name"), "pk")


def tried(model: Reranker) -> Outcome:
    """Have it score two sentences, of which one answers the question."""
    began = time.monotonic()
    try:
        other, answer = model.program().rank(QUESTION, TEXTS)
    except RerankingFailed as failure:
        return Outcome(time.monotonic() - began, error=str(failure))
    except CannotUnseal as error:
        return Outcome(time.monotonic() - began, error=str(error))
    said = "It puts the answer first." if answer > other else "It answers, but puts the wrong sentence first."
    return Outcome(time.monotonic() - began, said, f"the answer scores {answer:.2f}, the other sentence {other:.2f}")


WORDS = Words(
    one="reranker",
    many="rerankers",
    icon="swap",
    lead="They read the best passages together with the question, and order them anew. A space names one.",
    empty="Without one, passages stand in the order of their scores. Add a server that reranks: Cohere, Voyage, Jina, "
    "or TEI, vLLM, llama.cpp of your own.",
    server="Any server that speaks one of these interfaces.",
    test="Has it order two sentences, with the settings as saved.",
    users="A space names one under its tab Memory settings.",
    without="Spaces that use it have to name another one, or none, first.",
)
PAGES = RemotePages("reranker", Reranker, RerankerForm, WORDS, tried, spaces_using, _created, _changed)
VIEWS = PAGES.views()
