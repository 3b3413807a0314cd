"""GoodMem's filter expressions: conditions on a memory's metadata, such as ``CAST(val('$.tenant') AS TEXT) = 'acme'``.

``parse(text)`` gives a Filter or raises InvalidExpression, which names the place. docs/filters.md describes the
language. Its logic is SQL's, of three values: what is missing, null, or of another type than a CAST names is NULL,
and nothing that is stored makes the database fail. A stored value is cast to its own type only: a stored number or
truth value AS TEXT is NULL, as GoodMem matches nothing there; what an expression computed may be cast on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .containment import implied
from .errors import InvalidExpression
from .grammar import parse_tree
from .sql import Writer, join
from .tree import Node

__all__ = ["Filter", "InvalidExpression", "parse"]


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that was understood."""

    tree: Node

    def sql(self, column: str) -> tuple[str, list[Any]]:
        """A boolean SQL expression over the jsonb ``column`` (a name that may stand in SQL), and its parameters.

        For WHERE: rows match for which it is true. A filter that an index can help also says what the column must
        contain, first.
        """
        writer = Writer(column)
        found = join(("(", " AND ", ")"), [*implied(self.tree, writer), writer.write(self.tree)])
        return found.text, list(found.params)


def parse(text: str) -> Filter:
    """The filter that ``text`` is; raises InvalidExpression. The time it takes is in proportion to the text."""
    return Filter(parse_tree(text))
