"""Members, groups and the profile: who may, what is shown once, what ends at once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from spaces.models import ApiKey, AuditEntry, Group, Space, SpaceAccess, User
from spaces.models.users import Role
from tests.factories import PASSWORD, actor_of, make_contact, make_group, make_key, make_user
from tests.pages.world import World

SECRET = re.compile(r'id="secret">([^<]+)<')
FOR_ADMINISTRATORS = ["member_list", "member_create", "group_list", "group_create"]


def once(page: Any) -> str:
    found = re.search(r'name="once" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def entries(obj: Any, operation: str) -> int:
    return AuditEntry.objects.filter(object_id=obj.pk, operation=operation).count()


# ------------------------------------------------------------------ who may


@pytest.mark.parametrize("name", FOR_ADMINISTRATORS)
def test_only_administrators_open_members_and_groups(world: World, name: str) -> None:
    for user, status in ((world.admin, 200), (world.alice, 403), (world.ann, 403), (world.mallory, 403)):
        assert world.client(user).get(reverse(name)).status_code == status


def test_another_accounts_administrator_sees_none_of_it(world: World) -> None:
    stranger = make_user(world.mallory.account, "malvolio", role=Role.ADMINISTRATOR)
    key, _ = make_key(world.alice)
    group = make_group(world.account, world.bob)
    client = world.client(stranger)
    for name, pk in (("member_detail", world.bob.pk), ("group_detail", group.pk), ("api_key_detail", key.pk)):
        assert client.get(reverse(name, args=[pk])).status_code == 404
    for name, pk in (
        ("member_deactivate", world.bob.pk),
        ("member_password", world.bob.pk),
        ("group_delete", group.pk),
        ("api_key_revoke", key.pk),
    ):
        assert client.post(reverse(name, args=[pk])).status_code == 404
    world.bob.refresh_from_db()
    assert world.bob.is_active
    assert world.bob.check_password(PASSWORD)
    assert ApiKey.objects.usable().filter(pk=key.pk).exists()
    assert Group.objects.filter(pk=group.pk).exists()


# ------------------------------------------------------------------ members


def member_data(**fields: Any) -> dict[str, Any]:
    return {"username": "carol", "name": "Carol", "email": "carol@example.com", "role": "member", **fields}


def test_an_administrator_says_what_rules_may_ask_about_a_member(world: World) -> None:
    client, bob = world.client(world.admin), make_user(world.account, "robert")
    url = reverse("member_detail", args=[bob.pk])
    wrong = client.post(url, member_data(username="robert", meta="{unit: hr}"))
    assert "This is not JSON at line 1" in wrong.content.decode()
    assert client.post(url, member_data(username="robert", meta='{"unit": "hr"}')).status_code == 302
    bob.refresh_from_db()
    assert bob.meta == {"unit": "hr"}


def test_an_administrator_makes_a_member_who_signs_in(world: World) -> None:
    client = world.client(world.admin)
    made = client.post(reverse("member_create"), member_data(external_id="hr-7"))
    assert made.status_code == 201
    password = SECRET.search(made.content.decode())[1]  # type: ignore[index]
    carol = User.objects.get(username="carol")
    assert carol.account == world.account
    assert entries(carol, "user.create") == 1
    signed_in = Client().post(reverse("sign_in"), {"username": "carol", "password": password})
    assert signed_in.status_code == 302
    again = client.post(reverse("member_create"), member_data())
    assert again.status_code == 422
    assert password not in again.content.decode()


@pytest.mark.parametrize(
    "bad",
    [
        {"username": ""},
        {"username": "ALICE"},
        {"username": "nul\x00"},
        {"username": "u" * 151},
        {"email": "no-mail"},
        {"name": "n" * 256},
        {"role": "operator"},
        {"external_id": "taken"},
    ],
)
def test_a_bad_member_is_refused_with_what_was_typed(world: World, bad: dict[str, str]) -> None:
    make_user(world.account, "dora", external_id="taken")
    before = User.objects.count()
    answer = world.client(world.admin).post(reverse("member_create"), member_data(**bad))
    assert answer.status_code == 422
    assert "is-kept" in answer.content.decode() or "carol@example.com" in answer.content.decode() or "email" in bad
    assert User.objects.count() == before


def test_members_and_strangers_make_no_members(world: World) -> None:
    for user in (world.alice, world.ann):
        assert world.client(user).post(reverse("member_create"), member_data()).status_code == 403
    assert not User.objects.filter(username="carol").exists()


def test_changing_a_member_is_written_down_once(world: World) -> None:
    client = world.client(world.admin)
    data = member_data(username="bob", name="Bob", email="", role="analyst")
    assert client.post(reverse("member_detail", args=[world.bob.pk]), data).status_code == 302
    client.post(reverse("member_detail", args=[world.bob.pk]), data)
    world.bob.refresh_from_db()
    assert world.bob.role == Role.ANALYST
    entry = AuditEntry.objects.get(object_id=world.bob.pk, operation="user.update")
    assert entry.changes == {"name": None, "role": ["member", "analyst"]}


def test_who_stops_being_administrator_acts_for_nobody_any_more(world: World) -> None:
    second = make_user(world.account, "root2", role=Role.ADMINISTRATOR)
    acting, _ = make_key(second, scopes=["read", "write", "act_as"])
    plain, _ = make_key(second, scopes=["read", "write"])
    data = member_data(username="root2", email="")
    assert world.client(world.admin).post(reverse("member_detail", args=[second.pk]), data).status_code == 302
    assert list(second.api_keys.usable()) == [plain]
    assert entries(acting, "api_key.revoke") == 1
    assert entries(second, "user.update") == 1


def test_an_administrator_cannot_take_away_his_own_rights(world: World) -> None:
    make_user(world.account, "root2", role=Role.ADMINISTRATOR)
    client = world.client(world.admin)
    data = member_data(username=world.admin.username, role="member")
    answer = client.post(reverse("member_detail", args=[world.admin.pk]), data)
    assert answer.status_code == 422
    assert "your own rights" in answer.content.decode()
    assert client.post(reverse("member_deactivate", args=[world.admin.pk])).status_code == 409
    world.admin.refresh_from_db()
    assert world.admin.is_active
    assert world.admin.role == Role.ADMINISTRATOR


def test_deactivating_ends_sessions_and_keys_and_hands_spaces_over(world: World) -> None:
    alice = world.client(world.alice)
    _, secret = make_key(world.alice)
    client = world.client(world.admin)
    asked = client.get(reverse("member_deactivate_confirm", args=[world.alice.pk])).content.decode()
    assert "Owned spaces" in asked
    done = client.post(reverse("member_deactivate", args=[world.alice.pk]), {"owner": "bob"})
    assert done.status_code == 302
    assert alice.get(reverse("space_list")).status_code == 302
    assert ApiKey.objects.authenticate(secret) is None
    world.space.refresh_from_db()
    assert world.space.owner == world.bob
    assert entries(world.alice, "user.update") == 1
    assert entries(world.space, "space.update") == 1
    assert client.post(reverse("member_reactivate", args=[world.alice.pk])).status_code == 302
    assert ApiKey.objects.authenticate(secret) is not None


def test_a_wrong_new_owner_changes_nothing(world: World) -> None:
    client = world.client(world.admin)
    for owner in ("alice", "mallory", "nobody", "nul\x00"):
        answer = client.post(reverse("member_deactivate", args=[world.alice.pk]), {"owner": owner})
        assert answer.status_code == 422
    world.alice.refresh_from_db()
    assert world.alice.is_active


def test_the_default_space_is_handed_over_as_well(world: World) -> None:
    second = make_user(world.account, "root2", role=Role.ADMINISTRATOR)
    default = world.account.default_space
    assert default.owner == world.admin
    done = world.client(second).post(reverse("member_deactivate", args=[world.admin.pk]), {"owner": "root2"})
    assert done.status_code == 302
    assert Space.objects.get(pk=default.pk).owner == second


def test_a_reset_password_is_shown_once_and_ends_sessions(world: World) -> None:
    bob, client = world.client(world.bob), world.client(world.admin)
    note = once(client.get(reverse("member_password_confirm", args=[world.bob.pk])))
    done = client.post(reverse("member_password", args=[world.bob.pk]), {"once": note})
    password = SECRET.search(done.content.decode())[1]  # type: ignore[index]
    again = client.post(reverse("member_password", args=[world.bob.pk]), {"once": note}, follow=True)
    assert "set already" in again.content.decode()
    world.bob.refresh_from_db()
    assert world.bob.check_password(password)
    assert bob.get(reverse("space_list")).status_code == 302
    assert entries(world.bob, "user.set_password") == 1
    assert password not in str(AuditEntry.objects.values_list("changes", flat=True))


@pytest.mark.thorough
def test_the_list_of_members_asks_the_database_the_same_number_of_times(
    world: World, django_assert_max_num_queries: Any
) -> None:
    group = make_group(world.account, world.alice, world.bob, name="Support")
    for number in range(20):
        group.add(make_user(world.account, f"user{number:02}"), by=actor_of(world.admin))
    client = world.client(world.admin)
    with django_assert_max_num_queries(9):
        html = client.get(reverse("member_list")).content.decode()
    assert html.count("Support") >= 22
    found = client.get(reverse("member_list") + "?q=user1").content.decode()
    assert "user01" not in found
    assert "user11" in found
    assert client.get(reverse("member_list") + "?q=%00&after=nonsense").status_code == 200


# ------------------------------------------------------------------- groups


def test_a_group_lives(world: World) -> None:
    client = world.client(world.admin)
    assert client.post(reverse("group_create"), {"name": "Support"}).status_code == 302
    group = Group.objects.get(name="Support")
    assert client.post(reverse("group_create"), {"name": "SUPPORT"}).status_code == 422
    assert client.post(reverse("group_rename", args=[group.pk]), {"name": "Claims"}).status_code == 302
    assert client.post(reverse("group_add_member", args=[group.pk]), {"user": "bob"}).status_code == 302
    client.post(reverse("group_add_member", args=[group.pk]), {"user": "bob"})
    SpaceAccess.grant(world.space, group, "USE", actor_of(world.admin))
    assert world.client(world.bob).get(reverse("space_detail", args=[world.space.pk])).status_code == 200
    asked = client.get(reverse("group_delete_confirm", args=[group.pk])).content.decode()
    assert "Grant" in asked
    assert "Membership" in asked
    assert client.post(reverse("group_delete", args=[group.pk])).status_code == 302
    assert world.client(world.bob).get(reverse("space_detail", args=[world.space.pk])).status_code == 404
    operations = (
        AuditEntry.objects.filter(object_id=group.pk).order_by("created_at").values_list("operation", flat=True)
    )
    assert list(operations) == ["group.create", "group.update", "group.add_member", "group.delete"]


def test_only_members_of_the_account_get_into_a_group(world: World) -> None:
    group = make_group(world.account, name="Support")
    client = world.client(world.admin)
    for user in ("mallory", "nobody", "", "nul\x00"):
        assert client.post(reverse("group_add_member", args=[group.pk]), {"user": user}).status_code == 422
    assert client.post(reverse("group_rename", args=[group.pk]), {"name": "x" * 256}).status_code == 422
    assert client.post(reverse("group_remove_member", args=[group.pk, world.mallory.pk])).status_code == 302
    assert not group.members().exists()


# ------------------------------------------------------------------ profile


def test_everybody_changes_his_own_profile(world: World) -> None:
    client = world.client(world.alice)
    saved = client.post(reverse("profile"), {"name": "Alice A.", "email": "alice@example.com"})
    assert saved.status_code == 302
    world.alice.refresh_from_db()
    assert (world.alice.name, world.alice.email) == ("Alice A.", "alice@example.com")
    assert entries(world.alice, "user.update") == 1
    for bad in ({"name": "nul\x00"}, {"name": "n" * 256}, {"email": "no-mail"}):
        answer = client.post(reverse("profile"), {"name": "Alice", "email": "", **bad})
        assert answer.status_code == 422
    world.alice.refresh_from_db()
    assert world.alice.name == "Alice A."


def test_settings_pages_open(world: World) -> None:
    key, _ = make_key(world.alice, spaces=[world.space])
    group = make_group(world.account, world.bob)
    make_contact(world.account)
    client = world.client(world.admin)
    assert client.get("/settings/", follow=True).status_code == 200
    for name, args in (
        ("profile", []),
        ("api_key_list", []),
        ("api_key_create", []),
        ("api_key_detail", [key.pk]),
        ("member_detail", [world.bob.pk]),
        ("member_detail", [world.admin.pk]),
        ("group_detail", [group.pk]),
        ("group_list", []),
    ):
        assert client.get(reverse(name, args=args)).status_code == 200


def test_changing_ones_password_is_written_down(world: World) -> None:
    world.alice.set_password(PASSWORD)
    world.alice.save(update_fields=["password"])
    world.sessions.clear()
    client, elsewhere = world.client(world.alice), world.client(world.alice)
    new = "another quite long password"
    data = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post(reverse("password_change"), {**data, "old_password": "wrong"}).status_code == 422
    assert entries(world.alice, "user.set_password") == 0
    assert client.post(reverse("password_change"), data).status_code == 302
    assert entries(world.alice, "user.set_password") == 1
    assert client.get(reverse("profile")).status_code == 200
    assert elsewhere.get(reverse("profile")).status_code == 302
