"""Typed makers of the actors and objects of our tests: alice owns, bob shares, mallory is in another account."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password

from chats.models import Chat, Message
from memories.models import Embedder
from spaces.actors import Actor
from spaces.bootstrap import create_account
from spaces.models import Account, ApiKey, Contact, Group, Space, User
from spaces.models.api_keys import Scope
from spaces.models.users import Role

_numbers = itertools.count(1)
PASSWORD = "a long enough password"


def make_account(slug: str = "") -> Account:
    """An account with its administrator ``admin-<slug>`` and its default space."""
    slug = slug or f"account-{next(_numbers)}"
    account, admin = create_account(slug, slug.title(), f"admin-{slug}")
    _give_password(admin)
    return account


def _give_password(user: User) -> User:
    """PASSWORD, hashed once per run: a good hash is slow."""
    user.password = _hashed(tuple(settings.PASSWORD_HASHERS))
    user.save(update_fields=["password"])
    return user


@cache
def _hashed(hashers: tuple[str, ...]) -> str:
    return make_password(PASSWORD)


def admin_of(account: Account) -> User:
    return account.users.filter(role=Role.ADMINISTRATOR).order_by("created_at").first()


def make_user(account: Account, username: str = "", role: str = Role.MEMBER, **fields: Any) -> User:
    username = username or f"user-{next(_numbers)}"
    return _give_password(User.objects.create_user(username, None, account=account, role=role, **fields))


def make_operator(username: str = "operator") -> User:
    return _give_password(User.objects.create_operator(username, ""))


def make_group(account: Account, *users: User, name: str = "") -> Group:
    group = Group.objects.create(account=account, name=name or f"group-{next(_numbers)}")
    for user in users:
        group.add(user, by=Actor.system(account))
    return group


def make_space(account: Account, owner: User | None = None, **fields: Any) -> Space:
    fields.setdefault("name", f"Space {next(_numbers)}")
    owner = owner or admin_of(account)
    return Space.create(actor_of(owner), account, owner=owner, **fields)


def make_contact(account: Account, by: User | None = None, **fields: Any) -> Contact:
    fields.setdefault("name", f"Contact {next(_numbers)}")
    return Contact.create(actor_of(by or admin_of(account)), account, **fields)[0]


def make_key(user: User, scopes: Any = (Scope.READ, Scope.WRITE), **fields: Any) -> tuple[ApiKey, str]:
    """The key and its secret."""
    return ApiKey.issue(actor_of(user), user, fields.pop("name", "Key"), scopes, **fields)


def actor_of(user: User) -> Actor:
    """``user`` in the browser."""
    return Actor(account=user.account, user=user)


def make_chat(space: Space, user: User | None = None, **fields: Any) -> Chat:
    """A chat of ``user`` (the space's owner) in the space."""
    user = user or space.owner
    return Chat.create(actor_of(user), space, user=user, **fields)


def say(chat: Chat, text: str, role: str = "user", **fields: Any) -> Message:
    """One more message, with no answer asked for."""
    return Message.create(actor_of(chat.user), chat, role=role, text=text, **fields)


def make_embedder(account: Account, owner: User | None = None, **fields: Any) -> Embedder:
    """One on a server that nobody calls."""
    number = next(_numbers)
    owner = owner or admin_of(account)
    given = {
        "name": f"Embedder {number}",
        "provider_type": "OPENAI",
        "endpoint_url": f"https://models.example.com/{number}",
        "api_path": "/embeddings",
        "model_identifier": "text-embedding",
        "dimensionality": 8,
    }
    return Embedder.create(actor_of(owner), account, owner=owner, **{**given, **fields})
