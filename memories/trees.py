"""Work on many folders at once: paths that are made as a whole, trees that go as far as one may delete them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NoReturn
from uuid import UUID

from django.db import transaction

from spaces.actors import Actor
from spaces.errors import AlreadyExists, InvalidInput, NotFound
from spaces.permissions import Level, require
from spaces_project.kit import limits

from .models import Folder, Memory
from .models.folders import SEPARATOR, lock, names_of, remove_folders
from .permissions import manageable_folders, visible_folders

HELD_BACK = "You may not delete this folder."
HOLDS_OTHERS = "It holds folders that you may not delete."
NOT_EMPTY = "The folder is not empty."
MISSING = "Folder not found"


@transaction.atomic
def create_paths(by: Actor, paths: Iterable[str], parent: Folder | None = None, **fields: Any) -> list[Folder]:
    """Make what is missing of ``/A/B`` and the like, at the root or in ``parent``; the folders made, each behind those
    above it. All or none; of two at once the later one finds what the other one made.

    Raises InvalidInput for what is no path, ValidationError for a name, NotFound and NotAllowed where this actor may
    not make folders, AlreadyExists for a folder that is hidden from him, Conflict when too deep.
    """
    wanted = [_names(path) for path in paths]
    assert by.account is not None
    lock(by.account.pk, alone=True)
    there = _there(by.account.pk, wanted, parent)
    made: list[Folder] = []
    ends = [_create(by, names, parent, fields, there, made) for names in wanted]
    readable = set(visible_folders(by).filter(pk__in=[each.pk for each in ends]).values_list("pk", flat=True))
    for each in ends:
        if each.pk not in readable:
            _refuse_hidden(by, each, wanted=each)
    return made


def _names(path: str) -> list[str]:
    """Of a path as people write it: a slash at its end is no name, two in a row are a mistake."""
    if SEPARATOR * 2 in path:
        raise InvalidInput("A path has no empty names: two slashes follow one another.")
    names = names_of(path)
    if not names:
        raise InvalidInput("The path names no folder.")
    return names


There = dict[tuple[UUID | None, str], Folder]
"""Folders by what they lie in (None: the root) and their name."""


def _there(account: UUID, wanted: list[list[str]], parent: Folder | None) -> There:
    """The folders on these paths that exist: one query for each level, however many paths there are."""
    found: There = {}
    above: list[tuple[UUID | None, list[str]]] = [(parent.pk if parent else None, names) for names in wanted]
    while above:
        places = {(pk, names[0]) for pk, names in above}
        found |= {(each.parent_id, each.name): each for each in Folder.objects.of(account).named(places)}
        known = [(found.get((pk, names[0])), names[1:]) for pk, names in above]
        above = [(folder.pk, names) for folder, names in known if folder is not None and names]
    return found


def _create(
    by: Actor, names: list[str], parent: Folder | None, fields: dict[str, Any], there: There, made: list[Folder]
) -> Folder:
    """The folder at the end of the path; what is made on the way goes into ``there`` and ``made``."""
    above = parent
    for name in names:
        place = (above.pk if above else None, name)
        if place not in there:
            if len(made) >= limits.FOLDERS_AT_ONCE:
                raise InvalidInput(f"At most {limits.FOLDERS_AT_ONCE:,} folders are made at once.")
            _check_place(by, above)
            there[place] = Folder.create(by, by.account, above, name, **fields)  # type: ignore[arg-type]
            made.append(there[place])
        above = there[place]
    assert above is not None, "a path has names"
    return above


def _check_place(by: Actor, above: Folder | None) -> None:
    if above is None:
        require(by, "folder.create")
    elif above.level_of(by) < Level.READ:
        _refuse_hidden(by, above)
    else:
        require(by, "folder.write", above)


def _refuse_hidden(by: Actor, folder: Folder, wanted: Folder | None = None) -> NoReturn:
    """Raise what this actor would be told if the first folder on the way to this one that is hidden from him were not
    there; where he could make it, that its name is taken, and nothing of what lies in it."""
    above: Folder | None = None
    for each in folder.ancestry():
        if each.level_of(by) < Level.READ:
            _check_place(by, above)
            raise AlreadyExists("A folder with this name exists there.") if each == wanted else NotFound(MISSING)
        above = each
    raise NotFound(MISSING)


@dataclass(frozen=True)
class Removal:
    """What became of the folders of a tree, by their paths; the kept ones with a sentence that says why. ``paths``
    are ``/A/B`` of each, by its id."""

    removed: list[Folder] = field(default_factory=list)
    kept: list[tuple[Folder, str]] = field(default_factory=list)
    paths: dict[UUID, str] = field(default_factory=dict)


@transaction.atomic
def remove_tree(by: Actor, top: Folder, *, is_recursive: bool) -> Removal:
    """Delete a folder with all in it, as far as this actor may: a folder that he may not delete stays, with its files,
    and so do those above it with theirs. Not recursive: only an empty folder goes.

    Folders that he may not even read are not told of. Who calls this has asked whether he may manage ``top``.
    """
    lock(top.account_id, alone=True)
    folders = list(Folder.objects.of(top.account_id).below(top))
    paths = paths_of(folders)
    folders.sort(key=lambda folder: paths[folder.pk])
    if not is_recursive and (len(folders) > 1 or Memory.objects.of(top.account_id).filter(folder=top).exists()):
        return Removal([], [(top, NOT_EMPTY)], paths)
    blocked = _blocked(by, top)
    holding = {pk for folder in folders if folder.pk in blocked for pk in folder.path} - blocked
    gone = [folder for folder in folders if folder.pk not in blocked | holding]
    remove_folders(by, top.account_id, Folder.objects.of(top.account_id).filter(pk__in=[each.pk for each in gone]))
    told = holding | _readable(by, blocked)
    kept = [(each, HOLDS_OTHERS if each.pk in holding else HELD_BACK) for each in folders if each.pk in told]
    return Removal(gone, kept, paths)


def _blocked(by: Actor, top: Folder) -> set[UUID]:
    below = Folder.objects.of(top.account_id).below(top)
    managed = manageable_folders(by).below(top).order_by().values("pk")
    return set(below.exclude(pk__in=managed).values_list("pk", flat=True))


def _readable(by: Actor, folders: set[UUID]) -> set[UUID]:
    return set(visible_folders(by).filter(pk__in=folders).values_list("pk", flat=True)) if folders else set()


def paths_of(folders: Iterable[Folder]) -> dict[UUID, str]:
    """``/A/B`` of each, by its id, in one query."""
    found = list(folders)
    if not found:
        return {}
    named = Folder.objects.of(found[0].account_id).filter(pk__in={pk for folder in found for pk in folder.path})
    names: dict[UUID, str] = dict(named.values_list("pk", "name"))
    return {folder.pk: "".join(f"{SEPARATOR}{names.get(pk, '')}" for pk in folder.path) for folder in found}
