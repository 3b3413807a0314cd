"""The form of the search lab: a question, where, how, and what to leave out."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef

from memories.filters.expressions import parse
from memories.models import Memory, MemorySettings, Reranker, State
from memories.retrieval import Mode, Place, Query
from spaces.actors import Actor
from spaces.errors import InvalidInput
from spaces.models import Space
from spaces.pages.samples import X_API_KEY, curl
from spaces.permissions import visible_spaces
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.values import check_text

SPACES_OFFERED = 300
SPACES_SEARCHED = 20
MOST = 100
LIMIT = 8
MODES = ((Mode.COMBINED, "Both, merged"), (Mode.VECTOR, "Only meaning"), (Mode.FULL_TEXT, "Only words"))


class SpacesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Up to SPACES_SEARCHED spaces that one may read."""

    def __init__(self, *, actor: Actor, **kwargs: Any) -> None:
        spaces = visible_spaces(actor).defer("search", "meta", "description")
        super().__init__(spaces.select_related("account"), **kwargs)
        names = spaces.filter(is_archived=False).order_by("is_default", "name").values_list("pk", "name", "is_default")
        self.choices = [
            (str(pk), "Unfiled" if is_default else name or "Untitled space")
            for pk, name, is_default in names[:SPACES_OFFERED]
        ]

    def clean(self, value: Any) -> Any:
        found = list(super().clean(value))
        if len(found) > SPACES_SEARCHED:
            raise ValidationError(f"At most {SPACES_SEARCHED} spaces at once.")
        return found


class SearchForm(forms.Form):
    """Everything is optional but the question; ``places()`` and ``query()`` are what search takes."""

    text = forms.CharField(
        label="Question",
        max_length=limits.SEARCH_QUERY_CHARS,
        validators=[check_text],
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "As somebody would ask it"}),
    )
    mode = forms.ChoiceField(label="Search by", choices=MODES, required=False)
    limit = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST,
        label="Results",
        widget=forms.NumberInput(attrs={"placeholder": LIMIT}),
    )
    filter = forms.CharField(
        required=False,
        max_length=4_096,
        label="Filter",
        help_text="GoodMem's language over the metadata.",
        widget=forms.TextInput(
            attrs={
                "class": "mono",
                "autocomplete": "off",
                "spellcheck": "false",
                "placeholder": "val('$.year') = 2026",
            }
        ),
    )
    min_score = forms.FloatField(
        required=False,
        label="Lowest score",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    rerank = forms.BooleanField(required=False, label="Rerank", help_text="By the reranker chosen below.")
    why = forms.CharField(
        required=False,
        max_length=100,
        label="Memory or chunk",
        widget=forms.TextInput(
            attrs={"class": "input mono", "autocomplete": "off", "spellcheck": "false", "form": "lab"}
        ),
    )

    def __init__(self, data: Any = None, *, actor: Actor, space: Space | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.space = space
        if space is None:
            self.fields["spaces"] = SpacesField(
                actor=actor, label="Spaces", required=False, widget=forms.CheckboxSelectMultiple
            )
            ready = Memory.objects.of(actor.account).filter(state=State.COMPLETED, folder=None)
            self.readable = visible_spaces(actor).filter(Exists(ready.filter(space=OuterRef("pk"))), is_archived=False)
        rerankers = Reranker.objects.of(actor.account).order_by("name", "id")  # type: ignore[arg-type]
        self.fields["reranker"] = forms.ModelChoiceField(rerankers, required=False, empty_label="The space's own")
        self.order_fields(["text", "spaces", "mode", "limit", "filter", "min_score", "rerank", "reranker", "why"])

    def clean_filter(self) -> Any:
        text = self.cleaned_data["filter"].strip()
        if not text:
            return None
        try:
            return parse(text)
        except InvalidInput as error:
            raise ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("rerank") and not self._reranker():
            self.add_error("rerank", "Choose a reranker: these spaces have none of their own.")
        return cleaned

    def _spaces(self) -> list[Space]:
        if self.space is not None:
            return [self.space]
        chosen = self.cleaned_data.get("spaces")
        return list(chosen or self.readable.select_related("account").order_by("-updated_at")[:SPACES_SEARCHED])

    def _reranker(self) -> Reranker | None:
        if chosen := self.cleaned_data.get("reranker"):
            return chosen  # type: ignore[no-any-return]
        settings = [MemorySettings.of(space) for space in self._spaces()]
        return next((each.reranker for each in settings if each.reranker_id), None)

    def places(self) -> list[Place]:
        return [Place(space, filter=self.cleaned_data["filter"]) for space in self._spaces()]

    def query(self) -> Query:
        cleaned = self.cleaned_data
        return Query(
            text=cleaned["text"],
            limit=cleaned["limit"] or LIMIT,
            mode=Mode(cleaned["mode"] or Mode.COMBINED),
            min_score=cleaned["min_score"],
            reranker=self._reranker() if cleaned["rerank"] else None,
        )

    def curl(self, request: SpacesRequest) -> str:
        """The same search through GoodMem, which looks by meaning."""
        keys: list[dict[str, str]] = [{"spaceId": str(space.pk)} for space in self._spaces()]
        if self.data.get("filter", "").strip():
            keys = [{**key, "filter": self.data["filter"].strip()} for key in keys]
        body = {
            "message": self.cleaned_data["text"],
            "spaceKeys": keys,
            "requestedSize": self.cleaned_data["limit"] or LIMIT,
        }
        text = json.dumps(body, ensure_ascii=False).replace("'", "'\\''")
        url = request.build_absolute_uri("/v1/memories:retrieve")
        return curl(url, X_API_KEY, body=text)
