"""The filters of the list of files: the same query string filters the page, its exports and bulk runs."""

from __future__ import annotations

from typing import ClassVar

import django_filters as filters
from django.db.models import Q

from spaces.filters import IdsFilter, to_uuid
from spaces_project.kit import limits

from .filtersets import MemoryFilter
from .models import Folder
from .models.memories import MemoryQuerySet
from .permissions import visible_folders

HERE = frozenset({"folder"})  # what says where to look, and not for what


class FileFilter(MemoryFilter):
    """As MemoryFilter, with ``folder`` and ``below`` for ``space``.

    Of a folder the files that lie directly in it; when anything is searched for, or with ``below``, those of the
    folders below as well. Without a folder the files of all. ``tree``, any number of folders: all files in these and
    below, beside what else is asked for.
    """

    space = None
    folder = filters.CharFilter(method="of_folder", max_length=limits.NAME_CHARS)
    tree = IdsFilter(method="as_it_is")
    below = filters.ChoiceFilter(choices=(("yes", "Yes"),), method="as_it_is")

    LABELS: ClassVar[dict[str, str]] = {
        **{name: label for name, label in MemoryFilter.LABELS.items() if name not in ("space", "contact")},
        "contact": "Contact",
        "below": "Folders below",
        "tree": "Folder and below",
    }

    @property
    def searches(self) -> bool:
        """Whether anything is asked for but a folder."""
        self.is_valid()  # what could not be read is asked for as well
        asked = {name for name, value in self.form.cleaned_data.items() if value not in (None, "", [])}
        return bool((asked | set(self.errors)) - HERE)

    def filter_queryset(self, queryset: MemoryQuerySet) -> MemoryQuerySet:
        found: MemoryQuerySet = super().filter_queryset(queryset)
        trees = self.form.cleaned_data.get("tree")
        if not trees:
            return found
        folders = visible_folders(self.actor).filter(path__overlap=trees).order_by().values("pk")
        asked = any(value for name, value in self.form.cleaned_data.items() if name != "tree")
        beside = Q(pk__in=found.order_by().values("pk")) if asked else Q(pk__in=[])
        return queryset.filter(Q(folder__in=folders) | beside)

    def of_folder(self, queryset: MemoryQuerySet, name: str, value: str) -> MemoryQuerySet:
        """A folder's id in any dialect; nothing for one that may not be read."""
        pk = to_uuid(value)
        folder: Folder | None = visible_folders(self.actor).filter(pk=pk).first() if pk else None
        if folder is None:
            return queryset.none()
        if not self.searches:
            return queryset.filter(folder=folder)
        return queryset.filter(folder__in=visible_folders(self.actor).below(folder).order_by().values("pk"))

    def as_it_is(self, queryset: MemoryQuerySet, name: str, value: str) -> MemoryQuerySet:
        return queryset
