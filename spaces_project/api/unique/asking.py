"""POST /space/message: what a message may ask for, and asking it once however often it is sent."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from chats.answering import LIMITED
from chats.files import SELECTED, check_selected
from chats.models import Assistant, Chat
from chats.replies import Asked, ask, lock_request, repeated, request_digest
from memories.filters.uniqueql import parse
from spaces.actors import Actor
from spaces.errors import InvalidInput
from spaces.models import Space
from spaces.permissions import require

from .lookup import check_in, find_space, writable_chat

TITLE_CHARS = 60
KEPT = (
    *("toolChoices", "skillChoices", "availableSkills", "scopeRules", "languageModel", "selectedUploadedFileIds"),
    *("toolParameters", "correlation", "autoApproveElicitation"),
)


def question(by: Actor, fields: dict[str, Any]) -> Asked:
    """Store the message and have it answered; the same one again within REPEAT_SECONDS gets what the first one got.

    Raises NotFound, NotAllowed, Conflict in an archived space, InvalidInput for what cannot be asked.
    """
    space = find_space(by, fields["assistantId"])
    options = _options(by, space, fields)
    text, digest = fields.get("text", ""), request_digest(by, space.pk, fields)
    if "chatId" in fields:
        chat = writable_chat(by, fields["chatId"])
        check_in(chat, space)
        check_selected(chat, fields.get(SELECTED, ()))
        return ask(by, chat, text, options=options, digest=digest)
    require(by, "space.use", space)
    check_selected(None, fields.get(SELECTED, ()))
    with transaction.atomic():
        lock_request(digest)
        return repeated(by, digest) or _begin(by, space, text, options, digest)


def _begin(by: Actor, space: Space, text: str, options: dict[str, Any], digest: str) -> Asked:
    """A new chat with its first message."""
    chat = Chat.create(by, space, user=by.user, name=title_of(text))
    chat.space = space
    return ask(by, chat, text, options=options, digest=digest)


def title_of(text: str) -> str:
    """The beginning of the text in one line."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text[: 4 * TITLE_CHARS]).split())
    return line if len(line) <= TITLE_CHARS else line[: TITLE_CHARS - 1].rstrip() + "…"


def _options(by: Actor, space: Space, fields: dict[str, Any]) -> dict[str, Any]:
    """What is asked for besides the text, checked, as it is stored on the message."""
    if "scopeRules" in fields:
        parse(fields["scopeRules"], "scopeRules")
    if fields.get("languageModel"):
        _check_model(Assistant.of(space), fields["languageModel"])
    options = {name: fields[name] for name in KEPT if name in fields}
    return options | {LIMITED: True} if by.only_spaces is not None else options


def _check_model(assistant: Assistant, model: str) -> None:
    if not assistant.allow_model_switching:
        raise InvalidInput("languageModel: This space does not allow to choose a model.", field="languageModel")
    switchable = [entry.get("languageModel") for entry in assistant.switchable_language_models]
    if model not in [entry.get("name") if isinstance(entry, dict) else entry for entry in switchable]:
        raise InvalidInput("languageModel: This space does not offer this model.", field="languageModel")
