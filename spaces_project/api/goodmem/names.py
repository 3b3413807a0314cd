"""``nameFilter``: a pattern for the whole name, in any case. ``*`` is any run of characters, ``?`` any one."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, F, Func, Value

_LITERAL = {"%": "\\%", "_": "\\_", "\\": "\\\\", "*": "%", "?": "_"}


def like_pattern(glob: str) -> str:
    """The pattern of SQL's LIKE; what is special there and not in ``glob`` stands for itself."""
    return "".join(_LITERAL.get(char, char) for char in glob)


def named_like(glob: str, column: str = "name") -> Any:
    """A condition for ``filter``."""
    return Func(F(column), Value(like_pattern(glob)), arg_joiner=" ILIKE ", template="(%(expressions)s)",
                output_field=BooleanField())  # fmt: skip
