"""Where a file lies: ``folderIdPath``, the ids of its folders from the root down, and what rules ask about it.

Stored as ``uniquepathid://scope_root/…/scope_leaf``. Clients ask for ``uniquepathid://scope_x`` at any depth, for a
chain of ids, for the bare id, and list one folder as ``contains scope_x`` and ``notContains scope_x/``; so ids are
compared whole, and a slash at the end asks for something deeper.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from spaces_project.kit.ids import InvalidId, Prefix, decode

PREFIX = "uniquepathid://"


def in_folder(stored: Any, wanted: Any) -> bool:
    """Is ``wanted`` a contiguous chain of the folders in ``stored``? Nothing but the prefix: is it in any folder?"""
    if not isinstance(stored, str) or not isinstance(wanted, str):
        return False
    chain = wanted.removeprefix(PREFIX)
    path = f"/{stored.removeprefix(PREFIX)}"
    if not chain:
        return True
    return f"/{chain}" in path if chain.endswith("/") else f"/{chain}/" in f"{path}/"


def same_folder(stored: Any, wanted: Any) -> bool:
    """Is ``wanted`` the whole chain of ``stored``, with or without the prefix?"""
    if not isinstance(stored, str) or not isinstance(wanted, str):
        return stored is None and wanted is None
    return stored.removeprefix(PREFIX) == wanted.removeprefix(PREFIX)


class Chain(NamedTuple):
    """What a rule asks of a path: folders that follow one another, and perhaps something below the last."""

    pks: tuple[UUID, ...]
    is_deeper: bool


def chain_of(wanted: str) -> Chain | None:
    """``wanted`` as ids; None if a part of it is not the id of a folder, so that no path contains it."""
    chain = wanted.removeprefix(PREFIX)
    try:
        pks = tuple(decode(Prefix.SCOPE, part) for part in chain.removesuffix("/").split("/"))
    except InvalidId:
        return None
    return Chain(pks, chain.endswith("/"))
