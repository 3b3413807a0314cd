"""Which rows a list shows: ``meta.key=value``, ``meta[key]=value``, and comma lists such as ``contactId``: see LISTED.

All conditions hold at once. A text from the query string is read as every type it can be (``24`` finds ``"24"`` and
24, ``true`` the boolean and the text), each reading by containment, which the GIN index serves.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from chats.models import Chat, Rating
from memories.models import Memory
from spaces.actors import Actor
from spaces.errors import InvalidInput
from spaces.models import Space
from spaces_project.kit import limits
from spaces_project.kit.ids import Prefix
from spaces_project.kit.values import check_text

from .lookup import contacts_named, named, spaces_named, wire_pk

Query = dict[str, list[str]]
_DOTTED = re.compile(r"^meta\.(?P<path>.+)$", re.DOTALL)
_BRACKETS = re.compile(r"^meta(?P<path>(\[[^\[\]]+\])+)$", re.DOTALL)
_NUMBER = re.compile(r"^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$")
_WORDS = {"true": True, "false": False}
NUMBER_CHARS = 40
_VALUE = re.compile(r"^(?P<sign>[<>]?=?)(?P<number>-?\d{1,4})$", re.ASCII)
COMPARED = {"": "exact", "=": "exact", ">": "gt", "<": "lt", ">=": "gte", "<=": "lte"}
VOTES = {"upvote": ">0", "downvote": "<0"}
# Comma lists by model: the name in the query string and the field
LISTED: dict[type[Model], dict[str, str]] = {
    Space: {"contactId": "contact", "blueprintId": "blueprint_id"},
    Chat: {
        "spaceId": "space",
        "contactId": "contact",
        "botId": "bot_id",
        "taskId": "task_id",
        "blueprintId": "blueprint_id",
    },
    Memory: {"spaceId": "space", "contactId": "contact", "botId": "bot_id"},
    Rating: {"contactId": "contact", "botId": "chat__bot_id", "conversationId": "chat", "messageId": "message"},
}
# Those that name rows of ours, and those of them that may be @aliases
LINKS = {
    "spaceId": Prefix.SPACE,
    "contactId": Prefix.CONTACT,
    "conversationId": Prefix.CONVERSATION,
    "messageId": Prefix.MESSAGE,
}
NAMED: dict[str, Callable[[Actor, str], Any]] = {"spaceId": spaces_named, "contactId": contacts_named}


def filtered(rows: QuerySet[Any], query: Query, actor: Actor) -> QuerySet[Any]:
    """The rows that match the query string. Raises InvalidInput for too many conditions or texts no row can have."""
    pairs = list(meta_pairs(query))
    if len(pairs) > limits.META_FILTERS:
        raise InvalidInput(f"At most {limits.META_FILTERS} conditions on meta.")
    for path, text in pairs:
        rows = rows.filter(meta_condition(path, text))
    for name, field in LISTED.get(rows.model, {}).items():
        if texts := _listed(query, name):
            rows = rows.filter(_among(name, field, texts, actor))
    if rows.model is Rating:
        rows = _by_value(rows, query.get("value", []))
    return rows


def meta_pairs(query: Query) -> Iterator[tuple[list[list[str]], str]]:
    """Each condition on meta: the paths that its name can mean, and the text wanted there."""
    for name, texts in query.items():
        if dotted := _DOTTED.match(name):
            paths = [dotted["path"].split("."), [dotted["path"]]]
        elif brackets := _BRACKETS.match(name):
            keys = brackets["path"][1:-1].split("][")
            paths = [keys, keys[0].split(".")] if len(keys) == 1 else [keys]
        else:
            continue
        unique = [path for number, path in enumerate(paths) if path not in paths[:number]]
        yield from ((unique, text) for text in texts)


def meta_condition(paths: list[list[str]], text: str) -> Q:
    """Meta that has one of the readings of ``text`` at one of ``paths``."""
    for part in (*paths[0], text):
        _check(part)
    if max(map(len, paths)) > limits.META_DEPTH:
        raise InvalidInput(f"meta: nested deeper than {limits.META_DEPTH} levels.")
    condition = Q()
    for path in paths:
        for value in readings(text):
            condition |= Q(meta__contains=_nested(path, value))
    return condition


def _check(text: str) -> None:
    try:
        check_text(text)
    except ValidationError as error:
        raise InvalidInput(f"meta: {error.messages[0]}") from error


def readings(text: str) -> list[Any]:
    """The JSON values that ``text`` may stand for."""
    values: list[Any] = [text]
    if text in _WORDS:
        values.append(_WORDS[text])
    if len(text) <= NUMBER_CHARS and _NUMBER.match(text):
        number = json.loads(text)
        values += [number] if math.isfinite(number) else []
    return values


def _nested(path: list[str], value: Any) -> Any:
    for key in reversed(path):
        value = {key: value}
    return value


def _listed(query: Query, name: str) -> list[str]:
    """The values of a comma list; none for an empty or absent one."""
    texts = [text.strip() for value in query.get(name, []) for text in value.split(",") if text.strip()]
    if len(texts) > limits.ID_FILTERS:
        raise InvalidInput(f"{name}: at most {limits.ID_FILTERS} values.")
    if any("\x00" in text for text in texts):
        raise InvalidInput(f"{name}: Null characters are not allowed.")
    return texts


def _among(name: str, field: str, texts: list[str], actor: Actor) -> Q:
    """Rows that have one of these there; what names nothing matches nothing, like the id of somebody else's."""
    prefix = LINKS.get(name)
    if prefix is None:
        return Q(**{f"{field}__in": texts})
    condition = Q(**{f"{field}__in": [pk for text in texts if (pk := wire_pk(prefix, text))]})
    for text in texts:
        if text.startswith("@") and name in NAMED and named(prefix, text) is not None:
            condition |= Q(**{f"{field}__in": NAMED[name](actor, text).values("pk")})
    return condition


def _by_value(rows: QuerySet[Any], texts: list[str]) -> QuerySet[Any]:
    """Ratings by their value: ``upvote``, ``downvote``, a number, or one behind ``>``, ``<``, ``>=`` or ``<=``."""
    for text in texts:
        match = _VALUE.match(VOTES.get(text, text))
        if match is None:
            raise InvalidInput("value: upvote, downvote, or a number that may follow >, <, >= or <=.")
        rows = rows.filter(**{f"value__{COMPARED[match['sign']]}": int(match["number"])})
    return rows
