"""Folders, grants, versions and uploads, as operators look at them."""

from __future__ import annotations

from typing import Any

from memories import ingestion
from memories.models import Folder, FolderAccess, MemoryVersion, Upload
from tests.admin.test_chats import text_of
from tests.factories import actor_of


def objects_of(operations: Any) -> dict[str, Any]:
    account, by = operations.account, actor_of(operations.user)
    folder = Folder.create(by, account, Folder.create(by, account, None, "HR"), "Contracts")
    file = ingestion.add(by, account.default_space, b"text", folder=folder, name="Lease", key="lease.txt")
    part = {"account": account, "memory": file}
    before = {"original": file.original, "byte_size": 4, "mime_type": "text/plain", "written_at": file.created_at}
    return {
        "folder": folder,
        "folderaccess": FolderAccess.grant(folder, operations.group, "READ", by),
        "memory": file,
        "memoryversion": MemoryVersion.objects.create(**part, number=1, reason="REPLACED", **before),
        "upload": Upload.objects.create(**part, announced=4),
    }


def test_every_model_of_files_has_its_list_and_its_object(operations: Any) -> None:
    index = operations.client.get("/admin/").content.decode()
    for model, obj in objects_of(operations).items():
        listed = f"/admin/memories/{model}/"
        assert f'href="{listed}"' in index
        for path in (listed, f"{listed}?q=contracts", f"{listed}{obj.pk}/change/"):
            response = operations.client.get(path)
            assert response.status_code == 200, path
            assert "style=" not in response.content.decode()
        assert operations.client.get(f"{listed}{obj.pk}/delete/").status_code == 403
    folder = Folder.objects.get(name="Contracts")
    assert "/HR/Contracts" in text_of(operations.client.get(f"/admin/memories/folder/{folder.pk}/change/"))
