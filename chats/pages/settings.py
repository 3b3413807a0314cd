"""What changes a chat as a whole: its settings, its space, its end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chats.models import Chat
from chats.permissions import get_chat
from chats.titles import give_titles
from spaces.consequences import goes_with
from spaces.errors import Conflict, NotFound
from spaces.permissions import require, visible_contacts
from spaces.requests import SpacesRequest
from spaces_project.kit.pages import page, render_form, render_page

from .chat import head
from .composer import writable
from .forms import MoveForm, SettingsForm
from .model_choice import model_names


class OvertakenError(Exception):
    """Someone else saved the chat after this form was opened."""


@page
@require_http_methods(["GET", "POST"])
def chat_settings(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Title, contact, model, backstory and meta. 409 with both versions when another change came between."""
    chat = writable(request, pk)
    form = SettingsForm(request.POST or None, actor=request.actor, chat=chat)
    context = {**head(request, pk), "move_form": MoveForm(actor=request.actor), "stamp": chat.updated_at.isoformat()}
    context["models"] = model_names(request)
    if request.method == "POST":
        context["stamp"] = request.POST.get("stamp", "")
        try:
            if form.is_valid() and _saved(request, chat, form):
                messages.success(request, "Your changes are saved.")
                return redirect("chat_detail", chat.pk)
        except OvertakenError:
            return _overtaken(request, form, context)
    return render_form(request, "chats/chat_settings.html", form, context)


def _saved(request: SpacesRequest, chat: Chat, form: SettingsForm) -> bool:
    try:
        with transaction.atomic():
            current = Chat.objects.of(request.account).select_for_update(no_key=True).filter(pk=chat.pk).first()
            if current is None:
                raise NotFound("Chat not found")
            if current.updated_at.isoformat() != request.POST.get("stamp"):
                raise OvertakenError
            current.change(request.actor, **form.values())
        return True
    except ValidationError as error:
        form.take(error)
    return False


def _overtaken(request: SpacesRequest, form: SettingsForm, context: dict[str, Any]) -> HttpResponse:
    """The form as typed, what is stored now beside it, and the new stamp: saving again overwrites knowingly."""
    chat, values = get_chat(request.actor, context["chat"].pk), form.values()
    differing = [
        {"field": form[name].label, "theirs": _said(request, chat, name), "mine": str(values[name] or "")}
        for name in values
        if getattr(chat, name) != values[name]
    ]
    context |= {"stamp": chat.updated_at.isoformat(), "differing": differing}
    return render_form(request, "chats/chat_settings.html", form, context, status=409)


def _said(request: SpacesRequest, chat: Chat, name: str) -> str:
    """What is stored; of a contact that this person may not read no more than that there is one."""
    if name == "contact" and chat.contact_id:
        contact = visible_contacts(request.actor).filter(pk=chat.contact_id).first()
        return str(contact or "One that you may not read")
    return str(getattr(chat, name) or "")


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
    context = {**head(request, pk), "move_form": form, "stamp": chat.updated_at.isoformat()}
    context["models"] = model_names(request)
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
