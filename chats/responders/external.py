"""The answer that somebody else writes, through the API, told by a webhook if the space has one."""

from __future__ import annotations

from collections.abc import Iterator

from chats.models import Assistant, Message

from .base import Debug, Dialogue, Piece, Responder, Waits


class External(Responder):
    """Lets the answer wait for ``PATCH /messages/…`` or ``POST /messages``; see chats/telling.py for the webhook."""

    name = "external"

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant

    def respond(self, dialogue: Dialogue) -> Iterator[Piece]:
        yield Debug({"webhook": bool(self.assistant.webhook_url)})
        raise Waits(lambda: self._announce(dialogue))

    def _announce(self, dialogue: Dialogue) -> None:
        from chats.telling import tell_chosen

        if dialogue.answer_id is not None:
            answers = Message.objects.of(self.assistant.account_id).select_related("answers", "chat")
            tell_chosen(self.assistant, answers.get(pk=dialogue.answer_id), dialogue)
