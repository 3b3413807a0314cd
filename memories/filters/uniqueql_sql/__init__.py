"""UniqueQL as SQL over memories: the same meaning as ``matches(rule, document_of(memory))``, in the database.

A condition is true or false for every memory, never NULL, and no metadata makes it fail. Every value is bound, paths
into the metadata as jsonpath. What an index can find is written so that it does: ``equals`` and ``in`` on metadata by
the GIN index on ``meta``, the memory's own names by their columns.
"""

from __future__ import annotations

from .compiler import compile_rule
from .condition import AmongIds, RuleCondition

__all__ = ["AmongIds", "RuleCondition", "compile_rule"]
