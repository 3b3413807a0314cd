"""A space that is deleted while something of a memory in it is written that a webhook is told of. Its own module: it
commits.

Who deletes the space has its row and wants the memory's; who tells of the memory has that one and wants the space's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chats.models import Chat
from memories import ingestion
from memories.files import Given, Place, announce, finish, receive, restore
from memories.files.by_hand import replace
from memories.files.modes import ended
from memories.models import Attempt, Memory, MemoryVersion
from spaces.models import Space, Webhook, WebhookDelivery
from spaces.models.webhooks import Event
from spaces_project.kit import limits
from tests.factories import actor_of, admin_of, make_account, make_chat, make_space
from tests.ingesting import use_hashing
from tests.statements import delete_meanwhile

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]

LOCKED = 'FROM "memories_memory"', "FOR NO KEY UPDATE"
GIVEN = Given("a.txt", {"name": "a.txt", "mime_type": "text/plain"})


class World:
    """Alice's space with a chat, and a webhook that is told of all its memories."""

    def __init__(self) -> None:
        self.account = make_account()
        self.by = actor_of(admin_of(self.account))
        use_hashing(self.account)
        self.space: Space = make_space(self.account)
        self.chat: Chat = make_chat(self.space)
        events = [Event.UPLOADED, Event.FINISHED]
        Webhook.create(self.by, self.account, name="R", url="https://hooks.example.com", events=events)

    def memory(self, **fields: Any) -> Memory:
        return ingestion.add(self.by, self.space, b"The ferry leaves at noon.", **fields)

    def place(self) -> Place:
        return Place(
            Space.objects.get(pk=self.space.pk), chat=Chat.objects.select_related("space").get(pk=self.chat.pk)
        )


Way = Callable[[World], tuple[Callable[[], Any], tuple[str, ...]]]


def stored(world: World) -> Any:
    memory = world.memory()
    return lambda: ingestion.ingest(world.account.pk, memory.pk, 1), ("DELETE FROM memories_chunk",)


def failed(world: World) -> Any:
    memory = world.memory(mime_type="application/pdf")
    return lambda: ingestion.ingest(world.account.pk, memory.pk, 1), ('UPDATE "memories_memory"', "failure")


def given_up(world: World) -> Any:
    memory = world.memory()
    for number in range(limits.INGESTION_ATTEMPTS):
        Attempt.objects.create(account=world.account, memory=memory, generation=1, number=number + 1)
    return lambda: ingestion.ingest(world.account.pk, memory.pk, 1), LOCKED


def written_over(world: World) -> Any:
    memory = world.memory()
    return lambda: ingestion.replace(world.by, memory, b"Another text."), LOCKED


def replaced(world: World) -> Any:
    memory = world.memory()
    return lambda: replace(world.by, memory, b"Another text.", "text/plain"), LOCKED


def ended_elsewhere(world: World) -> Any:
    memory = world.memory(configuration={"uniqueIngestionMode": "EXTERNAL_INGESTION"})
    return lambda: ended(world.by, memory), ('UPDATE "memories_memory"',)


def announced(world: World) -> Any:
    place = world.place()
    return lambda: announce(world.by, place, GIVEN), ('FROM "chats_chat"', "FOR NO KEY UPDATE")


def finished(world: World) -> Any:
    place = world.place()
    upload = announce(world.by, place, GIVEN).upload
    receive(world.by, upload, [b"The ferry leaves at noon."])
    return lambda: finish(world.by, world.place(), GIVEN, upload), LOCKED


def restored(world: World) -> Any:
    memory = world.memory()
    replace(world.by, memory, b"Another text.", "text/plain")
    version = MemoryVersion.objects.get()
    return lambda: restore(world.by, memory, version), LOCKED


WAYS: list[Way] = [
    *(stored, failed, given_up, written_over, replaced, ended_elsewhere, announced, finished, restored)
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_space_is_deleted_while_a_memory_in_it_is_told_of(way: Way, caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    write, part = way(world)
    delete_meanwhile(world.by, world.space, write, part)
    assert not [record for record in caplog.records if record.exc_info], "nothing had to be tried again"
    assert not Memory.objects.exists()
    assert not WebhookDelivery.objects.exists()
