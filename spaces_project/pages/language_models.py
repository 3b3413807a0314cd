"""Language models: the servers that write answers for this account. For administrators."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chats.models import Assistant
from memories.completion import ModelFailure, Options, Text, Tokens, complete
from memories.models import LanguageModel
from spaces.errors import AlreadyExists, Conflict, NotFound
from spaces.models import AuditEntry, Space
from spaces.pages.sentences import lines
from spaces.permissions import require
from spaces.requests import SpacesRequest
from spaces_project.kit.exports import release_connection
from spaces_project.kit.keyset import Sort, Sorting, keyset_page
from spaces_project.kit.pages import capped_count, page, render_form, render_page, wants_fragment

from .language_model_forms import LanguageModelForm

SORTING = Sorting(
    (Sort("name", "Name", Lower("name")), Sort("created", "Added", "created_at", is_time=True)), default="name"
)
LATEST = 10
SPACES_NAMED = 20
TEST_SECONDS = 30
TEST_CHARS = 400
TEST_TOKENS = 200  # models that think aloud need some before the word
TEST = [{"role": "user", "content": "Which is the capital of France? Answer with one word."}]


def get_model(request: SpacesRequest, pk: UUID) -> LanguageModel:
    """A language model of the account, for an administrator; else NotAllowed or NotFound."""
    require(request.actor, "account.administer")
    model = LanguageModel.objects.of(request.account).filter(pk=pk).first()
    if model is None:
        raise NotFound("Language model not found")
    return model


@page
@require_safe
def language_model_list(request: SpacesRequest) -> HttpResponse:
    require(request.actor, "account.administer")
    models = LanguageModel.objects.of(request.account)
    context = {"page": keyset_page(request, models, SORTING), "count": capped_count(models)}
    return render_page(
        request, "memories/language_model_list.html", context, fragment="memories/_language_model_list.html"
    )


@page
@require_http_methods(["GET", "POST"])
def language_model_create(request: SpacesRequest) -> HttpResponse:
    require(request.actor, "account.administer")
    form = LanguageModelForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (model := _created(request, form)):
        messages.success(request, f"“{model}” is added. Test it now.")
        return redirect("language_model_detail", model.pk)
    return render_form(request, "memories/language_model_create.html", form)


def _created(request: SpacesRequest, form: LanguageModelForm) -> LanguageModel | None:
    try:
        is_default = form.cleaned_data["is_default"]
        return LanguageModel.create(request.actor, request.account, is_default=is_default, **form.values())
    except ValidationError as error:
        form.take(error)
    except AlreadyExists as error:
        form.add_error("name", str(error))
    return None


@page
@require_http_methods(["GET", "POST"])
def language_model_detail(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """The form, the test, who uses it, and what happened to it."""
    model = get_model(request, pk)
    form = LanguageModelForm(request.POST or None, model=model)
    if request.method == "POST" and form.is_valid() and _changed(request, model, form):
        messages.success(request, f"“{model}” is saved.")
        return redirect("language_model_detail", model.pk)
    return render_form(request, "memories/language_model_detail.html", form, _about(request, get_model(request, pk)))


def _changed(request: SpacesRequest, model: LanguageModel, form: LanguageModelForm) -> bool:
    try:
        with transaction.atomic():
            if model.is_default and not form.cleaned_data["is_default"]:
                model.unmake_default(request.actor)
            model.change(request.actor, **form.values())
            if form.cleaned_data["is_default"]:
                model.make_default(request.actor)
        return True
    except ValidationError as error:
        form.take(error)
    except AlreadyExists as error:
        form.add_error("name", str(error))
    except Conflict as error:
        form.add_error("is_active", str(error))
    return False


def _about(request: SpacesRequest, model: LanguageModel) -> dict[str, Any]:
    entries = AuditEntry.objects.of(request.account).about(model.pk).newest_first()[:LATEST]
    return {
        "model": model,
        "spaces": spaces_using(model)[:SPACES_NAMED],
        "space_count": spaces_using(model).count(),
        "lines": lines(request.actor, entries),
        "shows_addresses": True,
    }


def spaces_using(model: LanguageModel) -> Any:
    """The spaces that name it, as a SpaceQuerySet."""
    assistants = Assistant.objects.of(model.account_id).exclude(language_model="")
    naming = assistants.filter(Q(language_model__iexact=model.name) | Q(language_model__iexact=model.model_identifier))
    return Space.objects.of(model.account_id).filter(pk__in=naming.values("space")).order_by(Lower("name"), "pk")


# ------------------------------------------------------------------- the test


@dataclass(frozen=True)
class Outcome:
    """How a call went: what was said, in which time and for how many tokens, or why there was nothing."""

    seconds: float
    said: str = ""
    tokens: Tokens | None = None
    error: str = ""
    detail: str = ""


@page
@require_POST
def language_model_test(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Call it once, with a question of one word; nothing of it is stored."""
    model = get_model(request, pk)
    context = {"outcome": tried(model), "model": model}
    if not wants_fragment(request):
        context |= _about(request, model) | {"form": LanguageModelForm(model=model)}
    return render_page(
        request, "memories/language_model_detail.html", context, fragment="memories/_language_model_test.html"
    )


def tried(model: LanguageModel) -> Outcome:
    """Ask it one question, without second tries, for at most TEST_SECONDS."""
    model.timeout_seconds = min(model.timeout_seconds, TEST_SECONDS)
    release_connection()  # this may take long
    began, said, tokens = time.monotonic(), "", None
    try:
        for event in complete(model, TEST, options=Options(max_tokens=TEST_TOKENS), retries=0):
            if isinstance(event, Text) and len(said) < TEST_CHARS:
                said += event.text.replace("\x00", "")
            if isinstance(event, Tokens):
                tokens = event
    except ModelFailure as failure:
        return Outcome(time.monotonic() - began, error=str(failure), detail=failure.detail)
    return Outcome(time.monotonic() - began, said.strip().encode(errors="replace").decode()[:TEST_CHARS], tokens)


# ---------------------------------------------------------------- the default, the end


@page
@require_POST
def language_model_default(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Let it answer wherever none is named."""
    model = get_model(request, pk)
    try:
        model.make_default(request.actor)
        messages.success(request, f"“{model}” answers wherever no language model is named.")
    except Conflict as error:
        messages.error(request, str(error))
    return redirect("language_model_detail", model.pk)


@page
@require_safe
def language_model_delete_confirm(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Which spaces lose it."""
    model = get_model(request, pk)
    return render_page(request, "memories/language_model_delete.html", _about(request, model))


@page
@require_POST
def language_model_delete(request: SpacesRequest, pk: UUID) -> HttpResponse:
    model = get_model(request, pk)
    model.remove(request.actor)
    messages.success(request, f"“{model}” is removed, and its key with it.")
    return redirect("language_model_list")
