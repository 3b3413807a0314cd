"""What other systems are told of chats, in Unique's words: to webhooks of the account, and to a space's own address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memories.filters.uniqueql import And
from memories.retrieval import Query, binding_rules
from spaces.holding import hold_space_of
from spaces.models.webhooks import Event
from spaces.webhooks import About, body, delivery, emit, is_awaited, queue
from spaces_project.kit import ids
from spaces_project.kit.ids import Prefix

from .models import Assistant, Chat, Message
from .responders.base import Dialogue
from .responders.passages import PARAMETERS


def hold_to_tell(chat: Chat) -> bool:
    """Whether anybody waits to be told of questions; then the chat's space stays, before the chat itself is locked."""
    if not is_awaited(Event.ASKED, chat.account_id):
        return False
    hold_space_of(Chat, chat.account_id, chat.pk)
    return True


def tell_asked(answer: Message, question: Message) -> None:
    """A question was asked. In the transaction in which it was stored with its answer-to-be."""
    emit(Event.ASKED, about(answer), lambda: asked(answer, question))


def tell_chosen(assistant: Assistant, answer: Message, dialogue: Dialogue) -> None:
    """An external system is to answer. In the transaction in which the answer begins to wait.

    The space's own address hears of the question too, where the space itself is external; what administrators alone
    may see of a person does not go there, as whoever manages the space names it.
    """
    metadata = dialogue.actor.user_metadata
    emit(Event.CHOSEN, about(answer), lambda: chosen(assistant, answer, dialogue, metadata))
    if assistant.webhook_url:
        queue([_own(assistant, answer, dialogue, event) for event in events_for(assistant)])


def events_for(assistant: Assistant) -> tuple[Event, ...]:
    """An external space is told of each question too; a space with an external module only that it was chosen."""
    return (Event.ASKED, Event.CHOSEN) if assistant.is_external else (Event.CHOSEN,)


def _own(assistant: Assistant, answer: Message, dialogue: Dialogue, event: Event) -> Any:
    is_asked = event == Event.ASKED
    told = asked(answer, answer.answers) if is_asked else chosen(assistant, answer, dialogue, {})
    return delivery(event, about(answer), body(event, about(answer), told))


def about(answer: Message) -> About:
    """The answer-to-be is what events of a turn are about: each question may have several."""
    return About(answer.account_id, answer.pk, answer.chat.space_id, answer.created_by)


# --------------------------------------------------------------------- payloads


def place(answer: Message) -> dict[str, Any]:
    """The chat and the space."""
    return {"chatId": answer.chat.unique_id, "assistantId": ids.encode(Prefix.ASSISTANT, answer.chat.space_id)}


def asked(answer: Message, question: Message | None) -> dict[str, Any]:
    """The payload of ``user-message.created``."""
    return {**place(answer), "text": question.text if question else ""}


def chosen(
    assistant: Assistant, answer: Message, dialogue: Dialogue, user_metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """The payload of ``external-module.chosen``. ``chatid`` is there too, as the documentation once spells it.

    ``user_metadata`` is what the receiver may know of who asked.
    """
    module, question, options = assistant.modules()[0], answer.answers, dialogue.options
    text = question.text if question else ""
    user_message = question or answer
    return {
        "name": module.name,
        "description": module.description,
        "configuration": module.configuration,
        **place(answer),
        "chatid": answer.chat.unique_id,
        "userMessage": {
            "id": user_message.wire_id,
            "text": text,
            "originalText": user_message.original_text or text,
            "createdAt": _moment(user_message),
            "language": "",
        },
        "assistantMessage": {"id": answer.wire_id, "createdAt": _moment(answer)},
        "text": text,
        "toolChoices": options.get("toolChoices") or [],
        "rawScopeRules": options.get("scopeRules"),
        "metadataFilter": metadata_filter(dialogue, user_metadata),
        "correlation": options.get("correlation"),
        "userMetadata": dict(user_metadata),
        "toolParameters": options.get(PARAMETERS) or {},
    }


def metadata_filter(dialogue: Dialogue, user_metadata: Mapping[str, Any]) -> dict[str, Any] | None:
    """All rules of the space and of the message in one, their variables filled in; None without any.

    What asks for an attribute that is not in ``user_metadata`` matches nothing.
    """
    parameters = dialogue.options.get(PARAMETERS) or {}
    query = Query(text="", rules=dialogue.rules, user_metadata=user_metadata, tool_parameters=parameters)
    rules = binding_rules(query)
    if not rules:
        return None
    return (rules[0] if len(rules) == 1 else And(rules)).to_json()


def _moment(message: Message) -> str:
    return message.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
