"""Language models: the servers that write answers for this account. For administrators."""

from __future__ import annotations

import time
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower

from chats.models import Assistant
from memories.completion import ModelFailure, Options, Text, Tokens, complete
from memories.models import LanguageModel
from spaces.models import Space
from spaces.requests import SpacesRequest

from .language_model_forms import LanguageModelForm
from .remote_models import Outcome, RemotePages, Words

TEST_SECONDS = 30
TEST_CHARS = 400
TEST_TOKENS = 200  # models that think aloud need some before the word
TEST = [{"role": "user", "content": "Which is the capital of France? Answer with one word."}]


def _created(request: SpacesRequest, form: LanguageModelForm) -> LanguageModel:
    is_default = form.cleaned_data["is_default"]
    return LanguageModel.create(request.actor, request.account, is_default=is_default, **form.values())


def _changed(request: SpacesRequest, model: LanguageModel, form: LanguageModelForm) -> None:
    with transaction.atomic():
        if model.is_default and not form.cleaned_data["is_default"]:
            model.unmake_default(request.actor)
        model.change(request.actor, **form.values())
        if form.cleaned_data["is_default"]:
            model.make_default(request.actor)


def spaces_using(model: LanguageModel) -> Any:
    """The spaces that name it, as a SpaceQuerySet."""
    assistants = Assistant.objects.of(model.account_id).exclude(language_model="")
    naming = assistants.filter(Q(language_model__iexact=model.name) | Q(language_model__iexact=model.model_identifier))
    return Space.objects.of(model.account_id).filter(pk__in=naming.values("space")).order_by(Lower("name"), "pk")


def tried(model: LanguageModel) -> Outcome:
    """Ask it one question, without second tries, for at most TEST_SECONDS."""
    model.timeout_seconds = min(model.timeout_seconds, TEST_SECONDS)
    began, said, tokens = time.monotonic(), "", None
    try:
        for event in complete(model, TEST, options=Options(max_tokens=TEST_TOKENS), retries=0):
            if isinstance(event, Text) and len(said) < TEST_CHARS:
                said += event.text.replace("\x00", "")
            if isinstance(event, Tokens):
                tokens = event
    except ModelFailure as failure:
        return Outcome(time.monotonic() - began, error=str(failure), detail=failure.detail)
    text = said.strip().encode(errors="replace").decode()[:TEST_CHARS] or "It answered without a word."
    numbers = f"{tokens.prompt:,} + {tokens.completion:,} tokens" if tokens else ""
    return Outcome(time.monotonic() - began, text, numbers)


WORDS = Words(
    one="language model",
    many="language models",
    icon="assistant",
    lead="Servers that write answers. A space, a chat or a message names one; the default answers otherwise.",
    empty="Until there is one, answers only quote the memories of a space. Any server with /chat/completions will do: "
    "a provider's, or vLLM, Ollama, llama.cpp of your own.",
    server="Any server that speaks OpenAI's /chat/completions.",
    test="Asks for one word, with the settings as saved.",
    users="A space names one under its tab Assistant.",
    without="Answers that it wrote stay. Spaces that name it will be answered by the default.",
    default="answers wherever no language model is named",
)
PAGES = RemotePages("language_model", LanguageModel, LanguageModelForm, WORDS, tried, spaces_using, _created, _changed)
VIEWS = PAGES.views()
