"""The SQL of each operation, ``$1`` to ``$3`` standing for its arguments."""

from __future__ import annotations

from . import patterns
from .patterns import number, only, short
from .tree import PLACES, POSITIONS, ROUND_PLACES, TEXT_CHARS, Node, Type

SQL_TYPES = {
    Type.INTEGER: "numeric",
    Type.NUMERIC: "numeric",
    Type.TEXT: "text",
    Type.BOOLEAN: "boolean",
    Type.DATE: "date",
    Type.TIMESTAMP: "timestamp",
    Type.JSON: "jsonb",
    Type.LIST: "jsonb",
}

OPERATIONS = {
    "not": "(NOT $1)",
    "=": "($1 = $2)",
    "<>": "($1 <> $2)",
    "<": "($1 < $2)",
    "<=": "($1 <= $2)",
    ">": "($1 > $2)",
    ">=": "($1 >= $2)",
    "between": "($1 BETWEEN $2 AND $3)",
    "is null": "($1 IS NULL)",
    "is true": "($1 IS TRUE)",
    "is false": "($1 IS FALSE)",
    "like": f"($1 LIKE {patterns.PATTERN})",
    "ilike": f"($1 ILIKE {patterns.PATTERN})",
    "element": f"($2 @> {only('$1', patterns.STORED['SCALAR'])})",
    "contains": "($1 @> $2)",
    "overlaps": patterns.OVERLAPS,
    "||": short("($1 || $2)"),
    "+": number("($1 + $2)"),
    "-": number("($1 - $2)"),
    "*": number(f"round($1 * $2, {PLACES})"),
    # A sum of PLACES decimals makes PostgreSQL compute as many of the quotient.
    "/": number(f"round(($1 + 0e-{PLACES}) / NULLIF($2, 0), {PLACES})"),
    "div": number("div($1, NULLIF($2, 0))"),
    "%": "mod($1, NULLIF($2, 0))",
    "neg": "(- $1)",
    "days": "($1 - $2)::numeric",
    "date+": patterns.day(f"($1 - {patterns.FIRST_DAY} + $2)"),
    "date-": patterns.day(f"($1 - {patterns.FIRST_DAY} - $2)"),
    "[]": patterns.SUBSCRIPT,
    "lower": "lower($1)",
    "upper": "upper($1)",
    "trim": "btrim($1)",
    "ltrim": "ltrim($1)",
    "rtrim": "rtrim($1)",
    "length": "length($1)::numeric",
    "replace": patterns.REPLACED,
    "starts_with": "starts_with($1, $2)",
    "abs": "abs($1)",
    "floor": number("floor($1)"),
    "ceil": number("ceil($1)"),
    "nullif": "NULLIF($1, $2)",
    "now": "(now() AT TIME ZONE 'UTC')",
    "today": "(now() AT TIME ZONE 'UTC')::date",
}
BY_ARGUMENTS = {
    ("substring", 2): f"{patterns.SUBSTRING})",
    ("substring", 3): f"{patterns.SUBSTRING}, {patterns.within('$3', 0, POSITIONS)})",
    ("round", 1): number("round($1)"),
    ("round", 2): number(f"round($1, {patterns.within('$2', -ROUND_PLACES, ROUND_PLACES)})"),
}
LISTS = {
    "and": ("(", " AND ", ")"),
    "or": ("(", " OR ", ")"),
    "coalesce": ("COALESCE(", ", ", ")"),
    "concat": ("left(concat(", ", ", f"), {TEXT_CHARS})"),
    "array": ("jsonb_build_array(", ", ", ")"),
}
ORDERED = {"<", "<=", ">", ">=", "between"}


def template(node: Node) -> str:
    """The SQL of a node's operation."""
    found = OPERATIONS.get(node.op) or BY_ARGUMENTS.get((node.op, len(node.args)))
    if node.op in ORDERED and node.args[0].type is Type.TEXT:
        return OPERATIONS[node.op].replace("$1", '$1 COLLATE "C"')
    if node.op in ("like", "ilike") and node.args[1].is_literal:
        return f"($1 {node.op.upper()} $2)"
    if node.op == "extract":
        return f"extract({node.value} FROM $1)"
    assert found is not None, node.op
    return found


def conversion(source: Type, target: Type) -> str:
    """SQL that makes ``target`` of the SQL value ``$1`` of type ``source``."""
    if target is Type.JSON:
        return "to_jsonb($1)"
    if source is Type.TEXT:
        return patterns.FROM_TEXT[target]
    if target is Type.TEXT:
        return patterns.TO_TEXT[source]
    if (source, target) == (Type.NUMERIC, Type.INTEGER):
        return f"({only('to_jsonb($1)', patterns.STORED['INTEGER'])})::numeric"
    return f"($1)::{SQL_TYPES[target]}"
