"""Which responder answers in a space."""

from __future__ import annotations

from chats.models import Assistant
from memories.completion import Options
from memories.models import LanguageModel

from .base import Responder
from .external import External
from .extractive import Extractive
from .openai_compatible import OpenAICompatible, parse_model


def responder_for(assistant: Assistant, model: str = "") -> Responder:
    """The responder of this space; ``model`` is the language model that the chat or the message asks for.

    An external system where the space or its module says so. Else the first that is configured and active of: the model
    asked for, the space's own, the account's default. Else the built-in answers that need no model.
    """
    if is_external(assistant):
        return External(assistant)
    asked = [text for text in (model, assistant.language_model) if text.strip()]
    found, options = _configured(assistant, asked)
    requested = parse_model(asked[0])[0] if asked else ""
    note = {"requestedModel": requested or None, "usedModel": found.name if found else None}
    return OpenAICompatible(found, options, note) if found else Extractive(note)


def is_external(assistant: Assistant) -> bool:
    """Whether this space, or the module that answers in it, leaves its answers to an external system."""
    return assistant.is_external or assistant.modules()[0].is_external


def _configured(assistant: Assistant, asked: list[str]) -> tuple[LanguageModel | None, Options]:
    """The language model for the names asked for, most wanted first, and the settings that were asked for with it."""
    models = LanguageModel.objects.of(assistant.account_id).active()
    for text in asked:
        name, options = parse_model(text)
        if (model := models.called(name).first()) is not None:
            return model, options
    return models.default(), parse_model(asked[0])[1] if asked else Options()
