"""The tab "memory settings" of a space: what embeds, how texts are cut, what puts passages in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from memories.chunking import Span, split
from memories.embedders.tokens import count_tokens
from memories.models import Embedder, Memory, MemorySettings, Reranker, SpaceEmbedder, embedders_of, set_embedders
from spaces.errors import Conflict, TooLarge
from spaces.models import Space
from spaces.pages.space import manageable
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.pages import Count, capped_count, page, render_form, render_page, wants_fragment

from .chunking_form import MEMBERS, ChunkingFields

SAMPLE_CHARS = 20_000
CHUNKING_FIELDS = ("kind", *MEMBERS.values())
SPLIT_SHOWN = 60
SAMPLE = (
    "Returns\n\nEvery piece may be returned within 30 days of its delivery. Keep the receipt: you are asked for it. "
    "Pieces that were made to measure stay with you, unless something is wrong with them.\n\n"
    "Repairs\n\nA joint that opens, a frame that warps or a fitting that breaks is a fault of ours. In the first two "
    "years we repair or replace, and collect the piece free of charge. From the third year we repair at your home.\n\n"
    "Care\n\nKeep the air above thirty percent humidity. Wipe spills at once, and oil the wood twice a year. Small "
    "splits across the end grain close again when the air is moist; a gap along a joint does not, so write to us."
)


class MemorySettingsForm(ChunkingFields):
    """How one space cuts, embeds and orders. ``weights()`` is what set_embedders takes."""

    def __init__(self, data: Any = None, *, space: Space, **kwargs: Any) -> None:
        settings = MemorySettings.of(space)
        self.embedders = list(Embedder.objects.of(space.account_id).order_by("created_at", "id"))
        self.stored = settings.plan
        self.chosen = {each.embedder.pk: each for each in embedders_of(space)}
        initial = {"reranker": settings.reranker_id or ""}
        super().__init__(data, stored=settings.chunking, initial=initial, **kwargs)
        for embedder in self.embedders:
            self._add(embedder)
        rerankers = Reranker.objects.of(space.account_id).order_by("name", "id")
        self.fields["reranker"] = forms.ModelChoiceField(
            rerankers, required=False, empty_label="None", help_text="Reads the best passages again, and orders them."
        )

    def _add(self, embedder: Embedder) -> None:
        own = self.chosen.get(embedder.pk)
        self.fields[f"use_{embedder.pk}"] = forms.BooleanField(
            required=False, initial=own is not None, label=str(embedder), help_text=embedder.description
        )
        self.fields[f"weight_{embedder.pk}"] = forms.FloatField(
            required=False,
            min_value=0,
            max_value=limits.RETRIEVAL_WEIGHT,
            initial=own.weight if own else 1.0,
            label=f"Weight of {embedder}",
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "input short"}),
        )

    @property
    def rows(self) -> list[tuple[Embedder, forms.BoundField, forms.BoundField]]:
        return [(each, self[f"use_{each.pk}"], self[f"weight_{each.pk}"]) for each in self.embedders]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        used = [each for each in self.embedders if cleaned.get(f"use_{each.pk}")]
        if not used:
            self.add_error(None, "Choose at least one embedder: without one nothing is found by its meaning.")
        elif len(used) > limits.SPACE_EMBEDDERS:
            self.add_error(None, f"At most {limits.SPACE_EMBEDDERS} embedders.")
        elif not any(self.weight(each) for each in used):
            self.add_error(None, "At least one weight has to be above 0.")
        return cleaned

    def weight(self, embedder: Embedder) -> float:
        found = self.cleaned_data.get(f"weight_{embedder.pk}")
        return 1.0 if found is None else float(found)

    def weights(self) -> list[tuple[Embedder, float]]:
        """Those ticked with their weights; nothing when that is just what a space without settings has."""
        found = [(each, self.weight(each)) for each in self.embedders if self.cleaned_data[f"use_{each.pk}"]]
        is_default = len(found) == 1 and found[0][0].is_default and found[0][1] == 1.0
        return [] if is_default and not any(each.link for each in self.chosen.values()) else found


@page
@require_http_methods(["GET", "POST"])
def space_memory_settings(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Edit them. What is there keeps its chunks until it is ingested again, which the page then offers."""
    space = manageable(request, pk)
    form = MemorySettingsForm(request.POST or None, space=space)
    if request.method == "POST" and form.is_valid() and _saved(request, space, form):
        return redirect("space_memory_settings", space.pk)
    return render_form(request, "memories/space_memory_settings.html", form, _context(request, space, form))


def _context(request: SpacesRequest, space: Space, form: MemorySettingsForm) -> dict[str, Any]:
    text = request.POST.get("sample", SAMPLE)[:SAMPLE_CHARS]
    said = (
        [(name, " ".join(map(str, form.errors.get(name, [])))) for name in CHUNKING_FIELDS]
        if wants_fragment(request)
        else []
    )
    return {
        "space": space,
        "form": form,
        "sample": text,
        "parts": _parts(form, text),
        "said": said,
        "count": lambda: _count(space),
        "stale": lambda: _stale(space),
    }


def _saved(request: SpacesRequest, space: Space, form: MemorySettingsForm) -> bool:
    settings = MemorySettings.of(space)
    try:
        with transaction.atomic():
            changed = set_embedders(request.actor, space, form.weights())
            is_new_plan = form.plan != settings.plan
            values = {"chunking": form.chunking()} if is_new_plan else {}
            settings.change(request.actor, reranker=form.cleaned_data["reranker"], **values)
            changed |= is_new_plan
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    except Conflict as error:
        form.add_error(None, str(error))
        return False
    said = " What is there keeps its chunks until you ingest it again." if changed and _count(space).value else ""
    messages.success(request, f"Your changes are saved.{said}")
    return True


def _count(space: Space) -> Count:
    return capped_count(Memory.objects.of(space.account_id).in_space(space))


def _stale(space: Space) -> bool:
    """Whether memories were ingested before the settings were last changed."""
    times = list(SpaceEmbedder.objects.of(space.account_id).filter(space=space).values_list("updated_at", flat=True))
    settings = MemorySettings.of(space)
    times += [] if settings._state.adding else [settings.updated_at]
    rows = Memory.objects.of(space.account_id).in_space(space).completed()
    return bool(times) and rows.filter(completed_at__lt=max(times)).exists()


# --------------------------------------------------------------------- preview


@dataclass(frozen=True)
class Part:
    """One chunk of the sample: what it repeats of the one before, and what is new in it."""

    number: int
    repeated: str
    own: str
    tokens: int


@page
@require_POST
def space_memory_preview(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """How the sample would be cut; nothing is stored. What is wrong is said beside its field."""
    space = manageable(request, pk)
    form = MemorySettingsForm(request.POST, space=space)
    form.is_valid()
    context = _context(request, space, form)
    return render_page(
        request, "memories/space_memory_settings.html", context, fragment="memories/_chunking_preview.html"
    )


def _parts(form: MemorySettingsForm, text: str) -> list[Part] | None:
    """The chunks of ``text`` as the form says, or as it is stored; None while what was typed cannot be used."""
    plan = form.plan if form.is_bound else form.stored
    if plan is None:
        return None
    try:
        spans = split(text.replace("\r\n", "\n"), plan)
    except TooLarge:
        return None
    return _cut(text.replace("\r\n", "\n"), spans[:SPLIT_SHOWN])


def _cut(text: str, spans: list[Span]) -> list[Part]:
    found, end = list[Part](), 0
    for number, span in enumerate(spans, start=1):
        whole = text[span.start : span.end]
        repeated = max(end - span.start, 0)
        found.append(Part(number, whole[:repeated], whole[repeated:], count_tokens(whole)))
        end = span.end
    return found
