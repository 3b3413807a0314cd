"""Files by the vendor's Python client, unmodified, against a live server and a worker."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.expected import FILES, TYPES
from tests.sdk.unique_client import IGNORED, in_its_own_loop

pytestmark = pytest.mark.filterwarnings(*IGNORED)
WHO = ("alice", "acme")
NEW = {"fallbackModule": "UniqueAi", "modules": [{"name": "UniqueAi", "weight": 10000, "configuration": {}}]}
SKIP = {"uniqueIngestionMode": "SKIP_INGESTION"}


def taken(path: Path) -> bytes:
    """What the client put into a folder of its own, which goes."""
    data = path.read_bytes()
    shutil.rmtree(path.parent)
    return data


@pytest.fixture
def space(sdk: Any) -> str:
    """A space whose chats take files."""
    from tests.ingesting import use_hashing

    use_hashing(sdk.people.account)
    made: str = sdk.Space.create_space(*WHO, name="Support", chatUpload="ENABLED", **NEW).id
    return made


@pytest.mark.parametrize(
    ("name", "question", "answer"),
    [
        ("handbook.pdf", "What discount do employees get on furniture?", "discount"),
        ("leave.docx", "How many days of paid leave a year?", "28 days of paid leave"),
    ],
)
def test_chat_against_file(sdk: Any, space: str, live_worker: Any, name: str, question: str, answer: str) -> None:
    from unique_sdk.utils.chat_in_space import chat_against_file

    from chats.models import Chat
    from memories.models import Memory

    file = {"path_to_file": str(FILES / name), "displayed_filename": name, "mime_type": TYPES[name]}
    got = in_its_own_loop(chat_against_file(*WHO, space, **file, text=question, poll_interval=0.1, max_wait=30))
    assert answer in got["text"]
    assert {each["name"].partition(" : ")[0] for each in got["references"]} == {name}
    assert all(each["sourceId"].startswith("cont_") for each in got["references"])
    assert (Chat.objects.count(), Memory.objects.count()) == (0, 0), "the file goes with its chat"


@pytest.mark.thorough
def test_a_file_with_a_preview_and_versions(sdk: Any, space: str, tmp_path: Path) -> None:
    """To a folder by its path: brought, replaced, brought back."""
    from unique_sdk.utils.file_io import download_content, download_file, upload_file

    (folder,) = sdk.Folder.create_paths(*WHO, paths=["/Docs"])["createdFolders"]
    path, name = tmp_path / "report.pptx", "report.pptx"
    kind = "application/vnd.openxmlformats-officedocument.presentationml.presentation"

    def upload(data: bytes, **more: Any) -> Any:
        path.write_bytes(data)
        given = {"scope_or_unique_path": "/Docs", "versioning_enabled": True, "ingestion_config": SKIP, **more}
        return upload_file(*WHO, str(path), name, kind, metadata={"year": "2024"}, **given)

    first = upload(b"one", preview_pdf_path=str(FILES / "minutes.pdf"), description="Q1")
    assert (first.ownerId, first.ownerType) == (folder["id"], "SCOPE")
    assert taken(download_file(first.readUrl, name)) == b"one"
    (shown,) = sdk.Content.search(*WHO, where={"id": {"equals": first.id}})
    assert (shown.ingestionState, shown.previewPdfFileName) == ("FINISHED", f"{first.id}_pdfPreview")
    assert (shown.metadata["year"], shown.description) == ("2024", "Q1")
    assert upload(b"two", scope_or_unique_path=folder["id"]).id == first.id
    (version,) = sdk.Content.versions(*WHO, contentId=first.id)["data"]
    assert (version["versionNumber"], version["reason"], version["byteSize"]) == (1, "REPLACED", 3)
    url = sdk.Content.version_download_url(*WHO, contentVersionId=version["id"])["url"]
    assert taken(download_file(url, name)) == b"one"
    assert sdk.Content.restore_version(*WHO, contentVersionId=version["id"])["byteSize"] == 3
    assert taken(download_content("acme", "alice", first.id, name)) == b"one"
    assert len(sdk.Content.versions(*WHO, contentId=first.id, skip=0, take=10)["data"]) == 2


@pytest.mark.thorough
def test_the_async_client_brings_files_too(sdk: Any, space: str, live_worker: Any, tmp_path: Path) -> None:
    import requests
    from unique_sdk.utils.file_io import wait_for_ingestion_completion

    async def bring() -> Any:
        content = sdk.Content
        said = {"key": "empty.txt", "title": "Empty", "mimeType": "text/plain", "metadata": None}
        chat = (await sdk.Space.create_chat_async(*WHO, title="T", assistantId=space)).id
        first = await content.upsert_async(*WHO, input=said, scopeId=None, chatId=chat)
        path = tmp_path / "empty.txt"
        path.write_bytes(b"")
        with path.open("rb") as file:
            assert requests.put(first.writeUrl, data=file, timeout=20).status_code == 201
        done = await content.upsert_async(*WHO, input={**said, "byteSize": 0}, fileUrl=first.readUrl, chatId=chat)
        assert (done.id, done.ownerType) == (first.id, "CHAT")
        with pytest.raises(RuntimeError, match="FAILED_TOO_LESS_CONTENT"):
            await wait_for_ingestion_completion(*WHO, done.id, chat_id=chat, poll_interval=0.1, max_wait=20)
        return await content.update_ingestion_state_async(*WHO, contentId=done.id, ingestionState="QUEUED", chatId=chat)

    assert in_its_own_loop(bring()).ingestionState == "QUEUED"
