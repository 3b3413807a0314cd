"""A tree of folders for the tests of their pages: alice made it, bob was let in, ann reads everything, mallory is in
another account."""

from __future__ import annotations

import html
import re
from typing import Any

from django.test import Client
from django.urls import reverse

from memories import ingestion
from memories.files import by_hand
from memories.models import Builtin, Embedder, Folder, FolderAccess, Memory
from tests.factories import actor_of
from tests.pages.world import World

HTMX = {"HX-Request": "true"}


def put(world: World, folder: Folder, name: str, text: str = "Oak is oiled twice a year.", **fields: Any) -> Memory:
    """A file of alice's, ingested."""
    fields.setdefault("mime_type", "text/plain")
    memory = by_hand.add(actor_of(world.alice), folder, name, text.encode(), name=name, **fields)
    ingestion.ingest(memory.account_id, memory.pk, memory.generation)
    return Memory.objects.get(pk=memory.pk)


class Files:
    """/Contracts (a.txt, b.md), /Contracts/2026 (terms.txt), /Contracts/Secret with access of its own, /Sales."""

    def __init__(self, world: World) -> None:
        self.world = world
        Embedder.default_of(world.account)
        Embedder.objects.of(world.account).get(builtin=Builtin.HASHING).make_default(actor_of(world.admin))
        self.contracts, self.sales = self.folder("Contracts"), self.folder("Sales")
        self.year = self.folder("2026", self.contracts)
        self.secret = self.folder("Secret", self.contracts, inherits_access=False)
        put(world, self.contracts, "a.txt")
        put(world, self.contracts, "b.md", "# Beech\n\nBeech is waxed.", mime_type="text/markdown")
        put(world, self.year, "terms.txt", "The frame is covered for five years.")
        put(world, self.secret, "hidden.txt", "Frame contract with the supplier.")

    def folder(self, name: str, parent: Folder | None = None, **fields: Any) -> Folder:
        return Folder.create(actor_of(self.world.alice), self.world.account, parent, name, **fields)

    def let(self, user: Any, folder: Folder, level: str) -> Client:
        FolderAccess.grant(folder, user, level, actor_of(self.world.admin))
        return self.world.client(user)

    def named(self, name: str) -> Memory:
        return Memory.objects.of(self.world.account).get(name=name)


def at(name: str, thing: Any = None, *more: Any) -> str:
    return reverse(name, args=[thing.pk, *more] if thing is not None else [])


def names(client: Client, folder: Folder | None = None, query: str = "") -> list[str]:
    """The rows of the list, as they stand."""
    address = at("folder_detail", folder) if folder else at("file_list")
    response = client.get(f"{address}?{query}", headers=HTMX)
    assert response.status_code == 200
    text = response.content.decode()
    return [html.unescape(name) for name in re.findall(r'<th scope="row">(?:<svg.*?</svg>)?<a [^>]*>([^<]*)</a>', text)]
