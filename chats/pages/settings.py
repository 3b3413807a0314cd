"""What changes a chat as a whole: its settings, its space, its end."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chats.models import Chat
from chats.permissions import get_chat
from chats.titles import give_titles
from spaces.consequences import goes_with
from spaces.errors import Conflict
from spaces.pages.editing import render_settings, saved, stamp
from spaces.permissions import require
from spaces.requests import SpacesRequest
from spaces_project.kit.pages import page, render_page

from .chat import head
from .composer import writable
from .forms import MoveForm, SettingsForm
from .model_choice import model_names


@page
@require_http_methods(["GET", "POST"])
def chat_settings(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Title, contact, model, backstory and meta. 409 with both versions when another change came between."""
    chat = writable(request, pk)
    form = SettingsForm(request.POST or None, actor=request.actor, chat=chat)
    if saved(request, form, chat):
        messages.success(request, "Your changes are saved.")
        return redirect("chat_detail", chat.pk)
    context = {**head(request, pk), "move_form": MoveForm(actor=request.actor), "models": model_names(request)}
    return render_settings(request, "chats/chat_settings.html", form, chat, context)


@page
@require_POST
def chat_move(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Put the chat into another space, where one may write."""
    chat = writable(request, pk)
    form = MoveForm(request.POST, actor=request.actor)
    if form.is_valid():
        try:
            chat.change(request.actor, space=form.cleaned_data["space"])
            messages.success(request, f"The chat is in “{form.cleaned_data['space']}” now.")
            return redirect("chat_detail", chat.pk)
        except Conflict as error:
            form.add_error("space", str(error))
    context = {**head(request, pk), "move_form": form, "models": model_names(request), "stamp": stamp(chat)}
    context["form"] = SettingsForm(actor=request.actor, chat=chat)
    return render_page(request, "chats/chat_settings.html", context, status=422)


@page
@require_safe
def chat_delete_confirm(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """What goes with the chat, by count."""
    chat = get_chat(request.actor, pk)
    require(request.actor, "chat.delete", chat)
    give_titles([chat])
    goes = goes_with(Chat.objects.of(request.account).filter(pk=chat.pk))
    return render_page(request, "chats/chat_delete.html", {"chat": chat, "space": chat.space, "goes": goes})


@page
@require_POST
def chat_delete(request: SpacesRequest, pk: UUID) -> HttpResponse:
    chat = get_chat(request.actor, pk)
    require(request.actor, "chat.delete", chat)
    give_titles([chat])
    chat.remove(request.actor)
    messages.success(request, f"“{chat.title}” is deleted.")  # type: ignore[attr-defined]
    return redirect("space_detail", chat.space_id)
