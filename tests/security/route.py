"""What one line of the table says of a route, and short ways to write one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from .stage import Stage

Data = dict[str, Any] | Callable[[Stage], dict[str, Any]]
PUBLIC, KEY, PAGE, EXPORT = "public", "key", "page", "export"


@dataclass(frozen=True)
class Route:
    name: str
    kind: str
    method: str = "GET"
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, str] = field(default_factory=dict)
    data: Data = field(default_factory=dict)
    actor: str = "alice"
    outsider: int = 404
    writes: tuple[str, ...] = ()
    answers: tuple[int, ...] = (200, 201, 302)

    @property
    def label(self) -> str:
        return f"{self.method} {self.name}"

    @property
    def area(self) -> str:
        """The dialect, or `pages`."""
        return self.name.partition(":")[0] if ":" in self.name else "pages"

    def slots(self) -> list[tuple[str, str, str]]:
        """Every id-valued input: where, name, kind. Literals in the path begin with ``=`` and are none."""
        parts = (("path", self.path), ("query", self.query), ("body", self.body))
        return [(where, name, kind) for where, part in parts for name, kind in part.items() if kind[0] != "="]


def areas(routes: Iterable[Route]) -> list[str]:
    return sorted({route.area for route in routes})


def key(name: str, method: str = "GET", dialect: str = "chatbotkit", **more: Any) -> Route:
    """An operation of a dialect, called with an API key."""
    return Route(f"{dialect}:{name}", KEY, method, **{"answers": (200,), **more})


def page(name: str, method: str = "GET", path: dict[str, str] | None = None, **more: Any) -> Route:
    return Route(name, PAGE, method, path or {}, **more)


def admin(name: str, method: str = "GET", path: dict[str, str] | None = None, **more: Any) -> Route:
    """A page for administrators of the account: other members are told 403."""
    return page(name, method, path, **{"actor": "admin", "outsider": 403, **more})
