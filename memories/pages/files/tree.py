"""The tree beside the list: the top, what is open on the way to the folder one is in, and more when it is unfolded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from memories.models import Folder
from memories.permissions import top_folders, visible_folders
from spaces.actors import Actor

NODES = 200


@dataclass
class Node:
    """A folder in the tree; ``children`` are there when it is open, ``more`` says that some are left out."""

    folder: Folder
    has_folders: bool
    is_open: bool = False
    is_current: bool = False
    children: list[Node] = field(default_factory=list)
    more: bool = False


def tree(actor: Actor, current: Folder | None) -> tuple[list[Node], bool]:
    """The top of the tree, unfolded down to ``current``, and whether some of it is left out: one statement more for
    the whole way."""
    path = set(current.path) if current is not None else set()
    by_parent: dict[UUID | None, list[Any]] = {}
    for folder in _listed(actor, visible_folders(actor).filter(parent__in=path)):
        by_parent.setdefault(folder.parent_id, []).append(folder)
    tops, more = _some(list(_listed(actor, top_folders(actor))), path)
    return _nodes(tops, by_parent, path, current), more


def children(actor: Actor, folder: Folder) -> tuple[list[Node], bool]:
    """The folders directly in one, folded, and whether some are left out."""
    found, more = _some(list(_listed(actor, visible_folders(actor).inside(folder))[: NODES + 1]), set())
    return _nodes(found, {}, set(), None), more


def _listed(actor: Actor, folders: Any) -> Any:
    inner = visible_folders(actor).filter(parent=OuterRef("pk"))
    fields = ("id", "account", "name", "parent", "path", "access_path")
    return folders.by_name().annotate(has_folders=Exists(inner)).only(*fields)


def _some(folders: list[Any], path: set[UUID]) -> tuple[list[Any], bool]:
    """The first NODES of them, and what is on the way to where one is."""
    kept = [folder for place, folder in enumerate(folders) if place < NODES or folder.pk in path]
    return kept, len(kept) < len(folders)


def _nodes(
    folders: list[Any], by_parent: dict[UUID | None, list[Any]], path: set[UUID], current: Folder | None
) -> list[Node]:
    nodes = []
    for folder in folders:
        is_current = current is not None and folder.pk == current.pk
        below, more = _some(by_parent.get(folder.pk, []), path)
        inner = _nodes(below, by_parent, path, current)
        nodes.append(Node(folder, folder.has_folders, folder.pk in path and bool(below), is_current, inner, more))
    return nodes
