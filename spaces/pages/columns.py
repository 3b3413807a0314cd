"""Which columns a list shows: what its address says (``cols=``, of a saved view), else what this person chose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpResponse, HttpResponseRedirect, QueryDict

from spaces.requests import SpacesRequest
from spaces_project.kit.pages import safe_next

NONE = "none"  # ``cols=none``: an empty value would be taken for no value


@dataclass(frozen=True)
class Columns:
    """``labels`` names the columns that may be hidden, in their order; ``default`` are those shown at first."""

    list_name: str
    labels: Mapping[str, str]
    default: tuple[str, ...]

    def shown(self, request: SpacesRequest) -> list[str]:
        """The keys of the columns to show; nonsense is left out."""
        wanted = request.GET.get("cols", "").split(".")
        if wanted == [""]:
            kept = request.user.list_columns.get(self.list_name)
            wanted = kept if isinstance(kept, list) else [*self.default]
        return [key for key in self.labels if key in wanted]

    def choices(self, request: SpacesRequest) -> list[tuple[str, str, bool]]:
        """(key, label, whether it is shown), for includes/columns.html."""
        shown = self.shown(request)
        return [(key, label, key in shown) for key, label in self.labels.items()]

    def remember(self, request: SpacesRequest, fallback: str) -> HttpResponse:
        """Keep what was ticked as ``col``, and go back to where the person came from, to see it."""
        request.user.show_columns(self.list_name, [key for key in self.labels if key in request.POST.getlist("col")])
        place = urlsplit(safe_next(request, fallback))
        query = QueryDict(place.query, mutable=True)
        query.pop("cols", None)
        return HttpResponseRedirect(place._replace(query=query.urlencode()).geturl())
