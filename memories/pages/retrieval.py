"""The search lab: ask as an assistant would, and see what each passage scored and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from memories.models import Embedder, embedders_of
from memories.permissions import visible_searches
from memories.retrieval import Found, Passage, Place, Query, search
from spaces.models import Space
from spaces.permissions import get_space
from spaces.requests import SpacesRequest
from spaces_project.kit.keyset import Sort, Sorting, keyset_page
from spaces_project.kit.pages import page, render_page, without_empty

from .marking import marked_words
from .reasons import reason_for
from .retrieval_form import SearchForm
from .text import pages_words

HISTORY = Sorting((Sort("created", "When", "created_at", is_time=True),), default="-created")
HISTORY_ROWS = 25
LATEST = 8
STAGES = {"embedding": "Embed", "vectors": "Meaning", "words": "Words", "reading": "Read", "reranking": "Rerank"}


@dataclass(frozen=True)
class Part:
    """One part of a score: its name and how it is written."""

    name: str
    value: str


@dataclass(frozen=True)
class Result:
    """One passage as the page shows it."""

    rank: int
    passage: Passage
    space: str
    text: Any
    parts: list[Part]
    share: float  # of the best score, in percent

    @property
    def url(self) -> str:
        number = self.passage.order + 1
        return f"{reverse('memory_detail', args=[self.passage.memory_id])}?chunk={number}#chunk-{number}"

    @property
    def place(self) -> str:
        pages = pages_words(*self.passage.pages) if self.passage.pages else ""
        return " · ".join(filter(None, [f"Chunk {self.passage.order + 1}", self.space, pages]))


@page
@require_safe
def retrieval(request: SpacesRequest) -> HttpResponse:
    """Search one or several spaces."""
    return _lab(request, None, "memories/retrieval.html")


@page
@require_safe
def space_search(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Search one space."""
    return _lab(request, get_space(request.actor, pk), "spaces/space_search.html")


def _lab(request: SpacesRequest, space: Space | None, template: str) -> HttpResponse:
    if clean := without_empty(request):
        return clean
    asked = "text" in request.GET
    form = SearchForm(request.GET if asked else None, actor=request.actor, space=space)
    context: dict[str, Any] = {"form": form, "space": space, "asked": asked, "lab_url": request.path}
    if asked and form.is_valid():
        context |= _answers(request, form)
    status = 422 if asked and not form.is_valid() else 200
    if not asked or not form.is_valid():
        context["latest"] = _searches(request, space).order_by("-created_at", "-id")[:LATEST]
    return render_page(request, template, context, fragment="memories/_found.html", status=status)


def _answers(request: SpacesRequest, form: SearchForm) -> dict[str, Any]:
    """What was found and, when one memory or chunk is asked about, why it was not."""
    places, query = form.places(), form.query()
    found = search(request.actor, places, query, source="page")
    context: dict[str, Any] = {
        "found": found,
        "results": results(found, places, query),
        "stages": [(STAGES.get(each.name, each.name.capitalize()), each.milliseconds) for each in found.stages],
        "milliseconds": sum(each.milliseconds for each in found.stages),
        "curl": form.curl(request),
    }
    if form.cleaned_data["why"]:
        context["reason"] = reason_for(request.actor, places, query, form.cleaned_data["why"])
    return context


def results(found: Found, places: list[Place], query: Query) -> list[Result]:
    """The passages with the parts of their scores and the words of the question marked."""
    names = {place.space.pk: "Unfiled" if place.space.is_default else str(place.space) for place in places}
    embedders = {str(each.embedder.pk): each.embedder for place in places for each in embedders_of(place.space)}
    best = max((each.score for each in found), default=0.0)
    return [
        Result(
            rank,
            each,
            names.get(each.space_id, ""),
            marked_words(each.text, query.text),
            parts_of(each, embedders),
            round(100 * each.score / best, 1) if best > 0 and each.score > 0 else 0,
        )
        for rank, each in enumerate(found, start=1)
    ]


def parts_of(passage: Passage, embedders: dict[str, Embedder]) -> list[Part]:
    """Meaning by each embedder, words, their ranks, and what the reranker said."""
    scores = passage.scores
    found = [Part(str(embedder), f"{scores[pk]:.3f}") for pk, embedder in embedders.items() if pk in scores]
    if "text" in scores:
        found.append(Part("Words", f"{scores['text']:.3f}"))
    for name, label in (("rank_vector", "Place by meaning"), ("rank_text", "Place by words")):
        if name in scores and len(scores) > 3:
            found.append(Part(label, f"{scores[name]:.0f}"))
    if "rerank" in scores:
        found.append(Part("Reranker", f"{scores['rerank']:.3f}"))
    return found


# --------------------------------------------------------------------- history


def _searches(request: SpacesRequest, space: Space | None) -> Any:
    searches = visible_searches(request.actor)
    return searches.filter(space=space) if space else searches


@page
@require_safe
def retrieval_history(request: SpacesRequest) -> HttpResponse:
    """What was searched for, newest first, in the spaces that one may read."""
    listing = keyset_page(
        request, visible_searches(request.actor).select_related("space", "user"), HISTORY, HISTORY_ROWS
    )
    return render_page(
        request, "memories/retrieval_history.html", {"page": listing}, fragment="memories/_retrieval_history.html"
    )
