"""Spaces with a few memories in them, ingested by lexical hashing."""

from __future__ import annotations

from typing import Any

from memories import ingestion
from memories.models import Memory
from memories.retrieval import Mode, Place, Query, search
from spaces.actors import Actor
from spaces.models import Space
from tests.factories import admin_of, make_account, make_space
from tests.ingesting import use_hashing

HANDBOOK = {
    "returns": "Goods may be sent back within thirty days of delivery. Keep the receipt.",
    "pets": "Dogs are welcome in the office on Fridays, cats are not.",
    "parking": "The garage closes at eight in the evening; ask Gate 7 for the code 4711.",
    "lunch": "Lunch is served from noon in the canteen on the second floor.",
}


class World:
    """One account with a space ``home`` that holds the handbook, each memory with its name as ``meta.topic``."""

    def __init__(self) -> None:
        self.account = make_account("acme")
        self.alice = admin_of(self.account)
        self.by = Actor(account=self.account, user=self.alice)
        use_hashing(self.account)
        self.home: Space = make_space(self.account, name="Handbook")
        self.memories = {name: self.remember(text, name=name) for name, text in HANDBOOK.items()}

    def remember(self, text: str, space: Space | None = None, **fields: Any) -> Memory:
        """A memory of this text, ingested."""
        fields = {"meta": {"topic": fields.get("name", "")}, **fields}
        memory = ingestion.add(self.by, space or self.home, text.encode(), **fields)
        ingestion.ingest(self.account.pk, memory.pk, memory.generation)
        memory.refresh_from_db()
        return memory

    def names(self, text: str, *places: Place, mode: Mode = Mode.COMBINED, **options: Any) -> list[str]:
        """The names of what is found, best first, each once."""
        found = search(self.by, places or [Place(self.home)], Query(text, mode=mode, **options))
        return list(dict.fromkeys(each.name for each in found))
