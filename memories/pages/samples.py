"""The exact requests that return a memory's data, in each dialect: ready to paste."""

from __future__ import annotations

from dataclasses import dataclass

from memories.models import Memory
from spaces.models import Space
from spaces.requests import SpacesRequest

KEY = "SPACES_KEY"  # the name that the README uses


@dataclass(frozen=True)
class Sample:
    """One request in one language."""

    title: str
    code: str


@dataclass(frozen=True)
class Group:
    """The requests of one dialect, and what it calls the memory."""

    dialect: str
    ids: list[tuple[str, str]]
    samples: list[Sample]


def memory_samples(request: SpacesRequest, memory: Memory) -> list[Group]:
    """Reading the memory and searching its space, through GoodMem and ChatBotKit."""
    base = request.build_absolute_uri("/").rstrip("/")
    return [
        Group("GoodMem", [("memory", str(memory.pk)), ("space", str(memory.space_id))], _goodmem(base, memory)),
        Group("ChatBotKit", [("memory", memory.wire_id), ("space", memory.space.wire_id)], _chatbotkit(base, memory)),
    ]


def _goodmem(base: str, memory: Memory) -> list[Sample]:
    python = (
        "import os\n"
        "from goodmem import Goodmem\n\n"
        f'client = Goodmem(base_url="{base}", api_key=os.environ["{KEY}"])\n'
        f'memory = client.memories.get(id="{memory.pk}")\n'
        "print(memory.processing_status)"
    )
    javascript = (
        f'const response = await fetch("{base}/v1/memories/{memory.pk}", {{\n'
        f'  headers: {{ "x-api-key": process.env.{KEY} }},\n'
        "});\n"
        "console.log(await response.json());"
    )
    body = f'{{"message": "What is it about?", "spaceKeys": [{{"spaceId": "{memory.space_id}"}}]}}'
    return [
        Sample("Read, curl", _goodmem_curl(f"{base}/v1/memories/{memory.pk}")),
        Sample("Read, Python", python),
        Sample("Read, JavaScript", javascript),
        Sample("Download, curl", f"{_goodmem_curl(f'{base}/v1/memories/{memory.pk}/content')} -OJ"),
        Sample("Search its space, curl", _goodmem_curl(f"{base}/v1/memories:retrieve", body)),
    ]


def _goodmem_curl(url: str, body: str = "") -> str:
    line = f'curl "{url}" \\\n  -H "x-api-key: ${KEY}"'
    return f"{line} \\\n  -H \"Content-Type: application/json\" \\\n  -d '{body}'" if body else line


def _chatbotkit(base: str, memory: Memory) -> list[Sample]:
    curl = f'curl "{base}/api/v1/memory/{memory.wire_id}/fetch" \\\n  -H "Authorization: Bearer ${KEY}"'
    javascript = (
        'import { ChatBotKit } from "@chatbotkit/sdk";\n\n'
        f'const client = new ChatBotKit({{ secret: process.env.{KEY}, baseUrl: "{base}" }});\n'
        f'console.log(await client.memory.fetch("{memory.wire_id}"));'
    )
    return [Sample("Read, curl", curl), Sample("Read, JavaScript", javascript)]


def create_sample(request: SpacesRequest, space: Space | None) -> str:
    """The curl line that adds a file through GoodMem; to ``space`` when there is one."""
    base = request.build_absolute_uri("/").rstrip("/")
    pk = space.pk if space else "SPACE_ID"
    return (
        f'curl "{base}/v1/memories" \\\n  -H "x-api-key: ${KEY}" \\\n'
        f'  -F \'request={{"spaceId": "{pk}", "contentType": "application/pdf"}};type=application/json\' \\\n'
        "  -F 'file=@manual.pdf'"
    )
