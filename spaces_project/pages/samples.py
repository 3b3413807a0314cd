"""The exact requests that return a page's data: curl, Python and JavaScript, ready to paste."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from spaces.models import Space

KEY = "$SPACES_KEY"  # the name that the README uses


@dataclass(frozen=True)
class Sample:
    """One request in one language."""

    language: str
    code: str


def base_url(request: HttpRequest) -> str:
    """``http://host:port`` as the person who looks at the page reaches us."""
    return request.build_absolute_uri("/").rstrip("/")


def get_samples(url: str) -> list[Sample]:
    """A GET with an API key, in three languages."""
    curl = f'curl "{url}" \\\n  -H "Authorization: Bearer {KEY}"'
    python = (
        "import json, os, urllib.request\n\n"
        "request = urllib.request.Request(\n"
        f'    "{url}",\n'
        f'    headers={{"Authorization": "Bearer " + os.environ["{KEY[1:]}"]}},\n'
        ")\n"
        "with urllib.request.urlopen(request) as response:\n"
        "    print(json.load(response))"
    )
    javascript = (
        f'const response = await fetch("{url}", {{\n'
        f"  headers: {{ Authorization: `Bearer ${{process.env.{KEY[1:]}}}` }},\n"
        "});\n"
        "console.log(await response.json());"
    )
    return [Sample("curl", curl), Sample("Python", python), Sample("JavaScript", javascript)]


def space_samples(request: HttpRequest, space: Space) -> list[Sample]:
    """ChatBotKit's fetch of this space."""
    return get_samples(f"{base_url(request)}/api/v1/space/{space.wire_id}/fetch")


def create_space_sample(request: HttpRequest) -> str:
    """The curl line that makes a space."""
    return _create(f"{base_url(request)}/api/v1/space/create", '{"name": "Customer Support"}')


def create_contact_sample(request: HttpRequest) -> str:
    """The curl line that makes a contact."""
    url = f"{base_url(request)}/api/v1/contact/create"
    return _create(url, '{"name": "Robin Alder", "email": "robin@example.com"}')


def create_chat_sample(request: HttpRequest, space: Space | None) -> str:
    """The curl line that makes a chat, in ``space`` when there is one."""
    where = f'"spaceId": "{space.wire_id}", ' if space and not space.is_default else ""
    url = f"{base_url(request)}/api/v1/conversation/create"
    return _create(url, f'{{{where}"messages": [{{"type": "user", "text": "Where is my order?"}}]}}')


def _create(url: str, body: str) -> str:
    return (
        f'curl "{url}" \\\n  -H "Authorization: Bearer {KEY}" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  -d '{body}'"
    )
