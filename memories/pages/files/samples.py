"""The exact requests of the Unique dialect that do with a folder what its pages do: ready to paste."""

from __future__ import annotations

from memories.models import Folder
from spaces.pages.samples import BEARER, KEY, Sample, curl, fetch
from spaces.requests import SpacesRequest


def _base(request: SpacesRequest) -> str:
    return request.build_absolute_uri("/public/chat-gen2").rstrip("/")


def _curl(request: SpacesRequest, url: str) -> str:
    company = request.actor.account.slug if request.actor.account else ""
    return curl(url, BEARER, f"x-company-id: {company}")


def create_sample(request: SpacesRequest) -> str:
    """The curl line that makes folders."""
    body = '{"paths": ["/Contracts/2026"]}'
    return f"{_curl(request, f'{_base(request)}/folder')} \\\n  -d '{body}'"


def upload_sample(request: SpacesRequest, folder: Folder | None) -> str:
    """The line of the SDK's own command line that puts a file into the folder; without one, that makes folders."""
    if folder is None:
        return create_sample(request)
    user = request.actor.user.pk if request.actor.user else ""
    company = request.actor.account.slug if request.actor.account else ""
    return (
        f'export UNIQUE_API_BASE="{_base(request)}"\n'
        f'export UNIQUE_API_KEY="${KEY}" UNIQUE_APP_ID=app\n'
        f'export UNIQUE_COMPANY_ID="{company}" UNIQUE_USER_ID="{user}"\n'
        f"unique-cli upload manual.pdf {folder.wire_id}"
    )


def folder_samples(request: SpacesRequest, folder: Folder) -> list[Sample]:
    """What is in the folder, in three languages, and how a file comes into it."""
    company = request.actor.account.slug if request.actor.account else ""
    user = str(request.actor.user.pk) if request.actor.user else ""
    url = f"{_base(request)}/folder/infos?parentId={folder.wire_id}"
    python = (
        "import os\n"
        "import unique_sdk\n\n"
        f'unique_sdk.api_base = "{_base(request)}"\n'
        f'unique_sdk.api_key = os.environ["{KEY}"]\n'
        'unique_sdk.app_id = "app"\n'
        f'who = {{"user_id": "{user}", "company_id": "{company}"}}\n\n'
        f'files = unique_sdk.Content.get_infos(**who, parentId="{folder.wire_id}")\n'
        f'folders = unique_sdk.Folder.get_infos(**who, parentId="{folder.wire_id}")\n'
        "print(files, folders)"
    )
    javascript = fetch(url, f'Authorization: `Bearer ${{process.env.{KEY}}}`, "x-company-id": "{company}"')
    return [
        Sample("Folders in it, curl", _curl(request, url)),
        Sample("Files and folders in it, Python", python),
        Sample("Folders in it, JavaScript", javascript),
        Sample("Upload a file, command line", upload_sample(request, folder)),
    ]
