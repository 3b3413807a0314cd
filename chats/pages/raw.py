"""A chat and its messages as they are stored: JSON for those who look into it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from chats.models import Assessment, Chat, Message, Rating, Reference
from chats.permissions import get_chat, get_message
from spaces.requests import SpacesRequest
from spaces_project.kit.exports import release_connection
from spaces_project.kit.pages import page, render_page

from .chat import head

JSON = "application/json; charset=utf-8"
BATCH = 100
HIDDEN = {"account", "search", "request_digest", "generation", "created_by", "updated_by"}


def record(row: Any) -> dict[str, Any]:
    """The fields of a row by their names; keys to other rows are their ids."""
    fields = [each for each in row._meta.concrete_fields if each.name not in HIDDEN]
    return {each.name: _plain(getattr(row, each.attname)) for each in fields}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str | list | dict):
        return value
    return str(value) if isinstance(value, UUID) else value.isoformat()


def message_records(messages: list[Message]) -> list[dict[str, Any]]:
    """Messages with their references, assessments and ratings: four queries for all of them."""
    if not messages:
        return []
    found = {message.pk: record(message) for message in messages}
    for name, model in (("references", Reference), ("assessments", Assessment), ("ratings", Rating)):
        for each in found.values():
            each[name] = []
        rows: Any = model._base_manager.filter(account_id=messages[0].account_id, message__in=list(found))
        for row in rows.order_by("created_at", "pk"):
            found[row.message_id][name].append(record(row))
    return list(found.values())


def _messages(chat: Chat) -> Any:
    return Message.objects.of(chat.account_id).filter(chat=chat).defer("search")


@page
@require_safe
def chat_raw(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """The chat's own record, and the whole as a file."""
    context = head(request, pk)
    return render_page(request, "chats/chat_raw.html", {**context, "record": record(context["chat"])})


@page
@require_safe
def chat_raw_json(request: SpacesRequest, pk: UUID) -> StreamingHttpResponse:
    """The chat with all its messages, oldest first, in batches."""
    chat = get_chat(request.actor, pk)
    response = StreamingHttpResponse(_whole(chat), content_type=JSON)
    response["Content-Disposition"] = f'inline; filename="{chat.wire_id}.json"'
    return response


def _whole(chat: Chat) -> Iterator[str]:
    yield f'{{"chat": {_text(record(chat))}, "messages": ['
    last, comma = None, ""
    while batch := _batch(chat, last):
        for each in message_records(batch):
            yield f"{comma}\n{_text(each)}"
            comma = ","
        last = batch[-1].created_at
        release_connection()  # held only while it is used
    yield "]}\n"


def _batch(chat: Chat, last: Any) -> list[Message]:
    """The messages after ``last``; times do not repeat within a chat."""
    later = _messages(chat).filter(created_at__gt=last) if last else _messages(chat)
    return list(later.order_by("created_at", "id")[:BATCH])


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)


@page
@require_safe
def chat_message_json(request: SpacesRequest, pk: UUID, message_pk: UUID) -> HttpResponse:
    """One message with everything about it."""
    message = get_message(get_chat(request.actor, pk), message_pk)
    return HttpResponse(json.dumps(message_records([message])[0], ensure_ascii=False, indent=2), content_type=JSON)


@page
@require_safe
def chat_message_text(request: SpacesRequest, pk: UUID, message_pk: UUID) -> HttpResponse:
    """The whole text of a message, as plain text."""
    message = get_message(get_chat(request.actor, pk), message_pk)
    return HttpResponse(message.shown_text, content_type="text/plain; charset=utf-8")
