"""Memories of contacts: they go with their contact, and nobody lets go or sees what he may not."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from memories.models import Memory
from spaces.models import AuditEntry, Contact, SpaceAccess
from tests.factories import actor_of, make_chat, make_contact, make_space
from tests.pages.world import World


def memory_of(world: World, contact: Contact, user: Any, space: Any, name: str = "Terms") -> Memory:
    return Memory.create(actor_of(user), space, name=name, contact=contact)


@pytest.fixture
def kept(world: World) -> tuple[Contact, Memory]:
    """bob's contact, with a memory in alice's space."""
    robin = make_contact(world.account, world.bob, name="Robin Fern")
    return robin, memory_of(world, robin, world.alice, make_space(world.account, world.alice))


def ask(world: World, user: Any, *contacts: Contact) -> Any:
    ids = [str(each.pk) for each in contacts]
    return world.client(user).post(reverse("contact_bulk_confirm", args=["delete"]), {"ids": ids})


def test_a_contact_holds_what_one_may_not_delete(world: World, kept: tuple[Contact, Memory]) -> None:
    robin, memory = kept
    wren = make_contact(world.account, world.bob, name="Wren")
    client = world.client(world.bob)
    assert client.get(reverse("contact_delete_confirm", args=[robin.pk])).status_code == 403
    assert client.post(reverse("contact_delete", args=[robin.pk])).status_code == 403
    page = ask(world, world.bob, robin, wren).content.decode()
    assert "1 of them you may not change" in page
    assert "memory" not in page.partition("<main")[2]
    form = {"ids": [str(robin.pk), str(wren.pk)], "expected": "2"}
    client.post(reverse("contact_bulk_run", args=["delete"]), form)
    assert list(Contact.objects.filter(pk__in=[robin.pk, wren.pk])) == [robin]
    assert Memory.objects.filter(pk=memory.pk).exists()


def test_what_goes_with_a_contact_is_written_down(world: World, kept: tuple[Contact, Memory]) -> None:
    robin, theirs = kept
    own_space = make_space(world.account, world.bob)
    wren = make_contact(world.account, world.bob, name="Wren")
    own = memory_of(world, wren, world.bob, own_space)
    lark = make_contact(world.account, world.bob, name="Lark")
    in_bulk = memory_of(world, lark, world.bob, own_space)
    client = world.client(world.bob)
    page = client.get(reverse("contact_delete_confirm", args=[wren.pk])).content.decode()
    assert "<dt>Memory</dt><dd>1</dd>" in page
    client.post(reverse("contact_delete", args=[wren.pk]))
    client.post(reverse("contact_bulk_run", args=["delete"]), {"ids": [str(lark.pk)], "expected": "1"})
    world.client(world.admin).post(reverse("contact_delete", args=[robin.pk]))
    gone = AuditEntry.objects.filter(operation="memory.delete").values_list("object_id", "actor_id")
    bob, admin = world.bob.pk, world.admin.pk
    assert set(gone) == {(own.pk, bob), (in_bulk.pk, bob), (theirs.pk, admin)}
    assert not Memory.objects.filter(pk__in=[own.pk, in_bulk.pk, theirs.pk]).exists()


def test_what_one_added_goes_only_where_one_may_still_add(world: World) -> None:
    space = make_space(world.account, world.alice)
    SpaceAccess.grant(space, world.bob, "UPLOAD", actor_of(world.alice))
    wren = make_contact(world.account, world.bob, name="Wren")
    memory_of(world, wren, world.bob, space)
    client = world.client(world.bob)
    assert client.get(reverse("contact_delete_confirm", args=[wren.pk])).status_code == 200
    SpaceAccess.grant(space, world.bob, "USE", actor_of(world.alice))
    assert client.post(reverse("contact_delete", args=[wren.pk])).status_code == 403


# ----------------------------------------------------------------------- names


def test_lists_name_contacts_only_to_who_may_read_them(world: World) -> None:
    space = make_space(world.account, world.alice)
    SpaceAccess.grant(space, world.bob, "MANAGE", actor_of(world.alice))
    robin = make_contact(world.account, world.alice, name="Robin Fern")
    memory = memory_of(world, robin, world.alice, space)
    chat = make_chat(space, world.bob, contact=robin)
    client = world.client(world.bob)
    client.post(reverse("memory_columns"), {"col": ["space", "contact"]})
    assert client.get(reverse("contact_detail", args=[robin.pk])).status_code == 404
    paths = [reverse("memory_list"), reverse("chat_list"), reverse("chat_detail", args=[chat.pk])]
    paths += [reverse("chat_contact", args=[chat.pk]), reverse("memory_settings", args=[memory.pk])]
    for path in paths:
        assert "Robin Fern" not in client.get(path).content.decode(), path
    stale = {"stamp": "old", "name": "Other", "contact": "", "meta": "{}", "description": "", "kind": ""}
    overtaken = client.post(reverse("memory_settings", args=[memory.pk]), stale)
    assert "Robin Fern" not in overtaken.content.decode()
    alice = world.client(world.alice)
    alice.post(reverse("memory_columns"), {"col": ["space", "contact"]})
    for path in paths[:4]:
        assert "Robin Fern" in alice.get(path).content.decode(), path
