"""The exact requests that return a memory's data, in each dialect: ready to paste."""

from __future__ import annotations

from memories.models import Memory
from spaces.models import Space
from spaces.pages.samples import BEARER, KEY, X_API_KEY, Group, Sample, base_url, chatbotkit_client, curl, fetch
from spaces.requests import SpacesRequest


def memory_samples(request: SpacesRequest, memory: Memory) -> list[Group]:
    """Reading the memory and searching its space, through GoodMem and ChatBotKit."""
    base = base_url(request)
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
    url = f"{base}/v1/memories/{memory.pk}"
    body = f'{{"message": "What is it about?", "spaceKeys": [{{"spaceId": "{memory.space_id}"}}]}}'
    return [
        Sample("Read, curl", curl(url, X_API_KEY)),
        Sample("Read, Python", python),
        Sample("Read, JavaScript", fetch(url, f'"x-api-key": process.env.{KEY}')),
        Sample("Download, curl", f"{curl(f'{url}/content', X_API_KEY)} -OJ"),
        Sample("Search its space, curl", curl(f"{base}/v1/memories:retrieve", X_API_KEY, body=body)),
    ]


def _chatbotkit(base: str, memory: Memory) -> list[Sample]:
    url = f"{base}/api/v1/memory/{memory.wire_id}/fetch"
    javascript = f'{chatbotkit_client(base)}console.log(await client.memory.fetch("{memory.wire_id}"));'
    return [Sample("Read, curl", curl(url, BEARER)), Sample("Read, JavaScript", javascript)]


def create_sample(request: SpacesRequest, space: Space | None) -> str:
    """The curl line that adds a file through GoodMem; to ``space`` when there is one."""
    pk = space.pk if space else "SPACE_ID"
    return (
        f"{curl(f'{base_url(request)}/v1/memories', X_API_KEY)} \\\n"
        f'  -F \'request={{"spaceId": "{pk}", "contentType": "application/pdf"}};type=application/json\' \\\n'
        "  -F 'file=@manual.pdf'"
    )
