"""Who may do what: the table of spaces/permissions.py, row by row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from django.utils import timezone

from spaces import permissions
from spaces.actors import Actor
from spaces.errors import NotAllowed, NotFound
from spaces.models import Account, ApiKey, Contact, Space, SpaceAccess, User
from spaces.models.api_keys import Scope
from spaces.models.users import Role
from spaces.permissions import Level, level
from tests.factories import (
    actor_of,
    admin_of,
    make_account,
    make_contact,
    make_group,
    make_key,
    make_operator,
    make_space,
    make_user,
)


@dataclass
class World:
    account: Account
    admin: User
    analyst: User
    alice: User  # member, owns `mine`
    bob: User  # member, granted by name and through a group
    mallory: User  # administrator of another account
    mine: Space
    other: Space


@pytest.fixture
def world(db: None) -> World:
    account, elsewhere = make_account("acme"), make_account("elsewhere")
    alice, bob = make_user(account, "alice"), make_user(account, "bob")
    return World(
        account=account,
        admin=admin_of(account),
        analyst=make_user(account, "ann", role=Role.ANALYST),
        alice=alice,
        bob=bob,
        mallory=admin_of(elsewhere),
        mine=make_space(account, owner=alice),
        other=make_space(account),
    )


def key_actor(user: User, *scopes: str, spaces: list[Space] | None = None) -> Actor:
    key, _ = make_key(user, scopes, spaces=spaces)
    return key.actor()


def test_an_administrator_may_do_everything_in_the_account_and_nothing_elsewhere(world: World) -> None:
    actor = actor_of(world.admin)
    assert {level(actor, space) for space in world.account.spaces.all()} == {Level.MANAGE}
    assert permissions.can(actor, "account.administer")
    assert level(actor_of(world.mallory), world.mine) == Level.NONE


def test_a_stranger_finds_nothing(world: World) -> None:
    for pk in (world.mine.pk, Space().pk):
        with pytest.raises(NotFound, match=r"^Space not found$"):
            permissions.get_space(actor_of(world.mallory), pk)
    contact = make_contact(world.account)
    for pk in (contact.pk, Contact().pk):
        with pytest.raises(NotFound, match=r"^Contact not found$"):
            permissions.get_contact(actor_of(world.mallory), pk)


def test_an_analyst_reads_everything_and_changes_nothing(world: World) -> None:
    actor, contact = actor_of(world.analyst), make_contact(world.account)
    assert set(permissions.visible_spaces(actor)) == set(world.account.spaces.all())
    assert permissions.get_contact(actor, contact.pk) == contact
    assert permissions.can(actor, "account.read")
    for operation, obj in [
        ("space.update", world.mine),
        ("space.delete", world.mine),
        ("space.use", world.mine),
        ("space.create", None),
        ("contact.create", None),
        ("contact.update", contact),
        ("contact.delete", contact),
        ("account.administer", None),
    ]:
        with pytest.raises(NotAllowed):
            permissions.require(actor, operation, obj)


def test_a_member_manages_what_he_owns_and_uses_the_default_space(world: World) -> None:
    actor, default = actor_of(world.alice), world.account.default_space
    assert set(permissions.visible_spaces(actor)) == {world.mine, default}
    assert level(actor, world.mine) == Level.MANAGE
    assert level(actor, default) == Level.USE
    assert level(actor, world.other) == Level.NONE
    assert not permissions.can(actor, "account.read")


@pytest.mark.parametrize("granted", ["USE", "UPLOAD", "MANAGE"])
@pytest.mark.parametrize("through_group", [False, True])
def test_a_grant_reaches_a_member_directly_and_through_a_group(world: World, granted: str, through_group: bool) -> None:
    holder = make_group(world.account, world.bob) if through_group else world.bob
    access = SpaceAccess.grant(world.mine, holder, granted, by=actor_of(world.alice))
    actor = actor_of(world.bob)
    assert level(actor, world.mine) == Level[granted]
    assert permissions.can(actor, "space.use", world.mine)
    assert permissions.can(actor, "space.upload", world.mine) == (granted != "USE")
    assert permissions.can(actor, "space.delete", world.mine) == (granted == "MANAGE")
    assert (world.mine in permissions.manageable_spaces(actor)) == (granted == "MANAGE")
    access.revoke(by=actor_of(world.alice))
    assert level(actor, world.mine) == Level.NONE


def test_the_strongest_of_several_grants_counts(world: World) -> None:
    by = actor_of(world.alice)
    SpaceAccess.grant(world.mine, world.bob, "USE", by=by)
    SpaceAccess.grant(world.mine, make_group(world.account, world.bob), "UPLOAD", by=by)
    assert level(actor_of(world.bob), world.mine) == Level.UPLOAD


def test_contacts_of_a_member_are_those_he_made_and_those_of_his_spaces(world: World) -> None:
    made, linked, foreign = make_contact(world.account, by=world.alice), *[make_contact(world.account) for _ in "ab"]
    world.mine.change(actor_of(world.alice), contact=linked)
    actor = actor_of(world.alice)
    assert set(permissions.visible_contacts(actor)) == {made, linked}
    assert [permissions.can(actor, "contact.update", contact) for contact in (made, linked, foreign)] == [
        True,
        True,
        False,
    ]
    assert [permissions.can(actor, "contact.delete", contact) for contact in (made, linked, foreign)] == [
        True,
        False,
        False,
    ]


def test_a_key_has_its_users_rights_within_its_scopes(world: World) -> None:
    reader = key_actor(world.admin, Scope.READ)
    assert level(reader, world.mine) == Level.READ
    assert not permissions.can(reader, "space.create")
    writer = key_actor(world.alice, Scope.READ, Scope.WRITE)
    assert level(writer, world.mine) == Level.MANAGE
    assert level(writer, world.other) == Level.NONE
    assert not permissions.can(key_actor(world.admin, Scope.WRITE), "space.list")
    assert not permissions.can(writer, "account.administer")
    assert permissions.can(key_actor(world.admin, Scope.ADMIN), "account.administer")
    assert not permissions.can(key_actor(world.alice, Scope.ADMIN), "account.administer")


def test_a_key_limited_to_spaces_sees_these_and_their_contacts_read_only(world: World) -> None:
    linked, loose = make_contact(world.account), make_contact(world.account)
    world.mine.change(actor_of(world.admin), contact=linked)
    actor = key_actor(
        world.admin, Scope.READ, Scope.WRITE, Scope.ADMIN, spaces=[world.mine, world.account.default_space]
    )
    assert set(permissions.visible_spaces(actor)) == {world.mine}
    assert level(actor, world.mine) == Level.MANAGE
    assert level(actor, world.account.default_space) == Level.NONE
    assert set(permissions.visible_contacts(actor)) == {linked}
    for operation, obj in [
        ("space.create", None),
        ("contact.create", None),
        ("contact.update", linked),
        ("contact.delete", linked),
        ("account.administer", None),
        ("account.read", None),
    ]:
        assert not permissions.can(actor, operation, obj), operation
    with pytest.raises(NotFound):
        permissions.get_contact(actor, loose.pk)


def test_a_limited_key_stays_limited_when_its_last_space_goes(world: World) -> None:
    key, token = make_key(world.admin, spaces=[world.mine])
    world.mine.remove(actor_of(world.admin))
    found = ApiKey.objects.authenticate(token)
    assert found == key
    assert not permissions.visible_spaces(found.actor()).exists()


def test_act_as_gives_the_named_users_rights_within_the_key(world: World) -> None:
    actor = key_actor(world.admin, Scope.READ, Scope.ACT_AS).acting_for(world.alice)
    assert set(permissions.visible_spaces(actor)) == {world.mine, world.account.default_space}
    assert level(actor, world.mine) == Level.READ


def test_anyone_reads_a_public_space_and_no_other(world: World) -> None:
    with pytest.raises(NotFound):
        permissions.readable_space(None, world.mine.pk)
    world.mine.change(actor_of(world.alice), public_read=True)
    assert permissions.readable_space(None, world.mine.pk) == world.mine
    assert permissions.readable_space(actor_of(world.mallory), world.mine.pk) == world.mine
    with pytest.raises(NotFound):
        permissions.get_space(actor_of(world.mallory), world.mine.pk)


def test_an_operator_works_inside_any_account(world: World) -> None:
    actor = actor_of(make_operator())
    assert not permissions.visible_spaces(actor).exists()
    assert level(actor.within(world.account), world.mine) == Level.MANAGE


@pytest.mark.parametrize("end", ["revoke", "expire", "deactivate", "other secret", "other prefix"])
def test_a_key_that_ended_opens_nothing(world: World, end: str) -> None:
    key, token = make_key(world.alice)
    assert ApiKey.objects.authenticate(token) == key
    if end == "revoke":
        assert key.revoke(by=actor_of(world.alice))
    if end == "expire":
        ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    if end == "deactivate":
        world.alice.deactivate(by=actor_of(world.admin))
    token = {"other secret": token[:-1] + ("a" if token[-1] != "a" else "b"), "other prefix": "sk_x" + token[4:]}.get(
        end, token
    )
    assert ApiKey.objects.authenticate(token) is None


def test_of_a_key_only_a_digest_is_kept(world: World) -> None:
    key, token = make_key(world.alice)
    secret = token.split("_", 2)[2]  # which may itself contain the separator
    kept = ApiKey.objects.filter(pk=key.pk).values().get()
    assert all(secret not in str(value) for value in kept.values())


def test_every_operation_names_a_scope(world: World) -> None:
    for operation, rule in permissions.OPERATIONS.items():
        assert rule.scope in Scope, operation
        nobody = replace(actor_of(world.mallory), scopes=frozenset())
        assert not permissions.can(nobody, operation, world.mine)
