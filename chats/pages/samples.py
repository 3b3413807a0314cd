"""The exact requests that return a chat's data, in each dialect: ready to paste."""

from __future__ import annotations

from dataclasses import dataclass

from chats.models import Chat, Message
from spaces.models import User
from spaces.requests import SpacesRequest
from spaces_project.kit import ids

KEY = "SPACES_KEY"  # the name that the README uses


@dataclass(frozen=True)
class Sample:
    """One request in one language."""

    title: str
    code: str


@dataclass(frozen=True)
class Group:
    """The requests of one dialect, and what it calls the chat and its newest message."""

    dialect: str
    ids: list[tuple[str, str]]
    samples: list[Sample]


def chat_samples(request: SpacesRequest, chat: Chat, last: Message | None) -> list[Group]:
    """Reading the messages and writing one, through ChatBotKit and Unique."""
    base = request.build_absolute_uri("/").rstrip("/")
    said = [("message", last.wire_id)] if last else []
    return [
        Group("ChatBotKit", [("conversation", chat.wire_id), *said], _chatbotkit(base, chat)),
        Group(
            "Unique",
            [("chat", chat.unique_id), ("assistant", _assistant(chat)), *said],
            _unique(base, chat, request.user),
        ),
    ]


def _assistant(chat: Chat) -> str:
    return ids.encode(ids.Prefix.ASSISTANT, chat.space_id)


def _chatbotkit(base: str, chat: Chat) -> list[Sample]:
    conversation = f"{base}/api/v1/conversation/{chat.wire_id}"
    javascript = (
        'import { ChatBotKit } from "@chatbotkit/sdk";\n\n'
        f'const client = new ChatBotKit({{ secret: process.env.{KEY}, baseUrl: "{base}" }});\n'
        f'const stream = client.conversation.complete("{chat.wire_id}", {{ text: "Hello" }}).stream();\n'
        "for await (const event of stream) {\n"
        '  if (event.type === "token") process.stdout.write(event.data.token);\n'
        "}"
    )
    return [
        Sample("Read, curl", _curl(f"{conversation}/message/list?take=50&order=asc")),
        Sample("Write, curl", _curl(f"{conversation}/complete", '{"text": "Hello"}')),
        Sample("Write, JavaScript", javascript),
    ]


def _unique(base: str, chat: Chat, user: User) -> list[Sample]:
    set_up = (
        "import asyncio, os, unique_sdk\n\n"
        f'unique_sdk.api_base = "{base}/public/chat-gen2"\n'
        f'unique_sdk.api_key = os.environ["{KEY}"]\n'
        'unique_sdk.app_id = "app"\n'
        f'who = dict(user_id="{user.username}", company_id="{chat.account_id}")\n\n'
    )
    read = (
        f'found = unique_sdk.Space.get_chat_messages(**who, chat_id="{chat.unique_id}", take=50)\n'
        'print(found["messages"])'
    )
    write = (
        "from unique_sdk.utils.chat_in_space import send_message_and_wait_for_completion\n\n"
        "answer = asyncio.run(send_message_and_wait_for_completion(\n"
        f'    **who, assistant_id="{_assistant(chat)}", chat_id="{chat.unique_id}", text="Hello"\n'
        "))\n"
        'print(answer["text"])'
    )
    return [
        Sample("Read, curl", _curl(f"{base}/public/chat-gen2/space/chat/{chat.unique_id}/messages?take=50")),
        Sample("Read, Python", set_up + read),
        Sample("Write, Python", set_up + write),
    ]


def _curl(url: str, body: str = "") -> str:
    line = f'curl "{url}" \\\n  -H "Authorization: Bearer ${KEY}"'
    return f"{line} \\\n  -H \"Content-Type: application/json\" \\\n  -d '{body}'" if body else line
