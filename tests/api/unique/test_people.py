"""User.* and Group.*"""

from __future__ import annotations

from spaces.models import Group
from spaces.models.api_keys import Scope
from spaces_project.kit.ids import Prefix, encode
from tests.api.unique.caller import Caller, caller, refused, told, user_id
from tests.api.world import World
from tests.factories import actor_of, make_group, make_user

ALL = (Scope.READ, Scope.WRITE, Scope.ADMIN)


def test_users_are_listed_filtered_and_paged(world: World) -> None:
    make_user(world.account, "carol", name="Carol Ann Smith", email="carol@example.com", external_id="c-1")
    admin = caller(world.admin)
    got = told(admin.get("users"))
    assert [each["userName"] for each in got["users"]] == ["admin-acme", "alice", "bob", "carol"]
    assert got["object"] == "users"
    carol = got["users"][3]
    names = (carol["firstName"], carol["lastName"], carol["displayName"], carol["externalId"], carol["active"])
    assert names == ("Carol", "Ann Smith", "Carol Ann Smith", "c-1", True)
    for query in ("email=CAROL@example.com", "userName=CAROL", "displayName=ann", "skip=3&take=5"):
        assert told(admin.get(f"users?{query}"))["users"] == [carol]
    assert told(admin.get(f"users/{carol['id']}")) == carol
    assert refused(admin.get("users?take=1001")) == (400, "BAD_REQUEST")


def test_who_sees_whom(world: World, alice: Caller, mallory: Caller) -> None:
    carol = make_user(world.account, "carol", email="carol@example.com")
    gone = make_user(world.account, "gone")
    gone.deactivate(actor_of(world.admin))
    seen = {each["userName"]: each["email"] for each in told(alice.get("users"))["users"]}
    assert set(seen) == {"admin-acme", "alice", "bob", "carol"}
    assert seen["carol"] == ""
    assert told(alice.get("users?email=carol@example.com"))["users"] == []
    assert refused(alice.get(f"users/{user_id(gone)}")) == (404, "NOT_FOUND")
    assert told(caller(carol).get(f"users/{user_id(carol)}"))["email"] == "carol@example.com"
    limited = caller(world.alice, spaces=[world.space()])
    assert [each["userName"] for each in told(limited.get("users"))["users"]] == ["alice"]
    assert refused(limited.get(f"users/{user_id(carol)}")) == (404, "NOT_FOUND")
    assert [each["userName"] for each in told(mallory.get("users"))["users"]] == ["admin-rival", "mallory"]
    assert refused(mallory.get(f"users/{user_id(carol)}")) == (404, "NOT_FOUND")


def test_programs_keep_settings_for_their_own_user(world: World, alice: Caller, bob: Caller, mallory: Caller) -> None:
    body = {"userConfiguration": {"theme": "dark", "limits": [1]}}
    for name in ("alice", user_id(world.alice)):
        got = told(alice.patch(f"users/{name}/configuration", body))
        assert (got["id"], got["userConfiguration"]) == (user_id(world.alice), body["userConfiguration"])
    told(alice.patch("users/alice/configuration", {"userConfiguration": {}}))
    world.alice.refresh_from_db()
    assert world.alice.configuration == {}
    assert refused(bob.patch(f"users/{user_id(world.alice)}/configuration", body)) == (403, "FORBIDDEN")
    assert refused(mallory.patch(f"users/{user_id(world.alice)}/configuration", body)) == (404, "NOT_FOUND")
    deep = {"userConfiguration": {"a": [[[[[[[[[1]]]]]]]]]}}
    for wrong in ({}, {"userConfiguration": []}, {"userConfiguration": {"x": "y" * 70_000}}, deep):
        assert refused(alice.patch("users/alice/configuration", wrong)) == (400, "BAD_REQUEST")


def test_groups_are_read(world: World, alice: Caller, mallory: Caller) -> None:
    group = make_group(world.account, world.bob, world.alice, name="Claims team")
    (got,) = told(alice.get("groups?name=CLAIMS"))["groups"]
    assert (got["id"], got["name"], got["parentId"]) == (encode(Prefix.GROUP, group.pk), "Claims team", None)
    assert [each["entityId"] for each in got["members"]] == [user_id(world.bob), user_id(world.alice)]
    of_bob = told(alice.get(f"users/{user_id(world.bob)}/groups"))["groups"]
    assert [each["name"] for each in of_bob] == ["Claims team"]
    assert told(mallory.get("groups")) == {"groups": []}
    assert refused(mallory.get(f"users/{user_id(world.bob)}/groups")) == (404, "NOT_FOUND")


def test_administrators_change_groups(world: World) -> None:
    admin = caller(world.admin, scopes=ALL)
    made = told(admin.post("groups", {"name": "New", "externalId": "g-1", "parentId": None}), 201)
    assert (made["externalId"], made["members"]) == ("g-1", [])
    route = f"groups/{made['id']}"
    added = told(admin.post(f"{route}/users", {"userIds": ["alice", user_id(world.bob)]}), 201)["memberships"]
    assert {each["entityId"] for each in added} == {user_id(world.alice), user_id(world.bob)}
    assert told(admin.delete(f"{route}/users?userIds[0]={user_id(world.bob)}")) == {"success": True}
    renamed = told(admin.patch(route, {"name": "Renamed"}))
    assert (renamed["name"], [each["entityId"] for each in renamed["members"]]) == ("Renamed", [user_id(world.alice)])
    assert refused(admin.post("groups", {"name": "renamed"})) == (400, "BAD_REQUEST")
    assert refused(admin.post("groups", {"name": "Child", "parentId": made["id"]})) == (400, "BAD_REQUEST")
    assert refused(admin.post(f"{route}/users", {"userIds": ["mallory"]})) == (404, "NOT_FOUND")
    assert told(admin.delete(route)) == {"id": made["id"]}
    assert not Group.objects.exists()


def test_nobody_else_does(world: World, alice: Caller, mallory: Caller) -> None:
    group = encode(Prefix.GROUP, make_group(world.account, name="Claims team").pk)
    for who, status in ((alice, 403), (caller(world.admin), 403), (mallory, 404)):
        for method, route, body in (
            ("PATCH", f"groups/{group}", {"name": "mine"}),
            ("DELETE", f"groups/{group}", None),
            ("POST", f"groups/{group}/users", {"userIds": ["alice"]}),
            ("DELETE", f"groups/{group}/users?userIds[0]=alice", None),
        ):
            assert refused(who.call(method, route, body))[0] == status
    assert refused(alice.post("groups", {"name": "mine"})) == (403, "FORBIDDEN")
    assert Group.objects.get().name == "Claims team"
