"""One chat is found exactly by those whose lists show it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chats.permissions import get_chat, visible_chats
from spaces.actors import Actor
from spaces.errors import NotFound
from spaces.models import SpaceAccess
from spaces.models.users import Role
from tests.factories import actor_of, admin_of, make_account, make_chat, make_group, make_key, make_space, make_user

pytestmark = pytest.mark.django_db


def found(actor: Actor, chat: Any) -> bool:
    try:
        return bool(get_chat(actor, chat.pk) == chat)
    except NotFound:
        return False


def test_whoever_may_list_a_chat_finds_it_and_nobody_else_does() -> None:
    account, other = make_account(), make_account()
    alice, bob, carol = (make_user(account) for _ in range(3))
    ann = make_user(account, role=Role.ANALYST)
    desk, default = make_space(account, alice), account.default_space
    SpaceAccess.grant(desk, bob, "USE", Actor.system(account))
    SpaceAccess.grant(desk, make_group(account, carol), "MANAGE", Actor.system(account))
    lost = make_space(account, alice)
    chats = [make_chat(space, user) for space in (desk, default, lost) for user in (alice, bob, carol)]
    chats.append(make_chat(make_space(other), admin_of(other)))
    actors = [actor_of(user) for user in (alice, bob, carol, ann, admin_of(account), admin_of(other))]
    for user in (alice, bob, carol, ann, admin_of(account)):
        for scopes in (["read"], ["read", "write"]):
            actors += [make_key(user, scopes, **limit)[0].actor() for limit in ({}, {"spaces": [desk]})]
    actors += [replace(actor, only_chat=chats[1].pk) for actor in actors]
    for number, actor in enumerate(actors):
        listed = set(visible_chats(actor))
        assert {chat for chat in chats if found(actor, chat)} == listed, number
        assert len(listed) < len(chats)


def test_finding_a_chat_of_ones_own_costs_one_statement() -> None:
    account = make_account()
    alice = make_user(account)
    for space in (make_space(account, alice), account.default_space):
        chat = make_chat(space, alice)
        get_chat(actor_of(alice), chat.pk)
        with CaptureQueriesContext(connection) as asked:
            assert get_chat(actor_of(alice), chat.pk).space == space
        assert len(asked) == 1
