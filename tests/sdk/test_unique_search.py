"""The vendor's client, unmodified, reads, searches, changes and deletes contents, and calls models."""

from __future__ import annotations

from typing import Any

import pytest

from .unique_client import IGNORED, in_its_own_loop

pytestmark = [pytest.mark.thorough, pytest.mark.filterwarnings(*IGNORED)]
WHO = ("alice", "acme")


@pytest.fixture
def library(sdk: Any) -> Any:
    from tests.api.unique.library import Library

    return Library(sdk.people)


def test_the_sync_client_reads_and_searches(sdk: Any, library: Any) -> None:
    insensitive = {"title": {"contains": "TRAVEL", "mode": "insensitive"}, "key": {"not_": {"equals": "z"}}}
    (content,) = sdk.Content.search(*WHO, where={"AND": [insensitive, {"id": {"in_": [library.policy.unique_id]}}]})
    assert (content.key, content.ingestionState, content.chunks[0].order) == ("policy.txt", "FINISHED", 0)
    of_chat = {"where": {"ownerId": {"equals": library.chat.unique_id}}, "includeFailedContent": True}
    assert sdk.Content.search(*WHO, **of_chat) == []
    assert [each.key for each in sdk.Content.search(*WHO, **of_chat, chatId=library.chat.unique_id)] == ["recipe.txt"]
    infos = sdk.Content.get_infos(*WHO, parentFolderPath="/Docs/HR")
    assert (infos["totalCount"], {each["key"] for each in infos["contentInfos"]}) == (2, {"policy.txt", "salary.txt"})
    year = {"and": [{"path": ["year"], "operator": "equals", "value": 2026}]}
    assert sdk.Content.get_infos(*WHO, metadataFilter=year, skip=0, take=3)["contentInfos"][0]["key"] == "policy.txt"
    info = sdk.Content.get_info(*WHO, filePath="/Docs/report.txt")
    assert (info["totalCount"], info["contentInfo"][0]["id"]) == (1, library.report.unique_id)

    found = sdk.Search.create(*WHO, searchString="trains", searchType="COMBINED", limit=200, scopeIds=None)
    assert len(found) == 3
    for hit in found:
        assert (hit.id.startswith("cont_"), hit.chunkId.startswith("chunk_"), hit.startPage) == (True, True, -1)
    scored = sdk.Search.create(
        *WHO, searchString="trains", searchType="VECTOR", metaDataFilter=year, includeScores=True, scoreThreshold=0,
        chatOnly=False, language="English", contentIds=[library.policy.unique_id], page=1, mergeStrategy="RRF",
    )  # fmt: skip
    assert [(hit.title, hit.score > 0) for hit in scored] == [("Travel policy", True)]
    with pytest.raises(sdk.InvalidRequestError, match="reranker"):
        sdk.Search.create(*WHO, searchString="x", searchType="COMBINED", reranker={"deploymentName": "d"})
    assert sdk.SearchString.create(*WHO, prompt="And trains?").searchString == "And trains?"
    assert len(sdk.Embeddings.create(*WHO, texts=["trains"]).embeddings[0]) == 1024
    assert sdk.LLMModels.get_models(*WHO)["models"] == []
    with pytest.raises(sdk.APIError, match="No language model"):
        sdk.ChatCompletion.create(company_id="acme", messages=[{"role": "user", "content": "Hi"}])


def test_the_client_changes_moves_and_deletes(sdk: Any, library: Any) -> None:
    from memories.models import Memory

    changed = sdk.Content.update(*WHO, filePath="/Docs/report.txt", title="New", metadata={"a": "b"})
    assert (changed["title"], changed["metadata"]["a"]) == ("New", "b")
    moved = sdk.Content.update(*WHO, contentId=library.report.unique_id, parentFolderPath="/Docs/HR")
    assert moved["ownerId"] == library.hr.wire_id
    assert sdk.Content.delete(*WHO, filePath="/Docs/HR/report.txt")["id"] == library.report.unique_id
    with pytest.raises(sdk.InvalidRequestError, match="Content not found"):
        sdk.Content.delete(*WHO, contentId=library.recipe.unique_id)
    sdk.Content.delete(*WHO, contentId=library.recipe.unique_id, chatId=library.chat.unique_id)
    assert not Memory.objects.filter(pk__in=[library.report.pk, library.recipe.pk]).exists()


@pytest.mark.thorough
def test_the_async_client_does_the_same(sdk: Any, library: Any) -> None:
    async def story() -> None:
        (content,) = await sdk.Content.search_async(*WHO, where={"id": {"equals": library.policy.unique_id}})
        info = await sdk.Content.get_info_async(*WHO, contentId=content.id)
        assert info["contentInfo"][0]["key"] == "policy.txt"
        infos = await sdk.Content.get_infos_async(*WHO, parentId=library.hr.wire_id)
        assert infos["totalCount"] == 2
        found = await sdk.Search.create_async(*WHO, searchString="trains planes", searchType="FULL_TEXT")
        assert found.data[0].id == content.id
        assert (await sdk.Content.update_async(*WHO, contentId=content.id, title="New"))["title"] == "New"
        assert (await sdk.SearchString.create_async(*WHO, prompt="x")).searchString == "x"
        assert len((await sdk.Embeddings.create_async(*WHO, texts=["a", "b"])).embeddings) == 2
        assert (await sdk.LLMModels.get_models_async(*WHO))["models"] == []
        assert (await sdk.Content.delete_async(*WHO, contentId=content.id))["id"] == content.id

    in_its_own_loop(story())
