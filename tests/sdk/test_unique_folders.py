"""The vendor's Python client, unmodified, against a live server: folders, sync and async."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.sdk.unique_client import IGNORED, in_its_own_loop

pytestmark = pytest.mark.filterwarnings(*IGNORED)
WHO = ("alice", "acme")


def test_the_client_makes_finds_moves_and_deletes_folders(sdk: Any) -> None:
    from memories.models import Folder as Stored
    from tests.api.unique.caller import user_id

    folder = sdk.Folder
    made = folder.create_paths(*WHO, paths=["/HR/New/2026", "/Sales"], inheritAccess=True)["createdFolders"]
    assert [each["name"] for each in made] == ["HR", "New", "2026", "Sales"]
    hr, new, year, sales = (each["id"] for each in made)
    assert folder.create_paths(*WHO, parentScopeId=sales, relativePaths=["Q1"])["createdFolders"][-1]["name"] == "Q1"
    assert folder.create_paths(*WHO, paths=["/HR/New"])["createdFolders"] == []
    got = folder.get_info(*WHO, folderPath="/HR/New")
    for attribute in ("id", "name", "ingestionConfig", "createdAt", "updatedAt", "parentId", "externalId"):
        getattr(got, attribute)
    assert (got.id, folder.get_info(*WHO, scopeId=new).id) == (new, new)
    assert folder.get_folder_path(*WHO, scope_id=year)["folderPath"] == "/HR/New/2026"
    assert [each.name for each in folder.get_infos(*WHO, skip=0, take=50).folderInfos] == ["HR", "Sales"]
    assert folder.get_infos(*WHO, parentFolderPath="/HR").totalCount == 1
    assert folder.resolve_scope_id_from_folder_path_with_create(*WHO, folder_path="/HR/Also")

    entries = [{"entityId": user_id(sdk.people.bob), "entityType": "USER", "type": "READ"}]
    access = {"scopeId": hr, "scopeAccesses": entries, "applyToSubScopes": True}
    assert [each["type"] for each in folder.add_access(*WHO, **access).scopeAccess] == ["MANAGE", "READ"]
    assert [each["type"] for each in folder.remove_access(*WHO, **access)["scopeAccess"]] == ["MANAGE"]
    config = {"uniqueIngestionMode": "INGESTION", "chunkMaxTokens": 300, "vttConfig": None}
    change = {"folderPath": "/HR", "ingestionConfig": config, "applyToSubScopes": False}
    assert folder.update_ingestion_config(*WHO, **change).ingestionConfig == config

    assert folder.update(*WHO, folderPath="/HR/New", parentFolderPath="/Sales", name="Fresh").parentId == sales
    moved = folder.move(*WHO, folderId=new, newParentId=hr)
    assert (moved["object"], moved["asyncMetadataRebuild"], moved["affectedFiles"]) == ("folder-move", False, 0)
    assert folder.update(*WHO, scopeId=year, parentId=None).parentId is None
    with pytest.raises(sdk.APIError, match="cannot be moved into itself"):
        folder.move(*WHO, folderId=hr, newParentId=new)
    with pytest.raises(sdk.InvalidRequestError, match="Folder not found"):
        folder.get_info(*WHO, folderPath="/Nowhere")
    assert folder.delete(*WHO, folderPath="/HR")["failedFolders"][0]["failReason"] == "The folder is not empty."
    gone = folder.delete(*WHO, scopeId=hr, recursive=True)["successFolders"]
    assert [each["path"] for each in gone] == ["/HR", "/HR/Also", "/HR/Fresh"]
    assert sorted(row.name for row in Stored.objects.all()) == ["2026", "Q1", "Sales"]


@pytest.mark.thorough
def test_the_async_client_does_the_same(sdk: Any) -> None:
    folder = sdk.Folder

    async def story() -> list[str]:
        made = (await folder.create_paths_async(*WHO, paths=["/HR/New"]))["createdFolders"]
        (hr, new) = (each["id"] for each in made)
        assert (await folder.get_info_async(*WHO, folderPath="/HR/New"))["id"] == new
        assert (await folder.get_infos_async(*WHO, parentFolderPath="/HR"))["totalCount"] == 1
        assert (await folder.get_folder_path_async(*WHO, new))["folderPath"] == "/HR/New"
        assert (await folder.update_async(*WHO, scopeId=new, name="Newer"))["name"] == "Newer"
        assert (await folder.move_async(*WHO, folderId=new, newParentId=None))["message"] == "Moved to /Newer."
        grants = {"scopeAccesses": [{"entityId": "bob", "entityType": "USER", "type": "WRITE"}]}
        access = {"scopeId": hr, **grants, "applyToSubScopes": False}
        assert len((await folder.add_access_async(*WHO, **access))["scopeAccess"]) == 2
        assert len((await folder.remove_access_async(*WHO, **access))["scopeAccess"]) == 1
        config = {"scopeId": hr, "ingestionConfig": {"chunkMaxTokens": 1}, "applyToSubScopes": False}
        assert (await folder.update_ingestion_config_async(*WHO, **config))["ingestionConfig"] == {"chunkMaxTokens": 1}
        gone = await folder.delete_async(*WHO, scopeId=hr, recursive=False)
        return [each["name"] for each in gone["successFolders"]]

    assert in_its_own_loop(story()) == ["HR"]


@pytest.mark.thorough
def test_the_same_paths_asked_for_at_once_make_one_tree(sdk: Any) -> None:
    from memories.models import Folder as Stored

    def create(number: int) -> list[str]:
        paths = ["/A/B/C", f"/A/B/{number % 2}", "/D"] if number % 2 else ["/D", "/A/B/C"]
        made = sdk.Folder.create_paths(*WHO, paths=paths)["createdFolders"]
        return [each["name"] for each in made]

    with ThreadPoolExecutor(6) as threads:
        names = sorted(name for made in threads.map(create, range(6)) for name in made)
    assert names == ["1", "A", "B", "C", "D"]
    assert Stored.objects.count() == 5
