"""The answer that somebody else writes, through the API, told by a webhook if the space has one."""

from __future__ import annotations

from collections.abc import Iterator

from chats.models import Assistant

from .base import Debug, Dialogue, Piece, Responder, Waits


class External(Responder):
    """Lets the answer wait for ``PATCH /messages/…`` or ``POST /messages``; see chats/external.py for the webhook."""

    name = "external"

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant

    def respond(self, dialogue: Dialogue) -> Iterator[Piece]:
        yield Debug({"webhook": bool(self.assistant.webhook_url)})
        raise Waits(lambda: self._announce(dialogue))

    def _announce(self, dialogue: Dialogue) -> None:
        from chats.external import events_for
        from chats.jobs import enqueue_webhook

        if not self.assistant.webhook_url or dialogue.answer_id is None:
            return
        for event in events_for(self.assistant):
            enqueue_webhook(self.assistant.account_id, dialogue.answer_id, event.value)
