"""Streams of answers: each sees the changes of its own message, from one poller, and is told the end."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.utils import timezone

from chats import watching
from chats.models import Message
from chats.replies import ask
from chats.watching import Hub, TooManyStreams, watch
from tests.factories import actor_of, make_account, make_chat, make_space

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def answer() -> Message:
    chat = make_chat(make_space(make_account()))
    return ask(actor_of(chat.user), chat, "Hello?").answer


def write(answer: Message, **values: object) -> None:
    Message.objects.filter(pk=answer.pk).update(**values, updated_at=timezone.now())


def test_a_stream_sees_every_state_and_ends(answer: Message) -> None:
    with watch(answer) as snapshots:
        assert next(snapshots).state == "queued"
        write(answer, state="answering", text="Good")
        assert next(snapshots).text == "Good"
        write(answer, state="done", text="Good day")
        assert [(last.state, last.text) for last in snapshots] == [("done", "Good day")]


def test_a_deleted_answer_ends_its_stream(answer: Message) -> None:
    with watch(answer) as snapshots:
        next(snapshots)
        answer.chat.remove(actor_of(answer.chat.user))
        assert [(last.is_gone, last.has_failed) for last in snapshots] == [(True, True)]


def test_silence_is_broken_by_a_sign_of_life(answer: Message) -> None:
    with watch(answer, heartbeat=0.05) as snapshots:
        assert next(snapshots) is not None
        assert next(snapshots) is None


def test_many_streams_cost_one_thread_and_are_all_told(answer: Message) -> None:
    streams = [watch(answer) for _ in range(30)]
    heard: list[str] = []

    def follow(stream: watch) -> None:
        heard.extend(snapshot.state for snapshot in stream if snapshot)

    readers = [threading.Thread(target=follow, args=[stream]) for stream in streams]
    for reader in readers:
        reader.start()
    assert [thread.name for thread in threading.enumerate()].count("answers") == 1
    write(answer, state="done", text="Good day")
    for reader in readers:
        reader.join(5)
    assert heard.count("done") == 30
    assert watching.hub._watched == {}


def test_past_the_allowance_a_stream_is_refused_and_leaving_makes_room(answer: Message) -> None:
    hub = Hub(most=1)
    watched = hub.join(answer)
    with pytest.raises(TooManyStreams):
        hub.join(answer)
    hub.leave(watched)
    hub.leave(hub.join(answer))


def test_a_broken_connection_is_got_over(answer: Message) -> None:
    with watch(answer) as snapshots:
        next(snapshots)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database() AND query LIKE '%%unnest%%'"
            )
        write(answer, state="done", text="Good day")
        assert [last.state for last in snapshots if last] == ["done"]
