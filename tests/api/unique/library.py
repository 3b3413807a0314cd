"""Folders with files in them, and a chat with one: alice manages /Docs and all below it, bob reads /Docs/HR alone."""

from __future__ import annotations

from typing import Any

from memories import ingestion
from memories.models import Folder, FolderAccess, FolderLevel, Memory
from spaces.actors import Actor
from tests.api.unique.caller import Caller
from tests.api.world import World, make_world
from tests.factories import make_chat
from tests.ingesting import use_hashing

TRAVEL = "The travel policy says that trains come before planes. Hotels cost at most ninety francs."
SALARY = "Salaries are paid on the twenty-fifth of each month, in francs."
CHATTED = "The secret recipe needs three trains of saffron."


class Library:
    """``hr`` is in ``docs``; ``policy`` and ``salary`` are in ``hr``, ``report`` in ``docs``, ``noted`` in a space of
    alice and ``recipe`` in a chat of hers. Everything is ingested by lexical hashing."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or make_world()
        self.account = self.world.account
        self.by = Actor(account=self.account, user=self.world.alice)
        self.bob = Actor(account=self.account, user=self.world.bob)
        use_hashing(self.account)
        self.home = self.world.space(name="Home")
        self.docs = Folder.create(self.by, self.account, None, "Docs")
        self.hr = Folder.create(self.by, self.account, self.docs, "HR")
        FolderAccess.grant(self.hr, self.world.bob, FolderLevel.READ, self.by)
        self.policy = self.file(self.hr, TRAVEL, name="Travel policy", key="policy.txt", meta={"year": 2026})
        self.salary = self.file(self.hr, SALARY, name="Salaries", key="salary.txt", meta={"year": 2025})
        self.report = self.file(self.docs, "The report counts trains.", name="Report", key="report.txt")
        self.noted = self.add("Trains are noted in a space.", self.home, name="Noted", key="noted.txt")
        self.chat = make_chat(self.home, user=self.world.alice)
        self.recipe = self.add(CHATTED, self.home, name="Recipe", key="recipe.txt", chat=self.chat, meta={"year": 2026})

    def file(self, folder: Folder, text: str, **fields: Any) -> Memory:
        """A file of the folder, ingested."""
        return self.add(text, self.account.default_space, folder=folder, **fields)

    def add(self, text: str, space: Any, **fields: Any) -> Memory:
        """A memory, ingested."""
        memory = ingestion.add(self.by, space, text.encode(), **fields)
        ingestion.ingest(self.account.pk, memory.pk, memory.generation)
        memory.refresh_from_db()
        return memory

    def _caller(self, user: Any) -> Caller:
        return Caller(self.world.tokens[user.pk])

    @property
    def alice(self) -> Caller:
        return self._caller(self.world.alice)

    @property
    def reader(self) -> Caller:
        """Bob."""
        return self._caller(self.world.bob)

    @property
    def mallory(self) -> Caller:
        return self._caller(self.world.mallory)
