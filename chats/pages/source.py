"""What an answer quotes: the memory's page, or the file of the chat. Whoever follows the link is asked anew."""

from __future__ import annotations

from uuid import UUID

from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from chats.permissions import get_chat
from memories.models import Memory
from memories.originals import open_original
from memories.pages.original import attached
from memories.permissions import get_memory
from spaces.errors import NotFound
from spaces.requests import SpacesRequest
from spaces_project.kit.pages import page


@page
@require_safe
def chat_source(request: SpacesRequest, pk: UUID, memory_pk: UUID) -> HttpResponseBase:
    """The answer stays when its source goes, moves or is shut off: then this is NotFound."""
    chat = get_chat(request.actor, pk)
    file = Memory.objects.of(chat.account_id).in_chat(chat).filter(pk=memory_pk).first()
    if file is None:
        return redirect("memory_detail", get_memory(request.actor, memory_pk).pk)
    if not file.original:
        raise NotFound("It has no file.")
    return attached(file, open_original(file.account_id, file.original))
