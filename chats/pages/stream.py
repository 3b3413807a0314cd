"""The stream of a chat's page: server-sent events with the HTML of the answers as they grow.

It begins with what changed since the page was made (or since the last event, when the browser comes back), follows the
answers that are due one after the other, and ends when none is. It holds no database connection while it waits.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from chats.models import Chat, Message
from chats.models.messages import State
from chats.permissions import get_chat
from chats.replies import pending_answers
from chats.watching import Snapshot, TooManyStreams, watch
from spaces.errors import NotFound
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.exports import release_connection
from spaces_project.kit.markdown import render
from spaces_project.kit.pages import page

from .live import Live, moment
from .transcript import MARK, stamp

RETRY_SECONDS = 5
RENDER_SHARE = 5  # rendering takes at most this part of the time: one of five


@page
@require_GET  # a stream that HEAD never begins would keep its place among them
def chat_stream(request: SpacesRequest, pk: UUID) -> HttpResponse | StreamingHttpResponse:
    """The answers of this chat while they are written. 503 when this process streams as many as it may."""
    chat = get_chat(request.actor, pk)
    due = pending_answers(chat).first()
    try:
        first = watch(due) if due else None
    except TooManyStreams:
        busy = HttpResponse("Too many answers are being watched; poll.", status=HTTPStatus.SERVICE_UNAVAILABLE)
        busy["Retry-After"] = str(RETRY_SECONDS)
        return busy
    response = StreamingHttpResponse(Stream(request, chat, due, first).events(), content_type="text/event-stream")
    response["X-Accel-Buffering"] = "no"
    return response


def event(data: str, name: str = "", mark: str = "") -> str:
    """One server-sent event."""
    head = [f"event: {name}"] * bool(name) + [f"id: {mark}"] * bool(mark)
    return "\n".join([*head, *(f"data: {line}" for line in data.split("\n"))]) + "\n\n"


WORDS: dict[str, str] = {State.QUEUED: State.QUEUED.label, State.WAITING: State.WAITING.label}
CARET = '<span class="caret" aria-hidden="true"></span>'


def growing(answer: Message, snapshot: Snapshot) -> str:
    """An answer so far, from the snapshot alone (no query): its text and how it is going, as two pieces.

    Marks of references are left out: what they stand for is stored at the end.
    """
    html = render(MARK.sub("", snapshot.text[: limits.MARKDOWN_BYTES])).rstrip()
    body = f"{html[:-4]}{CARET}</p>" if html.endswith("</p>") else f"{html}{CARET}"
    seconds = (timezone.now() - answer.created_at).total_seconds()
    return format_html(
        '<div class="prose" id="b-{pk}">{body}</div><small class="state run" id="s-{pk}">{word}, {seconds} s</small>',
        pk=answer.pk,
        body=mark_safe(body),  # noqa: S308 (rendered by kit/markdown, which escapes)
        word=WORDS.get(snapshot.state) or ("Writing" if snapshot.text else "Thinking"),
        seconds=f"{seconds:.1f}",
    )


class Stream:
    """What one page is told."""

    def __init__(self, request: SpacesRequest, chat: Chat, due: Message | None, first: watch | None) -> None:
        self.request, self.chat = request, chat
        self.due, self.watching = due, first
        self.until = time.monotonic() + limits.STREAM_SECONDS
        str(request.actor.user), request.account

    def events(self) -> Iterator[str]:
        """Everything until no answer is due, the chat is gone, or the time is over (then the browser comes again)."""
        try:
            yield f"retry: {RETRY_SECONDS * 1000}\n\n"
            yield self._catch_up()
            while self.due and self.watching:
                yield from self._follow(self.due, self.watching)
                if time.monotonic() > self.until:
                    return
                self._next()
            yield event("", "over")
        except NotFound:
            yield event("", "deleted")
        except TooManyStreams:
            yield event("", "poll")
        finally:
            if self.watching:
                self.watching.close()
            release_connection()

    def _catch_up(self) -> str:
        """What the page has missed."""
        live = self._live()
        since = moment(self.request.headers.get("Last-Event-ID", ""))
        changed = live.changed(since)
        text = self._event(live, changed) if changed else ": nothing new\n\n"
        release_connection()
        return text

    def _follow(self, answer: Message, watching: watch) -> Iterator[str]:
        """One answer until it is finished; at most one rendering in STREAM_RENDER_MILLISECONDS."""
        with closing(watching):
            for snapshot in watching:
                if snapshot is None:
                    yield ": still here\n\n"
                elif snapshot.is_gone:
                    yield event(f"m-{answer.pk}", "gone")
                elif snapshot.is_final:
                    yield self._finished(answer)
                else:
                    begun = time.monotonic()
                    yield event(growing(answer, snapshot), "text")
                    if snapshot.text:  # the first text is shown as soon as it is there
                        pause = limits.STREAM_RENDER_MILLISECONDS / 1000
                        time.sleep(max(pause, RENDER_SHARE * (time.monotonic() - begun)))
                if time.monotonic() > self.until:
                    return

    def _finished(self, answer: Message) -> str:
        """The message as it will stay, with its references, and the question's usage."""
        live = self._live()
        shown = [each for each in live.window if each.pk in (answer.pk, answer.answers_id)]
        text = self._event(live, shown)
        release_connection()
        return text

    def _event(self, live: Live, shown: list[Message]) -> str:
        newest = max((each.updated_at for each in shown), default=None)
        return event(live.pieces(shown), "pieces", stamp(newest) if newest else "")

    def _live(self) -> Live:
        """The chat as it is now; NotFound when it is gone, or may not be read any more."""
        return Live(self.request, get_chat(self.request.actor, self.chat.pk))

    def _next(self) -> None:
        self.chat = self._live().chat
        self.due = pending_answers(self.chat).first()
        release_connection()
        self.watching = watch(self.due) if self.due else None
