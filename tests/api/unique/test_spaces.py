"""Space.get_spaces, create_space, get_space, update_space, delete_space, access and MCP servers."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chats.models import Assistant, Module, ScopeRule
from spaces.models import AuditEntry, Space, SpaceAccess
from spaces_project.kit.ids import Prefix, encode
from tests.api.unique.caller import BASE, Caller, caller, refused, space_id, told, user_id
from tests.api.world import World
from tests.factories import actor_of, make_group, make_space

MODULE = {"name": "UniqueAi", "weight": 10000, "configuration": {"nothere": 1}}
NEW = {"name": "Support", "fallbackModule": "UniqueAi", "modules": [MODULE]}
NULLABLE = (
    *("defaultForCompanyId", "title", "subtitle", "explanation", "alert", "inputLimit", "inputPlaceholder"),
    *("languageModel", "settings", "subAgentSettings"),
)


def test_a_space_without_a_face_shows_every_field(world: World, alice: Caller) -> None:
    space = world.space(name="Claims")
    got = told(alice.get(f"space/{space_id(space)}"))
    assert {name: got[name] for name in NULLABLE} == dict.fromkeys(NULLABLE)
    assert (got["id"], got["name"], got["chatUpload"], got["uiType"]) == (
        space_id(space), "Claims", "DISABLED", "UNIQUE_AI"
    )  # fmt: skip
    (module,) = got["modules"]
    assert (module["name"], module["weight"], module["assistantId"]) == ("UniqueAi", 10000, space_id(space))
    assert module["id"] == told(alice.get(f"space/{space_id(space)}"))["modules"][0]["id"]
    assert got["fallbackModule"] == "UniqueAi"
    for name in ("goals", "access", "assistantAccess", "scopeRules", "assistantMcpServers", "subAgents"):
        assert got[name] == []
    assert got["createdAt"].endswith("Z")
    assert not Assistant.objects.exists()


def test_a_space_is_read_by_any_spelling_of_its_id(world: World, alice: Caller) -> None:
    space = world.space()
    for text in (space.wire_id, str(space.pk)):
        assert told(alice.get(f"space/{text}"))["id"] == space_id(space)


def test_create_space_stores_its_face_in_one_step(world: World, alice: Caller) -> None:
    other = world.space(name="Expert")
    made = told(
        alice.post(
            "space",
            {
                **NEW,
                "chatUpload": "ENABLED",
                "explanation": "Ask me",
                "settings": None,
                "assistantPrompts": [
                    {"title": "a", "prompt": "b", "order": 2},
                    {"title": "c", "prompt": "d", "order": 1},
                ],
                "mcpServers": [{"mcpServerId": "m1", "tools": [{"name": "t", "isEnabled": True}]}],
                "subAgentIds": [space_id(other)],
                "allowModelSwitching": True,
                "switchableLanguageModels": [{"displayName": "GPT", "languageModel": "gpt-4"}],
                "unknownMember": 1,
            },
        ),
        201,
    )
    space = Space.objects.get(name="Support")
    it = Assistant.of(space)
    assert (space.owner, it.internal_search, it.chat_upload) == (world.alice, True, "ENABLED")
    assert made == told(alice.get(f"space/{made['id']}"))
    assert made["modules"][0]["configuration"] == {"nothere": 1}
    assert [prompt["title"] for prompt in made["assistantPrompts"]] == ["c", "a"]
    assert made["assistantMcpServers"][0]["tools"] == [{"isEnabled": True, "name": "t"}]
    assert [agent["name"] for agent in made["subAgents"]] == ["Expert"]
    assert made["switchableLanguageModels"] == [{"displayName": "GPT", "languageModel": "gpt-4"}]
    entries = AuditEntry.objects.filter(object_id__in=[space.pk, it.pk])
    assert sorted(entry.operation for entry in entries) == ["assistant.update", "space.create"]


BROKEN = [
    {},
    {**NEW, "name": ""},
    {**NEW, "name": None},
    {**NEW, "modules": []},
    {**NEW, "modules": "UniqueAi"},
    {**NEW, "modules": [{"weight": 1}]},
    {**NEW, "fallbackModule": "Other"},
    {**NEW, "chatUpload": "yes"},
    {**NEW, "uiType": "NICE"},
    {**NEW, "settings": []},
    {**NEW, "modules": [{**MODULE, "weight": "9"}]},
    {**NEW, "modules": [{**MODULE, "weight": 2**31}]},
    {**NEW, "name": "x" * 300},
    {**NEW, "isPinned": "True"},
    {**NEW, "mcpServers": [{"mcpServerId": "a", "tools": [1]}]},
]


@pytest.mark.parametrize("body", BROKEN)
def test_a_space_that_cannot_be_is_refused_and_nothing_stays(world: World, alice: Caller, body: Any) -> None:
    assert refused(alice.post("space", body)) == (400, "BAD_REQUEST")
    assert not Space.objects.listed().exists()


def test_a_sub_agent_that_cannot_be_seen_is_not_found(world: World, alice: Caller) -> None:
    theirs = make_space(world.other, world.mallory)
    assert refused(alice.post("space", {**NEW, "subAgentIds": [space_id(theirs)]})) == (404, "NOT_FOUND")
    assert not Space.objects.of(world.account).listed().exists()


def test_update_changes_what_is_given(world: World, alice: Caller) -> None:
    made = told(alice.post("space", {**NEW, "assistantPrompts": [{"title": "a", "prompt": "b"}]}), 201)
    module = made["modules"][0]["id"]
    body = {"name": "N", "title": "T", "modules": [{"moduleId": module, "configuration": {"k": 1}}], "alert": None}
    got = told(alice.patch(f"space/{made['id']}", {**body, "subAgentIds": []}))
    assert (got["id"], got["name"], got["title"]) == (made["id"], "N", "T")
    assert (got["modules"][0]["id"], got["modules"][0]["configuration"]) == (module, {"k": 1})
    assert got["modules"][0]["createdAt"] == made["modules"][0]["createdAt"]
    assert got["assistantPrompts"] == made["assistantPrompts"]
    cleared = told(alice.patch(f"space/{made['id']}", {"assistantPrompts": [], "title": ""}))
    assert (cleared["assistantPrompts"], cleared["title"]) == ([], None)


def test_the_module_of_a_space_without_a_face_can_be_changed(world: World, alice: Caller) -> None:
    space = world.space()
    module = told(alice.get(f"space/{space_id(space)}"))["modules"][0]["id"]
    got = told(alice.patch(f"space/{space_id(space)}", {"modules": [{"moduleId": module, "weight": 5}]}))
    assert [(each["id"], each["weight"]) for each in got["modules"]] == [(module, 5)]
    assert Module.objects.get().wire_id == module


def test_only_listed_mcp_servers_change(world: World, alice: Caller) -> None:
    space = world.space()
    route = f"space/{space_id(space)}"
    told(alice.patch(route, {"mcpServers": [{"mcpServerId": "a"}, {"mcpServerId": "b"}]}))
    told(alice.patch(route, {"mcpServers": [{"mcpServerId": "b", "tools": []}]}))
    status = told(alice.get(f"{route}/mcp-servers/status"))
    assert status["spaceId"] == space_id(space)
    enabled = {each["mcpServerId"]: each["isEnabled"] for each in status["mcpServers"]}
    assert enabled == {"a": True, "b": False}


def test_update_refuses_modules_of_others_and_itself_as_sub_agent(world: World, alice: Caller) -> None:
    space = world.space()
    route, foreign = f"space/{space_id(space)}", encode(Prefix.MODULE, space.pk)
    assert refused(alice.patch(route, {"modules": [{"moduleId": foreign, "weight": 1}]})) == (400, "BAD_REQUEST")
    assert refused(alice.patch(route, {"modules": [{"moduleId": "nonsense", "weight": 1}]})) == (404, "NOT_FOUND")
    assert refused(alice.patch(route, {"subAgentIds": [space_id(space)]})) == (400, "BAD_REQUEST")
    assert not Assistant.objects.exists()


def test_delete_space(world: World, alice: Caller, bob: Caller) -> None:
    space = world.space()
    SpaceAccess.grant(space, world.bob, "USE", actor_of(world.alice))
    assert refused(bob.delete(f"space/{space_id(space)}")) == (403, "FORBIDDEN")
    assert told(alice.delete(f"space/{space_id(space)}")) == {"id": space_id(space)}
    assert refused(alice.get(f"space/{space_id(space)}")) == (404, "NOT_FOUND")
    default = space_id(world.account.default_space)
    admin = caller(world.admin)
    assert refused(admin.delete(f"space/{default}")) == (409, "CONFLICT")


def test_get_spaces_filters_pages_and_hides_the_default_space(world: World, alice: Caller, mallory: Caller) -> None:
    for name in ("Alpha support", "Beta", "SUP-PORT", "Gamma Support"):
        world.space(name=name)
    Space.objects.get(name="Beta").archive(actor_of(world.alice))
    names = [each["name"] for each in told(alice.get("space"))["data"]]
    assert names == ["Gamma Support", "SUP-PORT", "Beta", "Alpha support"]
    found = told(alice.get("space?name=SUPPORT&skip=1&take=1"))["data"]
    assert [each["name"] for each in found] == ["Alpha support"]
    assert told(mallory.get("space")) == {"data": []}


@pytest.mark.parametrize(
    "query", ["take=0", "take=1001", "take=x", "take=1.5", "skip=-1", "skip=99999999999", "take=٣"]
)
def test_get_spaces_refuses_windows_that_make_no_sense(world: World, alice: Caller, query: str) -> None:
    assert refused(alice.get(f"space?{query}")) == (400, "BAD_REQUEST")


@pytest.mark.slow
def test_get_spaces_asks_as_often_for_many_as_for_few(world: World, alice: Caller) -> None:
    def furnish(number: int) -> None:
        space = world.space(name=f"S{number}")
        body = {
            "title": "T",
            "assistantPrompts": [{"title": "a", "prompt": "b"}],
            "mcpServers": [{"mcpServerId": "m"}],
            "subAgentIds": [space_id(each) for each in Space.objects.of(world.account).listed().exclude(pk=space.pk)],
        }
        told(alice.patch(f"space/{space_id(space)}", body))
        assistant = Assistant.of(space)
        ScopeRule.objects.create(
            account=world.account, assistant=assistant, rule={"path": ["a"], "operator": "equals", "value": "b"}
        )
        SpaceAccess.grant(space, world.bob, "USE", actor_of(world.alice))

    furnish(1)
    furnish(2)
    with CaptureQueriesContext(
        connection,
    ) as few:
        told(alice.get("space"))
    for number in range(3, 9):
        furnish(number)
    with CaptureQueriesContext(connection) as many:
        assert len(told(alice.get("space"))["data"]) == 8
    assert len(many) == len(few) <= 16


def test_grants_are_shown_to_those_who_manage(world: World, alice: Caller, bob: Caller) -> None:
    space = world.space()
    SpaceAccess.grant(space, world.bob, "USE", actor_of(world.alice))
    entry = told(alice.get(f"space/{space_id(space)}"))["assistantAccess"][0]
    assert (entry["entityId"], entry["entityType"], entry["type"]) == (user_id(world.bob), "USER", "USE")
    assert told(bob.get(f"space/{space_id(space)}"))["assistantAccess"] == []
    assert refused(bob.get(f"space/{space_id(space)}/access")) == (403, "FORBIDDEN")


@pytest.mark.parametrize("key", ["access", "accessIds"])
def test_access_is_added_listed_and_taken_away(world: World, alice: Caller, bob: Caller, key: str) -> None:
    space, group = world.space(), make_group(world.account, world.bob)
    route = f"space/{space_id(space)}/access"
    entries = [
        {"entityId": user_id(world.bob), "entityType": "USER", "type": "READ"},
        {"entityId": str(group.pk), "entityType": "GROUP", "type": "WRITE"},
    ]
    added = told(alice.post(route, {key: entries}), 201)["access"]
    assert [each["type"] for each in added] == ["USE", "MANAGE"]
    assert told(alice.get(route))["access"] == added
    assert told(bob.get(f"space/{space_id(space)}"))["id"] == space_id(space)
    # the sync client percent-encodes the brackets, the async one does not
    gone = f"{route}?accessIds%5B0%5D={added[0]['id']}&accessIds[1]={added[1]['id']}"
    assert told(alice.delete(gone)) == {"success": True}
    assert not SpaceAccess.objects.exists()
    assert refused(bob.get(f"space/{space_id(space)}")) == (404, "NOT_FOUND")


def test_access_that_makes_no_sense_changes_nothing(world: World, alice: Caller) -> None:
    space = world.space()
    route = f"space/{space_id(space)}/access"
    good = {"entityId": "bob", "entityType": "USER", "type": "USE"}
    for entry, status in (
        ({**good, "entityId": user_id(world.mallory)}, 404),
        ({**good, "entityId": "mallory"}, 404),
        ({**good, "entityType": "GROUP"}, 404),
        ({**good, "type": "OWN"}, 400),
        ({**good, "entityType": "ROBOT"}, 400),
        ("bob", 400),
    ):
        assert refused(alice.post(route, {"access": [good, entry]}))[0] == status
    assert refused(alice.post(route, {})) == (400, "BAD_REQUEST")
    assert refused(alice.delete(route)) == (400, "BAD_REQUEST")
    assert refused(alice.delete(f"{route}?accessIds[0]={encode(Prefix.ACCESS, space.pk)}")) == (404, "NOT_FOUND")
    assert not SpaceAccess.objects.exists()


def test_a_strangers_space_is_one_that_never_was(world: World, mallory: Caller) -> None:
    space = world.space()
    never = encode(Prefix.ASSISTANT, world.alice.pk)
    for method, route, body in (
        ("GET", "space/{}", None),
        ("PATCH", "space/{}", {"name": "mine"}),
        ("DELETE", "space/{}", None),
        ("GET", "space/{}/access", None),
        ("POST", "space/{}/access", {"access": [{"entityId": "mallory", "entityType": "USER", "type": "USE"}]}),
        ("DELETE", "space/{}/access?accessIds[0]=a", None),
        ("GET", "space/{}/mcp-servers/status", None),
    ):
        told_of_theirs = mallory.call(method, route.format(space_id(space)), body)
        told_of_nothing = mallory.call(method, route.format(never), body)
        assert refused(told_of_theirs) == refused(told_of_nothing) == (404, "NOT_FOUND")
        assert told_of_theirs.content == told_of_nothing.content
    space.refresh_from_db()
    assert space.name != "mine"


def test_every_prefix_answers(world: World, alice: Caller) -> None:
    world.space()
    for base in (BASE, "/public/chat/", "/public/"):
        assert len(told(Caller(alice.token, base).get("space"))["data"]) == 1
