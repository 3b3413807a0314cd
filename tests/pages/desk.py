"""Chats in every state, for the tests of their lists."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from chats.models import Chat, Rating
from chats.replies import ask
from spaces.models import SpaceAccess
from tests.factories import actor_of, make_chat, make_contact, make_space, say
from tests.pages.world import World


def furnished(world: World) -> World:
    """Chats of alice and of bob in alice's space and another one, in every state."""
    SpaceAccess.grant(world.space, world.bob, "USE", actor_of(world.alice))
    other = make_space(world.account, world.admin, name="Trade desk")
    fern = make_contact(world.account, world.alice, name="Fern Alder", email="fern@example.com")
    answered = make_chat(world.space, world.alice, name="Where is my order", contact=fern, meta={"brand": "b", "n": 24})
    say(answered, "Where is order 4711?")
    say(answered, "It left on Monday, with a parcel number.", role="assistant", state="done")
    waiting = make_chat(world.space, world.bob, name="Refund of a lamp")
    say(waiting, "I want my money back, and *soon* <b>please</b>")
    failed = make_chat(other, world.admin, name="Broken answer")
    say(failed, "Does it break?")
    say(failed, "", role="assistant", state="failed", error="The model said no.")
    Chat.objects.filter(pk=failed.pk).update(is_failed=True)
    answering = make_chat(world.space, world.alice)
    ask(actor_of(world.alice), answering, "How do I   put\nthis table together, step by step?")
    make_chat(world.space, world.alice, name="Empty so far")
    Rating.vote(actor_of(world.alice), answered, None, 1)
    Rating.vote(actor_of(world.admin), failed, None, -1, "It failed")
    Chat.objects.filter(pk=failed.pk).update(
        created_at=timezone.now() - timedelta(days=10), last_message_at=timezone.now() - timedelta(days=9)
    )
    make_chat(make_space(world.mallory.account, name="Far away"), name="Secret of another account")
    return world
