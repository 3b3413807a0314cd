"""Writing: a new chat, one more message, stop, ask again. Each works as a plain form, and with htmx in place."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from chats.models import Assistant, Chat, Message
from chats.models.chats import Role
from chats.permissions import get_chat, get_message
from chats.replies import ask, ask_again, request_digest, stop
from spaces.errors import Conflict, InvalidInput, NotAllowed
from spaces.permissions import require, usable_spaces
from spaces.requests import SpacesRequest
from spaces_project.kit.ids import InvalidId, decode_any
from spaces_project.kit.pages import page, render_form, wants_fragment

from .forms import ChatForm, SayForm
from .live import Live


def writable(request: SpacesRequest, pk: UUID) -> Chat:
    """The chat, when this person may write in it; NotFound, or NotAllowed when it may only be read."""
    chat = get_chat(request.actor, pk)
    require(request.actor, "chat.write", chat)
    return chat


# ------------------------------------------------------------------ new chat


@page
@require_http_methods(["GET", "POST"])
def chat_create(request: SpacesRequest) -> HttpResponse:
    """Start a chat, with or without its first message. NotAllowed for those who may only read."""
    if not usable_spaces(request.actor).exists():
        raise NotAllowed()
    chosen = _chosen_space(request)
    form = ChatForm(request.POST or None, actor=request.actor, initial={"space": chosen.pk if chosen else ""})
    if request.method == "POST" and form.is_valid() and (chat := _created(request, form)):
        return redirect(reverse("chat_detail", args=[chat.pk]))
    context = {"space": chosen, "assistant": Assistant.of(chosen) if chosen else None}
    return render_form(request, "chats/chat_create.html", form, context)


def _chosen_space(request: SpacesRequest) -> Any:
    """The space that the address names, if one may write there."""
    try:
        pk = decode_any(request.GET.get("space", ""))
    except InvalidId:
        return None
    return usable_spaces(request.actor).filter(pk=pk, is_archived=False).first()


def _created(request: SpacesRequest, form: ChatForm) -> Chat | None:
    """The chat with its first question, or None with what was wrong in the form."""
    values, text = form.cleaned_data, form.cleaned_data["text"]
    try:
        with transaction.atomic():
            chat = Chat.create(
                request.actor, values["space"], name=values["name"], user=request.user, contact=values["contact"]
            )
            if text.strip():
                ask(request.actor, chat, text)
        return chat
    except (Conflict, InvalidInput) as error:
        form.add_error("text" if isinstance(error, InvalidInput) else "space", str(error))
    except ValidationError as error:
        form.add_error(None, error.messages)
    return None


# ------------------------------------------------------------------- message


@page
@require_POST
def chat_send(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Say something. What was typed is kept when it cannot be taken."""
    chat = writable(request, pk)
    form = SayForm(request.POST)
    if form.is_valid() and _asked(request, chat, form):
        return _shown(request, chat)
    if wants_fragment(request):
        return Live(request, chat).answer([], form=form, status=422)
    return render_form(request, "chats/chat_unsent.html", form, {"chat": chat, "space": chat.space}, status=422)


def _asked(request: SpacesRequest, chat: Chat, form: SayForm) -> bool:
    text = form.cleaned_data["text"]
    digest = request_digest(request.actor, "page", chat.pk, text)  # a double click is one question
    try:
        ask(request.actor, chat, text, digest=digest)
        return True
    except InvalidInput as error:
        form.add_error("text", str(error).removeprefix("text: "))
    except Conflict as error:
        form.add_error(None, str(error))
    return False


def _shown(request: SpacesRequest, chat: Chat) -> HttpResponse:
    """What is new in the page; or, without JavaScript, the page, which comes again until the answer is there."""
    if wants_fragment(request):
        chat.refresh_from_db(fields=["message_count"])  # the database counts what was just said
        live = Live(request, chat)
        return live.answer(live.changed(), form=SayForm())
    return redirect(f"{reverse('chat_detail', args=[chat.pk])}?wait=1#newest")


@page
@require_POST
def chat_stop(request: SpacesRequest, pk: UUID, message_pk: UUID) -> HttpResponse:
    """End an answer; what there is stays. One that is finished stays as it is."""
    chat = writable(request, pk)
    stop(request.actor, get_message(chat, message_pk))
    return _shown(request, chat)


@page
@require_POST
def chat_again(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Another answer to what was said last; while one is due, that one is it."""
    chat = writable(request, pk)
    said = Message.objects.of(chat.account_id).filter(chat=chat)
    if not said.filter(role=Role.USER).talk().exists():
        raise Conflict("Nobody has said anything yet that could be answered.")
    with transaction.atomic():
        Chat.objects.of(chat.account_id).select_for_update(no_key=True).get(pk=chat.pk)
        if not said.pending().exists():
            ask_again(request.actor, chat)
    return _shown(request, chat)
