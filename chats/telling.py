"""What other systems are told of chats, in Unique's words: to webhooks of the account, and to a space's own address."""

from __future__ import annotations

from typing import Any

from spaces.models import User
from spaces.models.webhooks import Event
from spaces.webhooks import About, body, delivery, emit, queue
from spaces_project.kit import ids
from spaces_project.kit.ids import Prefix

from .models import Assistant, Message


def tell_asked(answer: Message, question: Message) -> None:
    """A question was asked. In the transaction in which it was stored with its answer-to-be."""
    emit(Event.ASKED, about(answer), lambda: asked(answer, question))


def tell_chosen(assistant: Assistant, answer: Message) -> None:
    """An external system is to answer. In the transaction in which the answer begins to wait.

    The space's own address hears of the question too, where the space itself is external.
    """
    emit(Event.CHOSEN, about(answer), lambda: chosen(assistant, answer))
    if assistant.webhook_url:
        queue([_own(assistant, answer, event) for event in events_for(assistant)])


def events_for(assistant: Assistant) -> tuple[Event, ...]:
    """An external space is told of each question too; a space with an external module only that it was chosen."""
    return (Event.ASKED, Event.CHOSEN) if assistant.is_external else (Event.CHOSEN,)


def _own(assistant: Assistant, answer: Message, event: Event) -> Any:
    told = asked(answer, answer.answers) if event == Event.ASKED else chosen(assistant, answer)
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


def chosen(assistant: Assistant, answer: Message) -> dict[str, Any]:
    """The payload of ``external-module.chosen``. ``chatid`` is there too, as the documentation once spells it."""
    module, question = assistant.modules()[0], answer.answers
    text = question.text if question else ""
    options = question.request if question else {}
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
        "metadataFilter": options.get("scopeRules"),
        "correlation": options.get("correlation"),
        "userMetadata": _user_metadata(user_message),
        "toolParameters": options.get("toolParameters") or {},
    }


def _user_metadata(message: Message) -> dict[str, Any]:
    """The attributes of who asked; none when a program or nobody did."""
    user = User.objects.of(message.account_id).filter(pk=message.created_by).first()
    return user.meta if user else {}


def _moment(message: Message) -> str:
    return message.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
