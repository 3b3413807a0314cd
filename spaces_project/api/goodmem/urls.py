"""The operations of GoodMem under /v1, one line per path: the vendor's methods and what answers them.

The verbs behind a colon (``spaces/{id}:transferOwnership``) stand in the path as they are.
"""

from __future__ import annotations

from itertools import count, groupby
from typing import Any

from django.urls import URLPattern, path, re_path

from .base import unknown_route
from .unimplemented import ROUTES, UnimplementedOperations
from .views.spaces import SpaceOperations
from .views.system import SystemOperations

app_name = "goodmem"


def at(route: str, view: Any, name: str, **methods: str) -> URLPattern:
    """``methods`` name the view's action for each method of HTTP."""
    pattern: URLPattern = path(route, view.as_view(methods), name=name)
    return pattern


spaces = [
    at("spaces", SpaceOperations, "spaces", get="list", post="create"),
    at("spaces/<segment:space_id>", SpaceOperations, "space", get="retrieve", put="modify", delete="remove"),
    at("spaces/<segment:space_id>:transferOwnership", SpaceOperations, "space.transfer", post="transfer"),
]
memories: list[URLPattern] = []
models: list[URLPattern] = []
people: list[URLPattern] = []
system = [
    at("system/info", SystemOperations, "system.info", get="info"),
    at("system/init", SystemOperations, "system.init", post="init"),
]
implemented = [*spaces, *memories, *models, *people, *system]


def _unimplemented(route: str, methods: list[str]) -> URLPattern:
    numbers = count(1)
    parts = [part.replace("{id}", f"<segment:id_{next(numbers)}>") for part in route.split("/")]
    actions: dict[str, Any] = dict.fromkeys([method.lower() for method in methods], "refuse")
    name = f"unimplemented {route}".replace(":", " ")
    return path("/".join(parts), UnimplementedOperations.as_view(actions, route=route), name=name)


refused = [
    _unimplemented(route, [method for method, _ in same])
    for route, same in groupby(sorted(ROUTES, key=lambda pair: pair[1]), key=lambda pair: pair[1])
]
urlpatterns = [*implemented, *refused, re_path(r"^", unknown_route, name="unknown")]
