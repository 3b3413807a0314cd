"""The URL map as a flat list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLResolver, get_resolver


@dataclass(frozen=True)
class Known:
    """A route of the project: its name with namespaces, its pattern, and the names in its path."""

    name: str
    pattern: str
    arguments: frozenset[str]


def project_routes() -> list[Known]:
    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: list[Any], prefix: str, namespace: str) -> Iterator[Known]:
    for each in patterns:
        pattern = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from _walk(each.url_patterns, pattern, inner)
        else:
            name = namespace + (each.name or f"({pattern})")
            yield Known(name, pattern, frozenset(each.pattern.converters))
