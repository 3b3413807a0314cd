"""The one error of a filter, which names the place."""

from __future__ import annotations

from spaces.errors import InvalidInput

SHOWN_CHARS = 40


class InvalidExpression(InvalidInput):
    """Not a filter; e.g. ``Invalid filter: Parse error at position 17: expected ")", found "AND"``.

    Takes the zero-based place; says it counted from 1, as editors do. Clients look for "Invalid filter" and
    "Parse error", which are GoodMem's words.
    """

    message = "Invalid filter: Parse error"

    def __init__(self, at: int, problem: str) -> None:
        super().__init__(f"Invalid filter: Parse error at position {at + 1}: {problem}")


def shown(text: str) -> str:
    """``text`` quoted for a message: one line, at most SHOWN_CHARS of it."""
    line = "".join(char if char.isprintable() else "?" for char in text)
    return f'"{line}"' if len(line) <= SHOWN_CHARS else f'"{line[: SHOWN_CHARS - 1]}…"'
