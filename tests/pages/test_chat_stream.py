"""The stream of a chat's page, over HTTP to a real server: nobody holds a connection of the database while waiting."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from chats.answering import Writer, claim
from chats.models import Chat, Message
from chats.replies import ask, stop
from chats.responders import Said
from tests.factories import actor_of, make_account, make_chat, make_space, make_user

STREAMS = 10  # more than the pool of the tests' server has connections (8), fewer than it has threads (16)


@pytest.fixture
def chat(live: str) -> Chat:
    account = make_account()
    return make_chat(make_space(account, make_user(account, "alice")))


def session(chat: Chat) -> dict[str, str]:
    client = Client()
    client.force_login(chat.user, backend="django.contrib.auth.backends.ModelBackend")
    name = settings.SESSION_COOKIE_NAME
    return {"Cookie": f"{name}={client.cookies[name].value}"}


@contextmanager
def opened(live: str, path: str, headers: dict[str, str]) -> Iterator[http.client.HTTPResponse]:
    with closing(http.client.HTTPConnection(urlsplit(live).netloc, timeout=20)) as connection:
        connection.request("GET", path, headers=headers)
        yield connection.getresponse()


def event(stream: http.client.HTTPResponse, name: str) -> str:
    """The data of the next event of this name; comments and others are passed over."""
    seen, data = "", []
    for line in (raw.decode().rstrip("\n") for raw in iter(stream.readline, b"")):
        key, _, value = line.partition(": ")
        if key == "event":
            seen = value
        elif key in ("data", "data:"):
            data.append(value)
        elif not line and seen == name:
            return "\n".join(data)
        elif not line:
            seen, data = "", []
    raise AssertionError(f"the stream ended without the event {name}")


def writer_of(chat: Chat) -> Writer:
    message = claim(Chat.objects.select_related("space", "space__account").get(pk=chat.pk))
    assert isinstance(message, Message)
    return Writer(message)


@pytest.mark.slow
def test_more_readers_than_connections_all_see_the_text_grow(chat: Chat, live: str) -> None:
    ask(actor_of(chat.user), chat, "What is covered?")
    path, headers = reverse("chat_stream", args=[chat.pk]), session(chat)
    with ExitStack() as stack:
        streams = [stack.enter_context(opened(live, path, headers)) for _ in range(STREAMS)]
        assert {stream.status for stream in streams} == {200}
        begun = time.monotonic()
        with opened(live, reverse("chat_detail", args=[chat.pk]), headers) as page:
            assert page.status == 200
        assert time.monotonic() - begun < 5  # a pool that is used up makes a page wait for ten
        writer = writer_of(chat)
        writer.take(Said("Solid **wood**"))
        for stream in streams:
            while "<strong>wood</strong>" not in event(stream, "text"):
                pass
        writer.finish()
        for stream in streams:
            assert "data-pending" not in event(stream, "pieces")
            event(stream, "over")


@pytest.mark.thorough
def test_two_answers_that_are_due_are_followed_one_after_the_other(chat: Chat, live: str) -> None:
    by = actor_of(chat.user)
    first, second = ask(by, chat, "One?"), ask(by, chat, "Two?")
    with opened(live, reverse("chat_stream", args=[chat.pk]), session(chat)) as stream:
        event(stream, "text")
        stop(by, first.answer)
        assert "Stopped" in event(stream, "pieces")
        assert f"b-{second.answer.pk}" in event(stream, "text")
        second.answer.remove(by)
        assert event(stream, "gone") == f"m-{second.answer.pk}"
        event(stream, "over")
