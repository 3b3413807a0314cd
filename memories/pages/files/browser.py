"""The browser of folders: a tree, the folders and files of one, what is searched for in it and below."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models.functions import Lower
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from memories.filtersets import TYPES
from memories.filtersets_files import FileFilter
from memories.models import Folder, State
from memories.pages.memories import moving
from memories.permissions import get_folder, visible_files
from spaces.filters import to_uuid
from spaces.pages.lists import Scope, query_of
from spaces.permissions import can
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.keyset import KeysetPage, Sort, Sorting, keyset_page, notices
from spaces_project.kit.pages import Chip, Count, capped_count, chips, page, render_page, with_address, without_empty

from .head import head
from .rows import FOLDERS_SHOWN, dress_files, folders_in, folders_named, with_counts
from .samples import upload_sample
from .tree import children, tree

SORTING = Sorting(
    (
        Sort("name", "Name", Lower("name")),
        Sort("size", "Size", "byte_size", is_number=True),
        Sort("created", "Added", "created_at", is_time=True),
        Sort("updated", "Changed", "updated_at", is_time=True),
    ),
    default="name",
)
SHOWN = (
    *("id", "account", "name", "key", "mime_type", "byte_size", "chunk_count", "state", "generation"),
    *("created_at", "updated_at", "folder__account", "folder__name", "folder__path"),
)


def scope_of(folder: Folder | None) -> Scope:
    if folder is None:
        return Scope(reverse("file_list"))
    return Scope(reverse("folder_detail", args=[folder.pk]), {"folder": str(folder.pk)})


def filtered(request: SpacesRequest, query: Any) -> FileFilter:
    """The files this person may read, filtered by a query string."""
    return FileFilter(query, visible_files(request.actor), actor=request.actor)


@page
@require_safe
def file_list(request: SpacesRequest) -> HttpResponse:
    """The top of the tree; what is searched for here is searched for in all folders."""
    if pk := to_uuid(request.GET.get("folder", "")):
        query = request.GET.copy()
        del query["folder"]
        return HttpResponseRedirect(f"{reverse('folder_detail', args=[pk])}?{query.urlencode()}".rstrip("?"))
    return _browse(request, None, {"may_create": can(request.actor, "folder.create")})


@page
@require_safe
def folder_detail(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """The folders and files in one folder."""
    folder = get_folder(request.actor, pk)
    return _browse(request, folder, head(request, folder))


def _browse(request: SpacesRequest, folder: Folder | None, context: dict[str, Any]) -> HttpResponse:
    if clean := without_empty(request):
        return clean
    scope = scope_of(folder)
    filterset = filtered(request, query_of(request, scope))
    rows = filterset.qs if folder is not None or filterset.searches else filterset.qs.none()
    listing = keyset_page(request, rows.select_related("folder").only(*SHOWN), SORTING)
    dress_files(request.actor, listing.rows, _words(filterset), with_paths=filterset.searches)
    context |= _list_context(request, scope, folder, filterset, listing)
    response = render_page(request, "files/file_list.html", context, fragment="files/_file_list.html")
    return with_address(request, response)


def _words(filterset: FileFilter) -> str:
    asked = filterset.form.cleaned_data
    return str(asked.get("text") or asked.get("q") or "")


def _list_context(
    request: SpacesRequest, scope: Scope, folder: Folder | None, filterset: FileFilter, listing: KeysetPage
) -> dict[str, Any]:
    query = query_of(request, scope)
    query.pop("sort", None)
    count = capped_count(filterset.qs) if folder is not None or filterset.searches else Count(0)
    return {
        **_folders(request, folder, filterset, listing),
        "page": listing,
        "filter": filterset,
        "folder": folder,
        "scope": scope,
        "list_url": scope.url,
        "count": count,
        "chips": _chips(request),
        "searches": filterset.searches,
        "notices": notices(filterset.complaints, listing),
        "moving": moving(listing.rows),
        "types": [(key, label) for key, (label, _) in TYPES.items()],
        "states": State.choices,
        "tree": lambda: tree(request.actor, folder),
        "query": query.urlencode(),
        "most": limits.ORIGINAL_BYTES >> 20,
        "curl": lambda: upload_sample(request, folder),
    }


def _folders(
    request: SpacesRequest, folder: Folder | None, filterset: FileFilter, listing: KeysetPage
) -> dict[str, Any]:
    """The folders above the files of the first page: those in here, or those that are called so."""
    if listing.start > 1:
        return {"folders": []}
    if filterset.searches:
        words = str(filterset.form.cleaned_data.get("q") or "")
        return {"folders": with_counts(request.actor, folders_named(request.actor, folder, words))}
    found = list(folders_in(request.actor, folder).by_name()[: FOLDERS_SHOWN + 1])
    left_out = len(found) > FOLDERS_SHOWN
    return {"folders": with_counts(request.actor, found[:FOLDERS_SHOWN]), "left_out": left_out and FOLDERS_SHOWN}


def _chips(request: SpacesRequest) -> list[Chip]:
    words = {
        "state": {value: label.lower() for value, label in State.choices},
        "type": {key: label for key, (label, _) in TYPES.items()},
        "meta": lambda text: text.replace("=", " = ", 1),
        "below": {"yes": "included"},
    }
    return chips(request, FileFilter.LABELS, words)


@page
@require_safe
def folder_tree(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """The folders in one, for the tree when it is unfolded."""
    nodes, more = children(request.actor, get_folder(request.actor, pk))
    return render_page(request, "files/_nodes.html", {"nodes": nodes, "more": more, "is_part": True})
