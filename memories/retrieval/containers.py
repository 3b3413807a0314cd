"""Where a search looks: containers, each a space, a chat or the folders, with what may be found in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from memories.filters.uniqueql import And
from memories.filters.uniqueql_sql import compile_rule
from memories.models import Embedder, Memory
from memories.permissions import granted_folders
from spaces.actors import Actor
from spaces.models import Space
from spaces.permissions import reaches_account, sees_account

from .rules import binding_rules
from .setups import Asked, Setup, Setups, read
from .types import Place, Query

Condition = tuple[str, list[Any]]
"""SQL over the memory ``m``, and its values."""

ASKED = "the memories asked for"
RULES = "the rules"
UNFILED: Condition = ("m.folder_id IS NULL", [])
READABLE = """
m.folder_id IN (SELECT f.id FROM memories_folder f WHERE f.account_id = %s AND f.access_path && %s::uuid[])
""".strip()


@dataclass(frozen=True)
class Container:
    """A space, a chat's files or the files of folders, and the conditions that a memory in it has to meet.

    Files of folders lie in the account's default space: it and the folders have one ``id``, and conditions that tell
    them apart.

    ``weights`` are its embedders with how much each counts; ``conditions`` come on top of what always holds: the memory
    is complete, not expired, and in this container.
    """

    account_id: UUID
    id: UUID
    weights: tuple[tuple[Embedder, float], ...]
    conditions: tuple[Condition, ...] = ()
    indexed: frozenset[UUID] = frozenset()  # the embedders whose vectors have an index of their own here
    is_chat: bool = False
    is_folders: bool = False
    names: tuple[str, ...] = field(default=(), compare=False)  # of the conditions, for explanations
    setup: Setup | None = field(default=None, compare=False)  # to be checked by who finds something here

    @property
    def is_plain(self) -> bool:
        """Whether nothing is asked of its memories but, in the default space, to be in no folder."""
        return all(condition == UNFILED for condition in self.conditions)

    @cached_property
    def memories(self) -> Condition:
        """Of the memory ``m``: whether it may be found here."""
        where = "m.chat_id = %s" if self.is_chat else "m.space_id = %s AND m.chat_id IS NULL"
        parts: list[Condition] = [
            ("m.account_id = %s", [self.account_id]),
            (where, [self.id]),
            ("m.state = 'completed' AND (m.expires_at IS NULL OR m.expires_at > now())", []),
            *self.conditions,
        ]
        return " AND ".join(f"({sql})" for sql, _ in parts), [value for _, values in parts for value in values]


def containers(
    actor: Actor, places: Sequence[Place], query: Query, setups: Callable[[Sequence[Asked]], Setups] = read
) -> list[Container]:
    """The containers of these places that hold anything. Raises InvalidFilter for a rule that is not UniqueQL."""
    rules = binding_rules(query)
    spaces = {} if query.chat_only else {place.space.pk: place.space for place in places}
    asked = [Asked(space.account_id, space.pk, space.pk) for space in spaces.values()]
    folders = _folders_space(actor, query)
    if folders is not None and folders.pk not in spaces:
        asked.append(Asked(folders.account_id, folders.pk, folders.pk))
    asked += _asked_chat(actor, places, query)
    used = setups(asked)
    found = [
        _of_space(place, query, rules, used) for place in places if place.space.pk in used and place.space.pk in spaces
    ]
    if folders is not None and folders.pk in used:
        found.append(_of_folders(actor, folders, query, rules, used))
    return found + [
        _of_chat(each, query, rules, used) for each in asked if each.container == query.chat and query.chat in used
    ]


def _folders_space(actor: Actor, query: Query) -> Space | None:
    """Where the files of folders lie, if they are asked for and this actor reaches any."""
    if not query.folders or query.chat_only or not reaches_account(actor):
        return None
    return actor.account.default_space  # type: ignore[union-attr]


def _asked_chat(actor: Actor, places: Sequence[Place], query: Query) -> list[Asked]:
    """The chat with the space whose embedders its files have."""
    if query.chat is None:
        return []
    if places:
        return [Asked(places[0].space.account_id, query.chat, places[0].space.pk)]
    files = Memory.objects.of(actor.account).filter(chat=query.chat)
    return [Asked(actor.account.pk, query.chat, space) for space in files.values_list("space", flat=True)[:1]]  # type: ignore[union-attr]


def _of_space(place: Place, query: Query, rules: tuple[Any, ...], used: Setups) -> Container:
    space, weights = place.space, _weights(used, place.space.pk)
    named = [("being in a folder", UNFILED)] if space.is_default else []
    named += _common(query)
    if place.filter is not None:
        named.append(("the filter", place.filter.sql("m.meta")))
    named += _ruled(space.account_id, rules)
    if place.weights:
        weights = tuple((embedder, place.weights.get(embedder.pk, weight)) for embedder, weight in weights)
    return _container(space.account_id, space.pk, weights, named, used)


def _of_folders(actor: Actor, space: Space, query: Query, rules: tuple[Any, ...], used: Setups) -> Container:
    """The files of folders that this actor may read."""
    named = [("the folders", _readable(actor)), *_common(query), *_ruled(space.account_id, rules)]
    if query.folder_ids is not None:
        named.append(("the folders asked for", ("m.folder_id = ANY(%s::uuid[])", [list(query.folder_ids)])))
    return _container(space.account_id, space.pk, _weights(used, space.pk), named, used, is_folders=True)


def _readable(actor: Actor) -> Condition:
    """As ``visible_folders``, for an actor who reaches folders."""
    if sees_account(actor):
        return "m.folder_id IS NOT NULL", []
    return READABLE, [actor.account.pk, granted_folders(actor)]  # type: ignore[union-attr]


def _of_chat(asked: Asked, query: Query, rules: tuple[Any, ...], used: Setups) -> Container:
    """The files of the chat: rules that say which documents an answer uses do not bind them, a caller's filter does."""
    named = [*_named(query), *(_ruled(asked.account, rules) if query.rules_bind_chat else ())]
    if query.chat_files is not None:
        named.append(("the files asked for", ("m.id = ANY(%s::uuid[])", [list(query.chat_files)])))
    return _container(asked.account, asked.container, _weights(used, asked.container), named, used, is_chat=True)


Named = tuple[str, Condition]
Weights = tuple[tuple[Embedder, float], ...]


def _weights(used: Setups, container: UUID) -> Weights:
    return used[container].embedders.weights


def _container(
    account: UUID, pk: UUID, weights: Weights, named: Sequence[Named], used: Setups, **kind: bool
) -> Container:
    conditions, names = tuple(condition for _, condition in named), tuple(name for name, _ in named)
    setup = used[pk]
    return Container(account, pk, weights, conditions, setup.embedders.indexed, names=names, setup=setup, **kind)


def _ruled(account: UUID, rules: tuple[Any, ...]) -> list[Named]:
    return [(RULES, compile_rule(And(rules), account))] if rules else []


def _common(query: Query) -> list[Named]:
    """What binds every container but the chat's, whose files are no contact's."""
    contact: list[Named] = []
    if query.contact is not None:
        contact = [("the contact", ("m.contact_id = %s", [query.contact]))]
    return [*_named(query), *contact]


def _named(query: Query) -> list[Named]:
    return [] if query.memory_ids is None else [(ASKED, ("m.id = ANY(%s::uuid[])", [list(query.memory_ids)]))]
