"""The operations of Unique under /public/chat-gen2, one line per path: the vendor's methods and what answers them."""

from __future__ import annotations

from itertools import count, groupby
from typing import Any

from django.urls import URLPattern, path, re_path

from .base import unknown_route
from .unimplemented import ROUTES, UnimplementedOperations
from .views import addresses
from .views.access import AccessOperations
from .views.chats import ChatOperations
from .views.contents import ContentOperations
from .views.files import FileOperations, VersionOperations
from .views.folder_access import FolderGrantOperations
from .views.folders import FolderOperations
from .views.messages import MessageOperations
from .views.notes import AssessmentOperations, LogOperations, MemoryOperations
from .views.people import GroupOperations, UserOperations
from .views.search import ModelOperations, SearchOperations
from .views.spaces import SpaceOperations

app_name = "unique"


def at(route: str, view: Any, name: str, **methods: str) -> URLPattern:
    """``methods`` name the view's action for each method of HTTP."""
    pattern: URLPattern = path(route, view.as_view(methods), name=name)
    return pattern


implemented = [
    at("space", SpaceOperations, "spaces", get="list", post="create"),
    at("space/message", ChatOperations, "space.message", post="ask"),
    at("space/chat", ChatOperations, "space.chats", post="create"),
    at("space/chat/<str:chat_id>", ChatOperations, "space.chat", patch="modify", delete="remove"),
    at("space/chat/<str:chat_id>/messages", ChatOperations, "space.chat.messages", get="messages"),
    at("space/<str:chat_id>/messages/latest", ChatOperations, "space.chat.latest", get="latest"),
    at("space/<str:space_id>", SpaceOperations, "space", get="retrieve", patch="modify", delete="remove"),
    at("space/<str:space_id>/access", AccessOperations, "space.access", get="list", post="add", delete="remove"),
    at("space/<str:space_id>/mcp-servers/status", SpaceOperations, "space.mcp", get="mcp_status"),
    at("messages", MessageOperations, "messages", get="list", post="create"),
    at("messages/<str:message_id>", MessageOperations, "message", get="retrieve", patch="modify", delete="remove"),
    at("messages/<str:message_id>/event", MessageOperations, "message.event", post="event"),
    at("messages/<str:message_id>/turn-interruption", MessageOperations, "message.interrupt", post="interrupt"),
    at("message-assessment", AssessmentOperations, "assessments", post="create"),
    at("message-assessment/<str:message_id>", AssessmentOperations, "assessment", patch="modify"),
    at("message-log", LogOperations, "logs", post="create"),
    at("message-log/<str:log_id>", LogOperations, "log", patch="modify"),
    at("short-term-memory", MemoryOperations, "memories", post="create"),
    at("short-term-memory/find-latest", MemoryOperations, "memory.find", post="find"),
    at("content/upsert", FileOperations, "content.upsert", post="upsert"),
    at("content/search", ContentOperations, "content.search", post="search"),
    at("content/info", ContentOperations, "content.info", post="info"),
    at("content/infos", ContentOperations, "content.infos", post="infos"),
    at("content/<str:content_id>", ContentOperations, "content", patch="modify", delete="remove"),
    at("content/<str:content_id>/file", FileOperations, "content.file", get="download"),
    at("content/<str:content_id>/ingestion-state", FileOperations, "content.state", patch="state"),
    at("content/<str:content_id>/versions", VersionOperations, "content.versions", get="list"),
    at("content/versions/<str:version_id>/download-url", VersionOperations, "content.version.url", get="address"),
    at("content/versions/<str:version_id>/restore", VersionOperations, "content.version.restore", post="restore"),
    at("folder", FolderOperations, "folders", post="create"),
    at("folder/info", FolderOperations, "folder.info", get="info"),
    at("folder/infos", FolderOperations, "folder.infos", get="infos"),
    at("folder/ingestion-config", FolderGrantOperations, "folder.configuration", patch="configure"),
    at("folder/add-access", FolderGrantOperations, "folder.grant", patch="grant"),
    at("folder/remove-access", FolderGrantOperations, "folder.revoke", patch="revoke"),
    at("folder/<str:folder_id>", FolderOperations, "folder", patch="modify", delete="remove"),
    at("folder/<str:folder_id>/path", FolderOperations, "folder.path", get="path"),
    at("folder/<str:folder_id>/move", FolderOperations, "folder.move", post="move"),
    at("search/search", SearchOperations, "search", post="search"),
    at("search/search-string", SearchOperations, "search.phrase", post="phrase"),
    at("openai/embeddings", ModelOperations, "models.embed", post="embed"),
    at("openai/models", ModelOperations, "models", get="list"),
    at("openai/chat/completions", ModelOperations, "models.complete", post="complete"),
    at("users", UserOperations, "users", get="list"),
    at("users/<str:user_id>", UserOperations, "user", get="retrieve"),
    at("users/<str:user_id>/groups", UserOperations, "user.groups", get="memberships"),
    at("users/<str:user_id>/configuration", UserOperations, "user.configuration", patch="configure"),
    at("groups", GroupOperations, "groups", get="list", post="create"),
    at("groups/<str:group_id>", GroupOperations, "group", patch="modify", delete="remove"),
    at("groups/<str:group_id>/users", GroupOperations, "group.users", post="add_users", delete="remove_users"),
]


def _unimplemented(route: str, methods: list[str]) -> URLPattern:
    numbers = count(1)
    parts = [f"<str:id_{next(numbers)}>" if part == "{id}" else part for part in route.split("/")]
    actions: dict[str, Any] = dict.fromkeys([method.lower() for method in methods], "refuse")
    return path("/".join(parts), UnimplementedOperations.as_view(actions, route=route), name=f"unimplemented {route}")


refused = [
    _unimplemented(route, [method for method, _ in same]) for route, same in groupby(ROUTES, key=lambda pair: pair[1])
]
urlpatterns = [
    *refused,
    *implemented,
    path("ingestion/upload", addresses.upload, name="upload"),
    path("ingestion/read", addresses.read, name="read"),
    re_path(r"^", unknown_route, name="unknown"),
]  # messages/tools before messages/{id}
