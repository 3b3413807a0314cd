"""Which responder answers in a space."""

from __future__ import annotations

from chats.models import Assistant

from .base import Responder
from .extractive import Extractive


def responder_for(assistant: Assistant, model: str = "") -> Responder:
    """The responder of this space; ``model`` is the language model that the chat or the message asks for."""
    return Extractive()
