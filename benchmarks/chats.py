"""Messages: created nearly as fast as the same statements alone, listed, shown, streamed to many, and begun at once."""

from __future__ import annotations

import json
import re
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from benchmarks.measure import Figure, alternating
from benchmarks.server import Server, running, worker
from benchmarks.world import World

CLIENTS, DURATION, TIMES = 4, 2.0, 20
PAGE, LONG = 100, 1_000
READERS, WAIT = 200, 20.0
FIRSTS = 15
WRITES = ("WITH", "INSERT", "UPDATE")
KEY = re.compile(r"(VALUES \(')[0-9a-f-]+'")


@dataclass
class Scene:
    """One space with a chat to write in, one of LONG messages and one whose answer is awaited."""

    place: World
    token: str
    cookie: str
    written: Any
    long: Any
    awaited: Any
    answer: Any

    @property
    def create(self) -> str:
        return f"/api/v1/conversation/{self.written.wire_id}/message/create"


def build(place: World) -> Scene:
    from django.test import Client

    from chats.models import Chat, Message
    from spaces.actors import Actor
    from spaces.models import ApiKey, Space

    actor = Actor(account=place.account, user=place.owner)
    space = Space.create(actor, place.account, owner=place.owner, name="Chats")
    chats = [Chat.create(actor, space, user=place.owner, name=name) for name in ("Written", "Long", "Awaited")]
    said = "Solid-wood tables carry a **five-year warranty**.\n\n1. the order number\n2. two photos of `OT-2200-S`\n"
    for start in range(0, LONG, 100):
        roles = ["user" if number % 2 == 0 else "assistant" for number in range(start, start + 100)]
        drafts = [Message.draft(actor, chats[1], role=role, text=f"{said} {start}") for role in roles]
        Message.append(actor, chats[1], drafts)
    answer = Message.create(actor, chats[2], role="assistant", state="waiting")
    _, token = ApiKey.issue(actor, place.owner, "Chats", ["read", "write"])
    client = Client()
    client.force_login(place.owner, backend="django.contrib.auth.backends.ModelBackend")
    (session,) = client.cookies.values()
    return Scene(place, token, f"{session.key}={session.value}", *chats, answer)


def run(place: World, rounds: int) -> Iterator[Figure]:
    scene = build(place)
    with running() as server:
        yield from creates(scene, server, rounds)
        yield from lists(scene, server, rounds)
        yield from page(scene, server, rounds)
        yield from streams(scene, server)
        yield from firsts(scene, server)


# --------------------------------------------------------------------- create


def statements(scene: Scene) -> list[tuple[str, Any]]:
    """The very statements of one message/create, with their values."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    def send() -> None:
        headers = {"Authorization": f"Bearer {scene.token}"}
        sent = Client(headers=headers).post(
            scene.create, body(), content_type="application/json", SERVER_NAME="127.0.0.1"
        )
        assert sent.status_code == 200, sent.content

    send()
    with CaptureQueriesContext(
        connection,
    ) as seen:
        send()
    return [(query["sql"], None) for query in seen.captured_queries]


def body() -> bytes:
    return json.dumps({"type": "user", "text": "Is a joint that opened covered? " * 8}).encode()


def creates(scene: Scene, server: Server, rounds: int) -> Iterator[Figure]:
    sql = [text.strip() for text, _ in statements(scene)]
    writes = [text for text in sql if text.startswith(WRITES)]
    yield Figure("message/create: statements in its transaction", len(writes), "", at_most=4)
    request = server.post(scene.create, scene.token, body())
    rate = alternating(
        {
            "ours": lambda: server.rate_of(request, CLIENTS, DURATION),
            "psycopg": lambda: replayed(scene, sql, CLIENTS, DURATION),
        },
        rounds,
    )
    note = f"{rate['ours']:.0f}/s : {rate['psycopg']:.0f}/s"
    yield Figure("message/create : its statements alone", rate["ours"] / rate["psycopg"], at_least=0.5, note=note)


def replayed(scene: Scene, sql: list[str], clients: int, duration: float) -> float:
    """Requests per second when only their statements are sent by psycopg, in a transaction where they have one."""
    end, done = time.perf_counter() + duration, [0] * clients
    plans = [variable(text) for text in sql if not text.startswith(("BEGIN", "COMMIT"))]

    def work(number: int) -> None:
        with psycopg.connect(scene.place.database_url, autocommit="BEGIN" not in sql) as connection:
            while time.perf_counter() < end:
                for make in plans:
                    connection.execute(make())
                connection.commit()
                done[number] += 1

    threads = [threading.Thread(target=work, args=[number]) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / duration


def variable(text: str) -> Callable[[], bytes]:
    """The statement, with new primary keys each time when it inserts."""
    from spaces_project.kit.ids import new_id

    if not text.startswith(WRITES):
        return lambda: text.encode()
    return lambda: KEY.sub(lambda found: f"{found[1]}{new_id()}'", text).encode()


# ------------------------------------------------------------- lists and pages


def lists(scene: Scene, server: Server, rounds: int) -> Iterator[Figure]:
    path = f"conversation/{scene.long.wire_id}/message/list?take={PAGE}"
    rate = alternating(
        {
            "ours": lambda: server.rate(f"/api/v1/{path}", scene.token, CLIENTS, DURATION),
            "peer": lambda: server.rate(f"/peer/{path}", scene.token, CLIENTS, DURATION),
        },
        rounds,
    )
    note = f"{rate['ours']:.0f}/s : {rate['peer']:.0f}/s"
    yield Figure("message/list : the same with ModelSerializer", rate["ours"] / rate["peer"], at_least=3, note=note)


def page(scene: Scene, server: Server, rounds: int) -> Iterator[Figure]:
    request = server.page(f"/chats/{scene.long.pk}/", scene.cookie)
    took = statistics.median(server.seconds_of(request, TIMES) / TIMES * 1000 for _ in range(rounds))
    yield Figure(f"page of a chat of {LONG} messages", took, "ms", at_most=150)


# -------------------------------------------------------------------- streams


def streams(scene: Scene, server: Server) -> Iterator[Figure]:
    """READERS streams of one answer at once: all hear of a change, and another page stays quick meanwhile."""
    other = server.page("/spaces/", scene.cookie)
    idle = median_ms(server, other)
    told, stop, grown = [threading.Event() for _ in range(READERS)], threading.Event(), threading.Event()
    readers = [threading.Thread(target=follow, args=[scene, server, event, stop]) for event in told]
    for reader in readers:
        reader.start()
    time.sleep(3)
    ticker = threading.Thread(target=grow, args=[scene, grown])
    ticker.start()
    busy = median_ms(server, other)
    grown.set()
    ticker.join()
    write(scene, "MARK-END")
    end = time.monotonic() + WAIT
    live = sum(event.wait(max(0.0, end - time.monotonic())) for event in told)
    stop.set()
    for reader in readers:
        reader.join()
    end_answer(scene)
    yield Figure(f"live among {READERS} streams with 2 web workers", live, "", at_least=READERS)
    yield Figure("p50 of another page, streams : idle", busy / idle, at_most=2, note=f"{busy:.0f} ms : {idle:.0f} ms")


def median_ms(server: Server, request: bytes, times: int = 30) -> float:
    return statistics.median(server.seconds_of(request, 1) * 1000 for _ in range(times))


def follow(scene: Scene, server: Server, told: threading.Event, stop: threading.Event) -> None:
    with server.connect() as client:
        client.settimeout(0.5)
        client.sendall(server.page(f"/chats/{scene.awaited.pk}/stream/", scene.cookie))
        tail = b""
        while not stop.is_set():
            try:
                data = client.recv(65536)
            except TimeoutError:
                continue
            if not data:
                return
            tail = (tail + data)[-65536:]
            if b"MARK-END" in tail:
                told.set()


def write(scene: Scene, text: str) -> None:
    """The answer as its author would store it: on a connection of its own, as threads and loops do this."""
    with psycopg.connect(scene.place.database_url) as connection:
        connection.execute(
            "UPDATE chats_message SET text = %s, updated_at = clock_timestamp() WHERE id = %s", [text, scene.answer.pk]
        )


def grow(scene: Scene, grown: threading.Event) -> None:
    words = "This is what the handbook says about it."
    while not grown.wait(0.5):
        words = f"{words} And more of it."
        write(scene, words)


def end_answer(scene: Scene) -> None:
    """Finish the awaited answer, so that the server lets go of streams whose readers have gone."""
    with psycopg.connect(scene.place.database_url) as connection:
        connection.execute(
            "UPDATE chats_message SET state = 'done', updated_at = clock_timestamp() WHERE id = %s", [scene.answer.pk]
        )
    time.sleep(2)


def firsts(scene: Scene, server: Server) -> Iterator[Figure]:
    """From POST to the first character of an answer whose responder needs no time of its own."""
    request = server.post(
        f"/api/v1/conversation/{scene.written.wire_id}/complete", scene.token, body(), "application/jsonl"
    )
    with worker():
        took = [first_token(server, request) * 1000 for _ in range(FIRSTS)]
    yield Figure("from POST to the first character streamed", statistics.median(took), "ms", at_most=150)


def first_token(server: Server, request: bytes) -> float:
    with server.connect() as client:
        client.settimeout(30)
        began = time.perf_counter()
        client.sendall(request)
        data = b""
        while b'"token"' not in data:
            block = client.recv(65536)
            assert block, data
            data += block
        took = time.perf_counter() - began
        while b'"result"' not in data:
            data = data[-32:] + client.recv(65536)
    return took
