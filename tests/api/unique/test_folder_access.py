"""Folder.add_access, remove_access and update_ingestion_config."""

from __future__ import annotations

from typing import Any

import pytest

from memories.models import Folder, FolderAccess
from spaces.models import AuditEntry
from tests.api.unique.caller import Caller, refused, told, user_id
from tests.api.unique.test_folders import info, make, names, stored
from tests.api.world import World
from tests.factories import make_group

pytestmark = pytest.mark.django_db


def entry(world: World, type: str = "READ", **more: Any) -> dict[str, Any]:
    return {"entityId": user_id(world.bob), "entityType": "USER", "type": type, **more}


def test_a_grant_reaches_all_below_and_is_taken_away_again(world: World, alice: Caller, bob: Caller) -> None:
    hr, new = make(alice, "/HR/New")
    body = {"scopeId": hr, "scopeAccesses": [entry(world)], "applyToSubScopes": False}
    got = told(alice.patch("folder/add-access", body))
    (mine, given) = got["scopeAccess"]
    assert (mine["type"], given["type"], given["entityId"], given["entityType"]) == (
        "MANAGE", "READ", user_id(world.bob), "USER"
    )  # fmt: skip
    assert (got["object"], got["id"], got["children"]) == ("folder", hr, [{"id": new, "name": "New"}])
    assert names(bob) == ["HR"]
    assert info(bob, "/HR/New")["id"] == new
    assert refused(bob.patch("folder/add-access", body)) == (403, "FORBIDDEN")
    wrong = {**body, "scopeAccesses": [entry(world, "WRITE")]}
    assert refused(alice.patch("folder/remove-access", wrong)) == (404, "NOT_FOUND"), "he holds another level"
    taken = told(alice.patch("folder/remove-access", {**body, "scopeId": None, "folderPath": "/HR"}))
    assert [each["type"] for each in taken["scopeAccess"]] == ["MANAGE"]
    assert names(bob) == []
    assert AuditEntry.objects.filter(operation__in=("folder.grant", "folder.revoke")).count() == 2


def test_sub_folders_that_do_not_inherit_are_meant_when_it_is_said(world: World, alice: Caller, bob: Caller) -> None:
    hr, open_ = make(alice, "/HR/Open")
    (shut,) = make(alice, "/HR/Shut", inheritAccess=False)
    body = {"scopeId": hr, "scopeAccesses": [entry(world, "WRITE")], "applyToSubScopes": True}
    told(alice.patch("folder/add-access", {**body, "applyToSubScopes": False}))
    assert refused(bob.get(f"folder/info?scopeId={shut}")) == (404, "NOT_FOUND")
    told(alice.patch("folder/add-access", body))
    assert told(bob.get(f"folder/info?scopeId={shut}"))["name"] == "Shut"
    rows = FolderAccess.objects.filter(user=world.bob)
    assert {row.folder_id for row in rows} == {stored(hr).pk, stored(shut).pk}, "the other one inherits"
    told(alice.patch("folder/remove-access", body))
    assert not rows.all().exists()
    for folder in (hr, open_, shut):
        assert refused(bob.get(f"folder/info?scopeId={folder}")) == (404, "NOT_FOUND")


def test_groups_hold_access_and_bad_entries_change_nothing(world: World, alice: Caller, bob: Caller) -> None:
    (hr,) = make(alice, "/HR")
    group = make_group(world.account, world.bob, name="HR people")
    strangers = make_group(world.other, world.mallory)
    entries: list[Any] = [
        {"entityId": user_id(world.mallory), "entityType": "USER", "type": "READ"},
        {"entityId": str(strangers.pk), "entityType": "GROUP", "type": "READ"},
        {"entityId": user_id(world.bob), "entityType": "USER", "type": "OWN"},
        {"entityId": user_id(world.bob), "type": "READ"},
        {"entityId": "", "entityType": "USER", "type": "READ"},
        "bob",
    ]
    for each in entries:
        body = {"scopeId": hr, "scopeAccesses": [entry(world), each], "applyToSubScopes": False}
        assert refused(alice.patch("folder/add-access", body))[0] in (400, 404), each
    assert refused(alice.patch("folder/add-access", {"scopeId": hr, "scopeAccesses": []}))[0] == 400
    assert refused(alice.patch("folder/add-access", {"scopeAccesses": [entry(world)]}))[0] == 400
    assert FolderAccess.objects.count() == 1
    given = {"entityId": str(group.pk), "entityType": "GROUP", "type": "MANAGE"}
    told(alice.patch("folder/add-access", {"scopeId": hr, "scopeAccesses": [given]}))
    assert told(bob.patch(f"folder/{hr}", {"name": "People"}))["name"] == "People"


def test_how_files_are_ingested_is_said_of_folders(world: World, alice: Caller, bob: Caller) -> None:
    hr, new = make(alice, "/HR/New")
    config = {"uniqueIngestionMode": "SKIP_INGESTION", "chunkMaxTokens": 200, "pdfConfig": None, "fresh": {"a": [1]}}
    body = {"folderPath": "/HR", "ingestionConfig": config, "applyToSubScopes": False}
    assert told(alice.patch("folder/ingestion-config", body))["ingestionConfig"] == config
    assert info(alice, "/HR")["ingestionConfig"] == config, "as it was written"
    assert info(alice, "/HR/New")["ingestionConfig"] is None
    told(alice.patch("folder/ingestion-config", {**body, "ingestionConfig": {}, "applyToSubScopes": True}))
    told(alice.patch("folder/ingestion-config", {**body, "applyToSubScopes": True}))
    assert [row.ingestion for row in Folder.objects.all()] == [config, config]
    wrong: list[Any] = [[], "x", {"a" * 10_000: 1}, {"big": "x" * 100_000}, {"null": "\0"}]
    for bad in wrong:
        assert refused(alice.patch("folder/ingestion-config", {**body, "ingestionConfig": bad}))[0] == 400
    for text in (hr, new):
        assert refused(bob.patch("folder/ingestion-config", {"scopeId": text, "ingestionConfig": {}}))[0] == 404


def test_a_configuration_that_no_file_could_have_is_refused(world: World, alice: Caller) -> None:
    (hr,) = make(alice, "/HR")
    for wrong in ({"chunkMaxTokens": "200"}, {"uniqueIngestionMode": "SKIP_INGESTIONS"}):
        body = {"scopeId": hr, "ingestionConfig": wrong, "applyToSubScopes": False}
        assert refused(alice.patch("folder/ingestion-config", body)) == (400, "BAD_REQUEST")
    assert stored(hr).ingestion == {}


def test_a_lesser_grant_leaves_the_greater_one(world: World, alice: Caller) -> None:
    (hr,) = make(alice, "/HR")
    body = {"scopeId": hr, "scopeAccesses": [entry(world, "WRITE"), entry(world)], "applyToSubScopes": False}
    got = told(alice.patch("folder/add-access", body))
    assert sorted(each["type"] for each in got["scopeAccess"]) == ["MANAGE", "WRITE"]
