"""The tab of a space that says how it answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from chats.models import Assistant
from chats.responders import responder_for
from chats.responders.choice import is_external
from spaces.models import Space
from spaces.pages.space import manageable
from spaces.permissions import can
from spaces.requests import SpacesRequest
from spaces_project.kit.pages import page, render_page

from .assistant_forms import AssistantForm
from .assistant_parts import Part, parts_of
from .model_choice import model_names

RESPONDERS = {
    "extractive": "The built-in answers: quotes of the space's memories, without a language model.",
    "external": "An external system, through the API.",
}


def stamp(assistant: Assistant) -> str:
    """What the form carries to notice that another change came between."""
    return assistant.updated_at.isoformat() if assistant.is_stored else "new"


@page
@require_http_methods(["GET", "POST"])
def space_assistant(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Everything about how the space answers. 409 with both versions when another change came between."""
    space = manageable(request, pk)
    assistant = Assistant.of(space)
    form = AssistantForm(request.POST or None, assistant=assistant)
    parts = parts_of(request.actor, assistant, request.POST or None)
    context: dict[str, Any] = {"space": space, "assistant": assistant, "form": form, "parts": parts}
    if request.method == "GET":
        return _shown(request, context, stamp(assistant))
    valid = all([form.is_valid(), *[part.is_valid() for part in parts]])
    if stamp(assistant) != request.POST.get("stamp"):
        form.overtaken = assistant
    elif valid and _saved(request, space, form, parts):
        messages.success(request, "Your changes are saved.")
        return redirect("space_assistant", space.pk)
    if form.overtaken is not None:
        context["differing"] = form.differing(request.actor)
        return _shown(request, context, stamp(form.overtaken), 409)
    return _shown(request, context, request.POST.get("stamp", ""), 422)


def assistant_page(request: SpacesRequest, space: Space, **more: Any) -> HttpResponse:
    """The tab as it was typed, with nothing saved, and ``more`` beside it."""
    assistant = Assistant.of(space)
    form = AssistantForm(request.POST, assistant=assistant)
    parts = parts_of(request.actor, assistant, request.POST)
    context = {"space": space, "assistant": assistant, "form": form, "parts": parts, **more}
    return _shown(request, context, request.POST.get("stamp", ""))


def _saved(request: SpacesRequest, space: Space, form: AssistantForm, parts: list[Part]) -> bool:
    """Fields and rows in one transaction and one audit entry; False with what was wrong in the form."""
    with form.refusals(), transaction.atomic():
        Space.objects.of(request.account).select_for_update(no_key=True).get(pk=space.pk)
        assistant = Assistant.of(space)
        if stamp(assistant) != request.POST.get("stamp"):
            form.overtaken = assistant
            return False
        changed = {part.form.model: rows for part in parts if (rows := part.made(space.account_id)) is not None}
        assistant.change(request.actor, changed, **form.values())
        return True
    return False


def _shown(request: SpacesRequest, context: dict[str, Any], mark: str, status: int = 200) -> HttpResponse:
    assistant = context["assistant"]
    context |= {"stamp": mark, "answers_now": _answers_now(assistant), "models": model_names(request)}
    context["shows_deliveries"] = bool(assistant.webhook_url) and can(request.actor, "account.administer")
    return render_page(request, "spaces/space_assistant.html", context, status=status)


def _answers_now(assistant: Assistant) -> str:
    """Who would answer a question now, in words."""
    if is_external(assistant):
        return RESPONDERS["external"]
    responder = responder_for(assistant)
    model = getattr(responder, "model", None)
    return RESPONDERS.get(responder.name) or f"The language model {model or assistant.language_model}."
