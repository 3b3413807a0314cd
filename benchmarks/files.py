"""A folder with many files: as fast on its last pages as on the first, and moved without rewriting a file."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.measure import Figure, alternating, seconds
from benchmarks.server import running
from benchmarks.world import World

FILES, FOLDERS, TIMES = 10_000, 1_000, 10
LATE = 190  # of 200 pages
AFTER = re.compile(r"[?&;]after=([\w-]+)")
API = "/public/chat-gen2"


class Scene:
    """A folder with FILES files below ``home``, another with FOLDERS folders, and how to call."""

    def __init__(self, place: World) -> None:
        from django.test import Client

        from memories.trees import create_paths
        from spaces.actors import Actor
        from spaces.models import ApiKey

        print(f"{FILES:,} files in a folder …", file=sys.stderr, flush=True)
        actor = Actor(account=place.account, user=place.owner)
        self.home, self.folder, self.wide = create_paths(actor, ["/Home/Files", "/Wide"])
        create_paths(actor, [f"/Wide/Folder {number}" for number in range(FOLDERS)])
        _fill(self.folder)
        _, token = ApiKey.issue(actor, place.owner, "Files", ["read", "write"])
        self.api = Client(headers={"Authorization": f"Bearer {token}"}, SERVER_NAME="127.0.0.1")
        self.browser = Client(SERVER_NAME="127.0.0.1")
        self.browser.force_login(place.owner, backend="django.contrib.auth.backends.ModelBackend")
        (session,) = self.browser.cookies.values()
        self.cookie = f"{session.key}={session.value}"

    def post(self, route: str, body: dict[str, Any]) -> float:
        """The milliseconds of one call."""
        data = json.dumps(body)
        return self._timed(lambda: self.api.post(f"{API}/{route}", data, content_type="application/json"))

    def get(self, route: str) -> float:
        return self._timed(lambda: self.api.get(f"{API}/{route}"))

    def _timed(self, call: Callable[[], Any]) -> float:
        def once() -> None:
            answer = call()
            assert answer.status_code == 200, answer.content

        return seconds(once) * 1000

    def pages(self) -> tuple[str, str]:
        """The addresses of the first page and of the LATEth, found as a reader does: by the links."""
        first = address = f"/files/{self.folder.pk}/"
        for _ in range(LATE - 1):
            found = AFTER.search(self.browser.get(address).content.decode())
            assert found, address
            address = f"{first}?after={found[1]}"
        return first, address


def _fill(folder: Any) -> None:
    from django.db import connection

    from memories.models import Memory

    files = (
        Memory(
            account=folder.account, space=folder.account.default_space, folder=folder, name=f"Report {number}",
            key=f"report-{number}.pdf", mime_type="application/pdf", byte_size=1_000, state="completed",
        )
        for number in range(FILES)
    )  # fmt: skip
    Memory.objects.bulk_create(files, batch_size=2_000)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE memories_memory, memories_folder")


def run(place: World, rounds: int) -> Iterator[Figure]:
    scene = Scene(place)
    first, late = scene.pages()
    with running() as server:
        ways = {
            name: lambda path=path: server.seconds_of(server.page(path, scene.cookie), TIMES) / TIMES * 1000
            for name, path in (("first", first), ("late", late))
        }
        took = alternating(ways, rounds)
    note = f"{took['late']:.1f} ms : {took['first']:.1f} ms"
    yield Figure(
        f"folder of {FILES:,} files: page {LATE} : page 1", took["late"] / took["first"], at_most=1.5, note=note
    )
    yield from infos(scene, rounds)
    yield from moves(scene, rounds)


def infos(scene: Scene, rounds: int) -> Iterator[Figure]:
    """The vendor's lists go by skip and take; each also counts all."""
    body = {"parentId": scene.folder.wire_id, "take": 100}
    ways: dict[str, Callable[[], float]] = {
        "content/infos, the first 100": lambda: scene.post("content/infos", {**body, "skip": 0}),
        "content/infos, the last 100": lambda: scene.post("content/infos", {**body, "skip": FILES - 100}),
        f"folder/infos, the last 100 of {FOLDERS:,}": lambda: scene.get(
            f"folder/infos?parentId={scene.wide.wire_id}&take=100&skip={FOLDERS - 100}"
        ),
    }
    took = alternating(ways, rounds * 3)
    last, first = took["content/infos, the last 100"], took["content/infos, the first 100"]
    note = f"{last:.0f} ms : {first:.0f} ms"
    yield Figure("content/infos: the last 100 : the first", last / first, at_most=3, note=note)
    for name, value in took.items():
        yield Figure(name, value, "ms", at_most=100)


def moves(scene: Scene, rounds: int) -> Iterator[Figure]:
    places = iter([None, scene.home.wire_id] * (rounds * 2))
    move = f"folder/{scene.folder.wire_id}/move"
    took = alternating({"move": lambda: scene.post(move, {"newParentId": next(places)})}, rounds * 2)
    yield Figure(f"folder/move of {FILES:,} files", took["move"], "ms", at_most=100, note="no file is rewritten")
