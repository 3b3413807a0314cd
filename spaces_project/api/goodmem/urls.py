"""The operations of GoodMem under /v1, one line per path: the vendor's methods and what answers them.

The verbs behind a colon (``spaces/{id}:transferOwnership``) stand in the path as they are.
"""

from __future__ import annotations

from itertools import count, groupby
from typing import Any

from django.urls import URLPattern, path, re_path

from .base import unknown_route
from .unimplemented import ROUTES, UnimplementedOperations
from .views.keys import KeyOperations
from .views.memories import MemoryOperations
from .views.memory_batches import BatchOperations
from .views.models import EmbedderOperations, LlmOperations, RerankerOperations
from .views.people import InstanceOperations, UserOperations
from .views.ping import PingOperations
from .views.retrieve import RetrieveOperations
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
memories = [
    at("memories", MemoryOperations, "memories", post="create"),
    at("memories:batchCreate", BatchOperations, "memories.batch_create", post="create"),
    at("memories:batchGet", BatchOperations, "memories.batch_get", post="fetch"),
    at("memories:batchDelete", BatchOperations, "memories.batch_delete", post="delete_many"),
    at("memories:retrieve", RetrieveOperations, "memories.retrieve", get="search_by_query", post="search"),
    at("memories/<segment:memory_id>", MemoryOperations, "memory", get="fetch", delete="remove"),
    at("memories/<segment:memory_id>/content", MemoryOperations, "memory.content", get="content"),
    at("memories/<segment:memory_id>/pages", MemoryOperations, "memory.pages", get="pages"),
    at(
        "memories/<segment:memory_id>/pages/<segment:page_index>/image",
        MemoryOperations,
        "memory.image",
        get="page_image",
    ),
    at("spaces/<segment:space_id>/memories", MemoryOperations, "space.memories", get="list"),
]
models = [
    at("embedders", EmbedderOperations, "embedders", get="list", post="create"),
    at("embedders/<segment:model_id>", EmbedderOperations, "embedder", get="retrieve", put="modify", delete="remove"),
    at("rerankers", RerankerOperations, "rerankers", get="list", post="create"),
    at("rerankers/<segment:model_id>", RerankerOperations, "reranker", get="retrieve", put="modify", delete="remove"),
    at("llms", LlmOperations, "llms", get="list", post="create"),
    at("llms/<segment:model_id>", LlmOperations, "llm", get="retrieve", put="modify", delete="remove"),
]
people = [
    at("apikeys", KeyOperations, "keys", get="list", post="create"),
    at("apikeys/<segment:key_id>", KeyOperations, "key", get="retrieve", put="modify", delete="remove"),
    at("users/me", UserOperations, "users.me", get="me"),
    at("users/email/<path:email>", UserOperations, "users.email", get="by_email"),
    at("users/username/<path:username>", UserOperations, "users.username", get="by_username"),
    at("users/<segment:user_id>", UserOperations, "user", get="retrieve", put="refuse", delete="refuse"),
    at("instance", InstanceOperations, "instance", get="retrieve"),
]
system = [
    at("ping:once", PingOperations, "ping.once", post="once"),
    at("ping:stream", PingOperations, "ping.stream", post="stream"),
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
