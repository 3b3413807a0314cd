"""Chats whose space asks the language model of tests/openai_server.py."""

from __future__ import annotations

from typing import Any

from chats.answering import answer_chat
from chats.models import Assistant, Chat, Message
from chats.replies import ask
from memories.models import LanguageModel
from spaces.models import Account
from tests.factories import actor_of, admin_of, make_account, make_chat, make_space, make_user

KEY = "sk-canary-never-shown"


def make_model(account: Account, url: str, identifier: str = "echo", **fields: Any) -> LanguageModel:
    """A language model of the account, named after its identifier unless told otherwise."""
    values = {"name": identifier, "endpoint_url": url, "model_identifier": identifier, "api_key": KEY, **fields}
    return LanguageModel.create(actor_of(admin_of(account)), account, **values)


def make_talk(account: Account | None = None, **assistant: Any) -> Chat:
    """A chat of alice's in a space of hers with this assistant."""
    account = account or make_account()
    name = f"alice-{account.slug}"
    alice = account.users.filter(username=name).first() or make_user(account, name)
    space = make_space(account, alice)
    if assistant:
        by = admin_of(account) if "webhook_url" in assistant else alice  # who may name a server on this machine
        Assistant.of(space).change(actor_of(by), **assistant)
    return make_chat(space, alice)


def asked(chat: Chat, text: str = "What is covered?", **options: Any) -> Message:
    """Ask, and return the placeholder of the answer."""
    return ask(actor_of(chat.user), chat, text, options=options).answer


def answered(chat: Chat, text: str = "What is covered?", **options: Any) -> Message:
    """Ask, answer as a worker does, and return the answer as it is stored."""
    answer = asked(chat, text, **options)
    assert answer_chat(chat) is True
    return Message.objects.select_related("answers").get(pk=answer.pk)
