"""Folders that were typed into rows of a rule: by id, by path or by name, as ids."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from memories.filters.folders import chain_of
from memories.filters.rules import NO_VALUE
from memories.filters.uniqueql import InvalidFilter
from memories.models import Folder
from memories.pages.files.rows import paths
from memories.permissions import visible_folders
from spaces.actors import Actor
from spaces_project.kit.ids import InvalidId, decode_any

from .rule_rows import FOLDERS, LISTS, PREFIX, Row

VARIABLE = "<"


def with_ids(actor: Actor, rows: Sequence[Row], known: Collection[str]) -> list[Row]:
    """The rows with ids for the folders that were typed. ``known`` are values that the rule had before: they stay.

    Raises InvalidFilter, whose place is ``row 2``, for what names no folder that this person may read, or several.
    """
    return [_with_ids(actor, row, known, f"row {number}") for number, row in enumerate(rows, 1)]


def _with_ids(actor: Actor, row: Row, known: Collection[str], place: str) -> Row:
    if row.field not in FOLDERS or row.operator in NO_VALUE or row.value in known or not row.value.strip():
        return row
    if row.folder:  # picked, so that what was typed does not count
        return row
    if row.operator not in LISTS:
        return replace(row, value=_resolved(actor, row, row.value.strip(), place))
    parts = [part.strip() for part in row.value.split(",") if part.strip()]
    return replace(
        row, value=", ".join(part if part in known else _resolved(actor, row, part, place) for part in parts)
    )


def _resolved(actor: Actor, row: Row, text: str, place: str) -> str:
    """An id as it was typed, anything else as the id of the folder that it names."""
    if VARIABLE in text:
        return text
    pks = _ids(text)
    if pks:
        if visible_folders(actor).filter(pk__in=pks).count() < len(set(pks)):
            raise InvalidFilter(place, f"there is no folder with the id {text} that you may read")
        if chain_of(text) is not None:
            return text
    wire_id = Folder(pk=pks[0]).wire_id if pks else _named(actor, text, place).wire_id
    return f"{PREFIX}{wire_id}" if row.field == "folderIdPath" else wire_id


def _ids(text: str) -> list[UUID]:
    """Of a chain of ids as rules have them, or of one id in any dialect's spelling."""
    if chain := chain_of(text):
        return list(chain.pks)
    try:
        return [decode_any(text.removeprefix(PREFIX))]
    except InvalidId:
        return []


def _named(actor: Actor, text: str, place: str) -> Folder:
    """The folder at a path, from the first that this person may read, or the only one of this name."""
    names = [part.strip() for part in text.split("/") if part.strip()]
    called: list[Folder] = list(visible_folders(actor).filter(name__iexact=names[-1]).order_by("id")) if names else []
    if "/" in text:
        shown = paths(actor, called) if called else {}
        called = [each for each in called if shown[each.pk].lower() == " / ".join(names).lower()]
    exact = [each for each in called if each.name == names[-1]]
    found = exact if len(exact) == 1 else called
    if not found:
        raise InvalidFilter(place, f"there is no folder “{text}” that you may read: write its name, its path or its id")
    if len(found) > 1:
        raise InvalidFilter(
            place, f"{len(found)} folders are called “{text}”: write its path, such as /Docs/{names[-1]}"
        )
    return found[0]
