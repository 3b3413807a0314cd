"""The operations of ChatBotKit under /api/v1, one line each, named as the vendor names them."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.urls import URLPattern, path, re_path

from .base import unknown_route
from .unimplemented import ROUTES, UnimplementedOperations
from .views.contacts import ContactOperations
from .views.spaces import SpaceOperations

app_name = "chatbotkit"


def space(method: str, operation: str) -> Any:
    return SpaceOperations.as_view({method: operation})


def contact(method: str, operation: str) -> Any:
    return ContactOperations.as_view({method: operation})


implemented = [
    path("space/create", space("post", "create"), name="space.create"),
    path("space/list", space("get", "list"), name="space.list"),
    path("space/export", space("get", "export"), name="space.export"),
    path("space/<str:space_id>/fetch", space("get", "fetch"), name="space.fetch"),
    path("space/<str:space_id>/update", space("post", "update"), name="space.update"),
    path("space/<str:space_id>/delete", space("post", "delete"), name="space.delete"),
    path("contact/create", contact("post", "create"), name="contact.create"),
    path("contact/ensure", contact("post", "ensure"), name="contact.ensure"),
    path("contact/list", contact("get", "list"), name="contact.list"),
    path("contact/export", contact("get", "export"), name="contact.export"),
    path("contact/<str:contact_id>/fetch", contact("get", "fetch"), name="contact.fetch"),
    path("contact/<str:contact_id>/update", contact("post", "update"), name="contact.update"),
    path("contact/<str:contact_id>/delete", contact("post", "delete"), name="contact.delete"),
    path("contact/<str:contact_id>/space/list", contact("get", "list_spaces"), name="contact.space.list"),
]


def _unimplemented(method: str, route: str) -> URLPattern:
    numbers = count(1)
    parts = [
        f"<path:path_{next(numbers)}>" if part == "{path}" else f"<str:id_{next(numbers)}>" if part == "{id}" else part
        for part in route.split("/")
    ]
    view = UnimplementedOperations.as_view({method.lower(): "refuse"}, route=route)
    return path("/".join(parts), view, name=f"unimplemented {route}")


urlpatterns = [
    *implemented,
    *(_unimplemented(method, route) for method, route in ROUTES),
    re_path(r"^", unknown_route, name="unknown"),
]
