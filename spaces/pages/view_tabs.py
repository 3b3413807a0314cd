"""The tabs above a list: the views that it has of itself, then the saved ones, each with how many rows it holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import QueryDict

from spaces.models import SavedView
from spaces.models.saved_views import kept_query
from spaces.permissions import can
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.pages import Count, capped_count

from .columns import NONE, Columns

ALL = (("all", "All"),)


@dataclass(frozen=True)
class ViewTab:
    """``count`` is None where counting would take long, or where a filter of the view cannot be read."""

    label: str
    url: str
    count: Count | None
    current: bool
    is_shared: bool = False


class ListViews:
    """What includes/view_tabs.html shows; nothing is asked of the database before it is shown.

    ``own`` are the values of the parameter ``view`` and their labels; ``filtered`` makes the list's filterset.
    """

    def __init__(
        self,
        request: SpacesRequest,
        url: str,
        columns: Columns,
        filtered: Callable[[Any], Any],
        own: tuple[tuple[str, str], ...] = ALL,
    ) -> None:
        self.request, self.url, self.columns, self.filtered, self.own = request, url, columns, filtered, own

    @property
    def list_name(self) -> str:
        return self.columns.list_name

    @property
    def query(self) -> str:
        """The filters and the sort of this moment, as a view would keep them."""
        return kept_query(self.request.GET.urlencode())

    @property
    def cols(self) -> str:
        return ".".join(self.columns.shown(self.request)) or NONE

    @cached_property
    def saved(self) -> list[SavedView]:
        views = SavedView.objects.of(self.request.account).of_list(self.list_name)
        return list(views.open_to(self.request.user).by_name()[: limits.VIEW_TABS])

    @cached_property
    def current(self) -> SavedView | None:
        """The saved view that this page shows as it was saved."""
        here, cols = self.query, self.request.GET.get("cols", "")
        return next((each for each in self.saved if each.query == here and each.cols == cols), None)

    @property
    def may_change(self) -> bool:
        """Whether the view that is shown is this person's to change."""
        return self.current is not None and may_change(self.request, self.current)

    @property
    def may_share(self) -> bool:
        return may_share(self.request)

    @property
    def tabs(self) -> list[ViewTab]:
        return [*map(self._own_tab, self.own), *map(self._saved_tab, self.saved)]

    def _own_tab(self, view: tuple[str, str]) -> ViewTab:
        key, label = view
        is_current = self.current is None and self.request.GET.get("view", "all") == key
        url = self.url + ("" if key == "all" else f"?view={key}")
        return ViewTab(label, url, self._count({"view": key}), is_current)

    def _saved_tab(self, view: SavedView) -> ViewTab:
        count = self._count(QueryDict(view.query))
        return ViewTab(view.name, self.url + view.address, count, view is self.current, view.is_shared)

    def _count(self, query: Any) -> Count | None:
        filterset = self.filtered(query)
        rows = filterset.qs
        if filterset.complaints or getattr(filterset, "is_costly", False):
            return None
        return capped_count(rows, limits.VIEW_COUNT)


def may_share(request: SpacesRequest) -> bool:
    """Who administers the account decides what everybody sees above a list."""
    return can(request.actor, "account.administer")


def may_change(request: SpacesRequest, view: SavedView) -> bool:
    """One's own, as long as they are not everybody's; administrators also what is shared."""
    return may_share(request) if view.is_shared else view.user_id == request.user.pk
