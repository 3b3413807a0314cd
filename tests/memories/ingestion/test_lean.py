"""What need not be loaded before an answer can begin."""

from __future__ import annotations

from typing import Any

from chats.responders.base import Dialogue, Turn
from chats.responders.extractive import NOTHING, Extractive
from memories.embedders import builtin
from memories.models import Embedder
from memories.models.embedders import Builtin
from memories.retrieval import Query, retrieve
from tests.factories import actor_of, admin_of, make_account, make_chat, make_space

from .world import World


def answer(world: World, space: Any, question: str) -> str:
    dialogue = Dialogue(space, world.by, (Turn("user", question),))
    return "".join(getattr(piece, "text", "") for piece in Extractive().respond(dialogue))


def test_a_space_without_memories_needs_no_embedder(world: World) -> None:
    minilm = Embedder.objects.of(world.account).get(builtin=Builtin.MINILM)
    minilm.make_default(world.by)
    world.add("This one waits.")
    before = builtin.cache_info()
    assert answer(world, world.home, "How do I return a parcel?") == NOTHING
    assert not retrieve(world.by, [world.home], Query("What?", chat=make_chat(world.home).pk, folders=True))
    assert builtin.cache_info() == before, "nobody asked for a model"


def test_nor_does_an_account_that_has_no_embedder_yet(world: World) -> None:
    account = make_account()
    found = retrieve(actor_of(admin_of(account)), [make_space(account)], Query("What?"))
    assert (list(found), found.problems) == ([], ())
    assert not Embedder.objects.of(account).exists()
