"""PostgreSQL's jsonpath, lax, as the evaluator follows paths. Names and values are escaped, and the whole is bound."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from memories.filters.rules import ANY_OF, EVERY, And, Nested, Operator, Or, Path, Rule, Scalar

KINDS: dict[type, str] = {str: "string", bool: "boolean", int: "number", float: "number", type(None): "null"}
"""What jsonpath calls the types of a rule's values."""


def steps(path: Path) -> str:
    return "".join("[*]" if name == EVERY else f".{json.dumps(name)}" for name in path)


def is_value(value: Any) -> bool:
    """Whether JSON has it."""
    return type(value) in KINDS and not (isinstance(value, float) and not math.isfinite(value))


def compared(sign: str, value: Scalar) -> str:
    return f"@ {sign} {json.dumps(value)}"


def one_of(values: Sequence[Scalar]) -> str:
    """Whether @ equals one of these; in halves, as thousands in a row would be nested as deep as they are many."""
    if len(values) == 1:
        return compared("==", values[0])
    half = len(values) // 2
    return f"({one_of(values[:half])} || {one_of(values[half:])})"


def none_of(values: Sequence[Scalar]) -> str:
    """Whether @ may not be there for ``notIn``: it equals one of these, or is of a type that none of them has."""
    kinds = {KINDS[type(value)] for value in values} | {"null"}
    strange = " && ".join(f'@.type() != "{kind}"' for kind in sorted(kinds))
    return f"(({strange}) || {one_of(values)})"


def implied(rule: Rule) -> str:
    """What must be true of @ where ``rule`` matches, as far as an index knows; "" if it knows nothing of it."""
    match rule:
        case And(rules):
            return " && ".join(filter(None, map(implied, rules)))
        case Or(rules):
            parts = [implied(item) for item in rules]
            return f"({' || '.join(f'({part})' for part in parts)})" if parts and all(parts) else ""
        case Nested(path, inner):
            condition = implied(inner)
            return f"exists(@{steps(path)} ? ({condition}))" if condition else ""
    values: tuple[Any, ...] = rule.value if isinstance(rule.value, tuple) else (rule.value,)
    if rule.operator not in ANY_OF | {Operator.EQUALS} or not values or not all(map(is_value, values)):
        return ""
    return f"exists(@{steps(rule.path)} ? ({one_of(values)}))"
