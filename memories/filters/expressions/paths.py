"""The part of JSONPath that val, vals and exists understand: members, subscripts, and every element."""

from __future__ import annotations

import json
import re
from typing import TypeAlias

from .errors import InvalidExpression, shown

Step: TypeAlias = str | int | None
"""A member's name, a zero-based subscript, or None for every element of a list."""

Path: TypeAlias = tuple[Step, ...]

_MEMBER = re.compile(r"\.([\w-]+)")
_QUOTED = re.compile(
    r"""\."((?:[^"\\]|\\["\\])*)"|\[\s*"((?:[^"\\]|\\["\\])*)"\s*\]|\[\s*'((?:[^'\\]|\\['\\])*)'\s*\]"""
)
_INDEX = re.compile(r"\[\s*([0-9]{1,6})\s*\]")
_EVERY = re.compile(r"\[\s*\*\s*\]")
STEPS = 32

NOWHERE = -1
"""A step that selects nothing: GoodMem reads ``$.user-id``, and finds nothing there. ``$."user-id"`` is the member."""


def parse_path(text: str, at: int) -> Path:
    """``$.a."b c"[0][*]`` as steps. ``at`` is the place of the text's first character; raises InvalidExpression."""
    if not text.startswith("$"):
        raise InvalidExpression(at, f"a path begins with $, not {shown(text[:1])}")
    steps: list[Step] = []
    place = 1
    while place < len(text):
        step, place = _step(text, place, at)
        steps.append(step)
        if len(steps) > STEPS:
            raise InvalidExpression(at + place, f"at most {STEPS} steps in a path")
    return tuple(steps)


def _step(text: str, place: int, at: int) -> tuple[Step, int]:
    if found := _MEMBER.match(text, place):
        return NOWHERE if "-" in found[1] else found[1], found.end()
    if found := _INDEX.match(text, place):
        return int(found[1]), found.end()
    if found := _QUOTED.match(text, place):
        name = next(group for group in found.groups() if group is not None)
        return re.sub(r"\\(.)", r"\1", name), found.end()
    if found := _EVERY.match(text, place):
        return None, found.end()
    raise InvalidExpression(
        at + place, f"""expected .name, ."any name", [0] or [*] in a path, found {shown(text[place:])}"""
    )


def jsonpath(path: Path, condition: str = "") -> str:
    """PostgreSQL's spelling: strict, so that nothing is unwrapped; what does not fit selects nothing (silently).

    After the first [*] there may be several items, of which one that does not fit must not end the search: each step
    is taken by the items that have it.
    """
    steps, is_many = [], False
    for step in path:
        written = _written(step)
        is_many = is_many or step is None
        steps.append(f" ? (exists(@{written})){written}" if is_many else written)
    return f"strict ${''.join(steps)}{condition}"


def _written(step: Step) -> str:
    if isinstance(step, str):
        return f".{json.dumps(step)}"
    return "[*]" if step is None else f"[{step}]"
