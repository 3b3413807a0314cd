"""The exact requests that return a page's data: curl, Python and JavaScript, ready to paste."""

from __future__ import annotations

from django.http import HttpRequest

from spaces.models import Space
from spaces.pages.samples import BEARER, KEY, Sample, base_url, curl, fetch


def get_samples(url: str) -> list[Sample]:
    """A GET with an API key, in three languages."""
    python = (
        "import json, os, urllib.request\n\n"
        "request = urllib.request.Request(\n"
        f'    "{url}",\n'
        f'    headers={{"Authorization": "Bearer " + os.environ["{KEY}"]}},\n'
        ")\n"
        "with urllib.request.urlopen(request) as response:\n"
        "    print(json.load(response))"
    )
    javascript = fetch(url, f"Authorization: `Bearer ${{process.env.{KEY}}}`")
    return [Sample("curl", curl(url, BEARER)), Sample("Python", python), Sample("JavaScript", javascript)]


def space_samples(request: HttpRequest, space: Space) -> list[Sample]:
    """ChatBotKit's fetch of this space."""
    return get_samples(f"{base_url(request)}/api/v1/space/{space.wire_id}/fetch")


def create_space_sample(request: HttpRequest) -> str:
    """The curl line that makes a space."""
    return curl(f"{base_url(request)}/api/v1/space/create", BEARER, body='{"name": "Customer Support"}')


def create_contact_sample(request: HttpRequest) -> str:
    """The curl line that makes a contact."""
    url = f"{base_url(request)}/api/v1/contact/create"
    return curl(url, BEARER, body='{"name": "Robin Alder", "email": "robin@example.com"}')


def create_chat_sample(request: HttpRequest, space: Space | None) -> str:
    """The curl line that makes a chat, in ``space`` when there is one."""
    where = f'"spaceId": "{space.wire_id}", ' if space and not space.is_default else ""
    url = f"{base_url(request)}/api/v1/conversation/create"
    return curl(url, BEARER, body=f'{{{where}"messages": [{{"type": "user", "text": "Where is my order?"}}]}}')
