"""The corpus in a space, and the built-in answerer asked about it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from chats.responders.base import Dialogue, References, Said, Turn
from chats.responders.extractive import Extractive
from memories import ingestion
from memories.models import Embedder, Memory
from memories.models.embedders import Builtin
from spaces.actors import Actor
from tests.corpus.expected import FILES, TYPES
from tests.factories import admin_of, make_account, make_space
from tests.ingesting import ingest_all


class Library:
    """A space with these files of the corpus, embedded by MiniLM; each memory's key is the name of its file."""

    def __init__(self, names: Iterable[str]) -> None:
        self.account = make_account()
        self.by = Actor(account=self.account, user=admin_of(self.account))
        assert Embedder.default_of(self.account).builtin == Builtin.MINILM
        self.home = make_space(self.account, name="Harbour & Pine")
        for name in names:
            ingestion.add(self.by, self.home, (FILES / name).read_bytes(), key=name, mime_type=TYPES[name])
        ingest_all(self.account)
        assert not Memory.objects.of(self.account).exclude(state="completed").exists()

    def ask(self, question: str) -> tuple[str, list[str]]:
        """The answer, and the names of the files that it cites, in their order."""
        dialogue = Dialogue(self.home, self.by, (Turn("user", question),))
        text, cited = "", list[UUID]()
        for piece in Extractive().respond(dialogue):
            if isinstance(piece, Said):
                text += piece.text
            if isinstance(piece, References):
                cited += [passage.memory_id for passage in piece.passages]
        keys = dict(Memory.objects.of(self.account).values_list("pk", "key"))
        return text, [keys[pk] for pk in cited]
