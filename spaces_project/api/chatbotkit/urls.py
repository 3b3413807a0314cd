"""The operations of ChatBotKit under /api/v1, one line each, named as the vendor names them."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.urls import URLPattern, path, re_path

from .base import unknown_route
from .unimplemented import ROUTES, UnimplementedOperations
from .views.completions import CompletionOperations
from .views.contacts import ContactOperations
from .views.conversations import ConversationOperations
from .views.memories import MemoryOperations
from .views.messages import MessageOperations
from .views.ratings import RatingOperations
from .views.spaces import SpaceOperations

app_name = "chatbotkit"
CONVERSATION = "conversation/<str:conversation_id>"
MESSAGE = f"{CONVERSATION}/message/<str:message_id>"


def space(method: str, operation: str) -> Any:
    return SpaceOperations.as_view({method: operation})


def contact(method: str, operation: str) -> Any:
    return ContactOperations.as_view({method: operation})


def conversation(method: str, operation: str) -> Any:
    return ConversationOperations.as_view({method: operation})


def completion(operation: str) -> Any:
    return CompletionOperations.as_view({"post": operation})


def memory(method: str, operation: str) -> Any:
    return MemoryOperations.as_view({method: operation})


def message(method: str, operation: str) -> Any:
    return MessageOperations.as_view({method: operation})


def rating(method: str, operation: str) -> Any:
    return RatingOperations.as_view({method: operation})


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
    path(
        "contact/<str:contact_id>/conversation/list",
        contact("get", "list_conversations"),
        name="contact.conversation.list",
    ),
    path("contact/<str:contact_id>/rating/list", contact("get", "list_ratings"), name="contact.rating.list"),
    path("conversation/create", conversation("post", "create"), name="conversation.create"),
    path("conversation/list", conversation("get", "list"), name="conversation.list"),
    path("conversation/export", conversation("get", "export"), name="conversation.export"),
    path("conversation/complete", completion("complete_once"), name="conversation.complete_once"),
    path(f"{CONVERSATION}/fetch", conversation("get", "fetch"), name="conversation.fetch"),
    path(f"{CONVERSATION}/update", conversation("post", "update"), name="conversation.update"),
    path(f"{CONVERSATION}/delete", conversation("post", "delete"), name="conversation.delete"),
    path(f"{CONVERSATION}/upvote", conversation("post", "upvote"), name="conversation.upvote"),
    path(f"{CONVERSATION}/downvote", conversation("post", "downvote"), name="conversation.downvote"),
    path(f"{CONVERSATION}/complete", completion("complete"), name="conversation.complete"),
    path(f"{CONVERSATION}/send", completion("send"), name="conversation.send"),
    path(f"{CONVERSATION}/receive", completion("receive"), name="conversation.receive"),
    path(f"{CONVERSATION}/session/create", conversation("post", "create_session"), name="conversation.session.create"),
    path(f"{CONVERSATION}/contact/upsert", conversation("post", "upsert_contact"), name="conversation.contact.upsert"),
    path(f"{CONVERSATION}/message/create", message("post", "create"), name="message.create"),
    path(f"{CONVERSATION}/message/list", message("get", "list"), name="message.list"),
    path(f"{MESSAGE}/fetch", message("get", "fetch"), name="message.fetch"),
    path(f"{MESSAGE}/update", message("post", "update"), name="message.update"),
    path(f"{MESSAGE}/delete", message("post", "delete"), name="message.delete"),
    path(f"{MESSAGE}/upvote", message("post", "upvote"), name="message.upvote"),
    path(f"{MESSAGE}/downvote", message("post", "downvote"), name="message.downvote"),
    path("memory/create", memory("post", "create"), name="memory.create"),
    path("memory/list", memory("get", "list"), name="memory.list"),
    path("memory/export", memory("get", "export"), name="memory.export"),
    path("memory/search", memory("post", "search"), name="memory.search"),
    path("memory/<str:memory_id>/fetch", memory("get", "fetch"), name="memory.fetch"),
    path("memory/<str:memory_id>/update", memory("post", "update"), name="memory.update"),
    path("memory/<str:memory_id>/delete", memory("post", "delete"), name="memory.delete"),
    path("contact/<str:contact_id>/memory/list", memory("get", "list_of_contact"), name="contact.memory.list"),
    path("contact/<str:contact_id>/memory/search", memory("post", "search_of_contact"), name="contact.memory.search"),
    path("bot/<str:bot_id>/memory/search", memory("post", "search_of_bot"), name="bot.memory.search"),
    path("rating/create", rating("post", "create"), name="rating.create"),
    path("rating/list", rating("get", "list"), name="rating.list"),
    path("rating/export", rating("get", "export"), name="rating.export"),
    path("rating/<str:rating_id>/fetch", rating("get", "fetch"), name="rating.fetch"),
    path("rating/<str:rating_id>/update", rating("post", "update"), name="rating.update"),
    path("rating/<str:rating_id>/delete", rating("post", "delete"), name="rating.delete"),
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
