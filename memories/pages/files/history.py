"""The history of folders and files in words: folders by their names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from memories.permissions import visible_folders
from spaces.actors import Actor
from spaces.filters import to_uuid
from spaces.models import AuditEntry
from spaces.pages.sentences import Change, Line, lines

FIELDS = ("folder", "parent")


def lines_with_folders(actor: Actor, entries: Iterable[AuditEntry]) -> list[Line]:
    """The entries in words, with the names of the folders that are there and that this actor may read."""
    return name_folders(actor, lines(actor, entries))


def name_folders(actor: Actor, found: list[Line]) -> list[Line]:
    """These lines, with one query for the names."""
    changes = [change for line in found for change in line.changes if change.field in FIELDS]
    pks = {pk for change in changes for text in (change.before, change.after) if (pk := to_uuid(text or ""))}
    if not pks:
        return found
    names = {str(pk): name for pk, name in visible_folders(actor).filter(pk__in=pks).values_list("pk", "name")}
    return [replace(line, changes=[_named(change, names) for change in line.changes]) for line in found]


def _named(change: Change, names: dict[str, str]) -> Change:
    if change.field not in FIELDS:
        return change
    before, after = (names.get(text or "", text) for text in (change.before, change.after))
    return replace(change, before=before, after=after)
