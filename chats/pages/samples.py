"""The exact requests that return a chat's data, in each dialect: ready to paste."""

from __future__ import annotations

from chats.models import Chat, Message
from spaces.models import User
from spaces.pages.samples import BEARER, KEY, Group, Sample, base_url, chatbotkit_client, curl
from spaces.requests import SpacesRequest
from spaces_project.kit import ids


def chat_samples(request: SpacesRequest, chat: Chat, last: Message | None) -> list[Group]:
    """Reading the messages and writing one, through ChatBotKit and Unique."""
    base = base_url(request)
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
    javascript = chatbotkit_client(base) + (
        f'const stream = client.conversation.complete("{chat.wire_id}", {{ text: "Hello" }}).stream();\n'
        "for await (const event of stream) {\n"
        '  if (event.type === "token") process.stdout.write(event.data.token);\n'
        "}"
    )
    return [
        Sample("Read, curl", curl(f"{conversation}/message/list?take=50&order=asc", BEARER)),
        Sample("Write, curl", curl(f"{conversation}/complete", BEARER, body='{"text": "Hello"}')),
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
    url = f"{base}/public/chat-gen2/space/chat/{chat.unique_id}/messages?take=50"
    return [
        Sample("Read, curl", curl(url, BEARER)),
        Sample("Read, Python", set_up + read),
        Sample("Write, Python", set_up + write),
    ]
