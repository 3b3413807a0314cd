"""Two accounts furnished alike, everybody who may call, and ways to see what a call changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from chats.models import Assessment, Assistant, Chat, Message, MessageLog, Rating, ShortTermMemory
from memories import ingestion, originals
from memories.files import archive
from memories.models import (
    Chunk,
    Embedder,
    Folder,
    FolderAccess,
    LanguageModel,
    Memory,
    MemoryVersion,
    Reranker,
)
from memories.texts import add_text
from spaces import totp
from spaces.actors import Actor
from spaces.models import (
    Account,
    ApiKey,
    Contact,
    ExportLink,
    Group,
    SavedView,
    Space,
    SpaceAccess,
    User,
    Webhook,
    WebhookDelivery,
)
from spaces.models.api_keys import Scope
from spaces.models.webhooks import Event
from spaces.webhooks import About, body, delivery
from spaces_project.kit.ids import Prefix, encode
from tests.factories import (
    admin_of,
    make_account,
    make_chat,
    make_contact,
    make_group,
    make_key,
    make_space,
    make_user,
    say,
)

CANARY = "canary"
UNKNOWN = UUID(int=(7 << 80) + 0x7000_8000_0000_0000_0000)
NOBODY = "nobody-at-all"
SCOPES = (Scope.READ, Scope.WRITE, Scope.ACT_AS, Scope.ADMIN)


# How each dialect's ids of our objects begin.
WIRE = {
    "space": Prefix.SPACE,
    "contact": Prefix.CONTACT,
    "chat": Prefix.CONVERSATION,
    "message": Prefix.MESSAGE,
    "answer": Prefix.MESSAGE,
    "rating": Prefix.RATING,
    "memory": Prefix.MEMORY,
}
UNIQUE = {
    "space": Prefix.ASSISTANT,
    **dict.fromkeys(("chat", "uploads"), Prefix.CHAT),
    "message": Prefix.MESSAGE,
    "answer": Prefix.MESSAGE,
    "log": Prefix.MESSAGE_LOG,
    "grant": Prefix.ACCESS,
    **dict.fromkeys(("folder", "other_folder"), Prefix.SCOPE),
    **dict.fromkeys(("memory", "file", "chat_file"), Prefix.CONTENT),
    "version": Prefix.VERSION,
    **dict.fromkeys(("alice", "bob", "carol", "admin"), Prefix.USER),
    "group": Prefix.GROUP,
}


@dataclass
class House:
    """One account and one of everything in it. Every name in it holds ``mark``."""

    mark: str
    account: Account
    admin: User
    alice: User
    bob: User
    carol: User
    contact: Contact
    space: Space
    other_space: Space
    group: Group
    grant: SpaceAccess
    key: ApiKey
    link: ExportLink
    view: SavedView
    chat: Chat
    message: Message
    answer: Message
    rating: Rating
    assessment: Assessment
    log: MessageLog
    note: ShortTermMemory
    model: LanguageModel
    embedder: Embedder
    reranker: Reranker
    memory: Memory
    chunk: Chunk
    webhook: Webhook
    delivery: WebhookDelivery
    folder: Folder  # alice manages both
    other_folder: Folder
    folder_grant: FolderAccess
    file: Memory
    version: MemoryVersion  # of the file
    uploads: Chat  # in a space whose chats take files
    chat_file: Memory

    def spelled(self, kind: str) -> str:
        """How a caller writes the object of this kind: see ``unknown`` for the kinds."""
        thing = getattr(self, kind.partition(".")[0])
        return _spell(kind, thing.pk, thing)


def _spell(kind: str, pk: Any, thing: Any) -> str:
    name, _, form = kind.partition(".")
    if form in ("wire", "unique"):
        return encode((WIRE if form == "wire" else UNIQUE)[name], pk)
    if form == "alias":
        return f"@{thing.alias if thing else NOBODY}"
    if form == "username":
        return thing.username if thing else NOBODY
    if form == "user" or form == "group":
        return f"{form}:{pk}"
    return str(pk)


def unknown(kind: str) -> str:
    """As ``House.spelled``, of something that never was. Kinds: ``space``, ``space.wire`` (ChatBotKit),
    ``space.unique``, ``space.alias``, ``bob.username``, ``group.group`` (as the grant form writes it) and so on."""
    return _spell(kind, UNKNOWN, None)


def furnish(slug: str) -> House:
    mark = f"{CANARY}-{slug}"
    account = make_account(slug)
    alice, bob, carol = (
        make_user(account, f"{name}-{mark}", external_id=f"{name}-{slug}") for name in ("alice", "bob", "carol")
    )
    contact = make_contact(account, alice, name=f"Contact {mark}", alias=f"contact-{slug}", email=f"{mark}@example.com")
    space = make_space(account, alice, name=f"Space {mark}", alias=f"space-{slug}", contact=contact)
    actor = Actor(account=account, user=alice)
    memory, chunk = _memory(actor, space, contact, mark)
    webhook, told = _webhook(space, mark)
    return House(
        mark=mark,
        account=account,
        admin=admin_of(account),
        alice=alice,
        bob=bob,
        carol=carol,
        contact=contact,
        space=space,
        other_space=make_space(account, alice, name="Elsewhere"),
        group=make_group(account, carol, name=f"Group {mark}"),
        grant=SpaceAccess.grant(space, carol, "USE", Actor.system(account)),
        key=make_key(alice, name=f"Key {mark}")[0],
        link=ExportLink.issue(Actor(account=account, user=alice), alice, f"Link {mark}", "/spaces/export.csv", "", 30),
        view=SavedView.create(actor, alice, list_name="spaces", name=f"View {mark}", query=f"q={mark}"),
        model=_model(account, mark),
        embedder=_remote(Embedder, account, mark, dimensionality=8),
        reranker=_remote(Reranker, account, mark),
        memory=memory,
        chunk=chunk,
        webhook=webhook,
        delivery=told,
        **_talk(actor, make_chat(space, alice, name=f"Chat {mark}", contact=contact), mark, slug),
        **_files(actor, carol, mark),
    )


def _talk(actor: Actor, chat: Chat, mark: str, slug: str) -> dict[str, Any]:
    """The chat with a question, an answer and what was said about it."""
    message = say(chat, f"Question {mark}")
    answer = say(chat, f"Answer {mark}", role="assistant", state="done", answers=message)
    return {
        "chat": chat,
        "message": message,
        "answer": answer,
        "rating": Rating.vote(actor, chat, answer, -100, f"Reason {mark}"),
        "assessment": Assessment.record(actor, answer, "COMPLIANCE", status="DONE", explanation=f"Found {mark}"),
        "log": MessageLog.create(actor, answer, text=f"Step {mark}", status="RUNNING"),
        "note": ShortTermMemory.keep(actor, f"note-{slug}", f"Noted {mark}", chat, None),
    }


def _files(actor: Actor, reader: User, mark: str) -> dict[str, Any]:
    """Two folders, of which ``reader`` may read one with a file in it, and a chat with a file."""
    account = actor.account
    folder = Folder.create(actor, account, None, f"Folder {mark}")
    file, uploads = _file(actor, account.default_space, mark, folder=folder), _uploads(actor, mark)
    return {
        "folder": folder,
        "other_folder": Folder.create(actor, account, None, f"Other folder {mark}"),
        "folder_grant": FolderAccess.grant(folder, reader, "READ", Actor.system(account)),
        "file": file,
        "version": _version(actor, file),
        "uploads": uploads,
        "chat_file": _file(actor, uploads.space, mark, chat=uploads),
    }


def _model(account: Account, mark: str) -> LanguageModel:
    address = {"endpoint_url": "https://llm.example.com/v1", "model_identifier": "m"}
    return LanguageModel.create(Actor.system(account), account, name=f"Model {mark}", **address)


def _remote(kind: Any, account: Account, mark: str, **fields: Any) -> Any:
    """A model on a server; beside the built-in embedders, which the first look at them would make."""
    Embedder.default_of(account)
    address = {"endpoint_url": "https://tei.example.com", "model_identifier": "m", "provider_type": "TEI"}
    return kind.create(Actor.system(account), account, name=f"{kind.__name__} {mark}", **address, **fields)


def _memory(actor: Actor, space: Space, contact: Contact, mark: str) -> tuple[Memory, Chunk]:
    """A memory as ingestion leaves it, without vectors."""
    text = f"Remembered {mark}"
    memory = add_text(actor, space, text, name=f"Memory {mark}", contact=contact)
    Memory.objects.of(space.account_id).filter(pk=memory.pk).update(state="completed", chunk_count=1)
    place = {"account": space.account, "memory": memory, "container_id": space.pk}
    chunk = Chunk.objects.create(**place, order=0, start=0, end=len(text), text=text, tokens=2)
    return Memory.objects.get(pk=memory.pk), chunk


def _uploads(actor: Actor, mark: str) -> Chat:
    """A chat that takes files."""
    space = make_space(actor.account, actor.user, name=f"Uploads {mark}")  # type: ignore[arg-type]
    Assistant.of(space).change(actor, chat_upload=Assistant.Upload.ENABLED)
    return make_chat(space, actor.user, name=f"Uploads {mark}")


def _file(actor: Actor, space: Space, mark: str, **place: Any) -> Memory:
    """A file of a folder or a chat, of which everything is read."""
    content = f"Filed {mark}".encode()
    file = ingestion.add(actor, space, content, name=f"File {mark}", key=f"{mark}.txt", **place)
    Memory.objects.of(space.account_id).filter(pk=file.pk).update(state="completed")
    file.refresh_from_db()
    return file


def _version(actor: Actor, file: Memory) -> MemoryVersion:
    """What the file was before: of other bytes."""
    version = archive(actor, file, "REPLACED")
    version.original = originals.store(file.account_id, b"Before").sha256
    version.save(update_fields=["original"])
    return version


def _webhook(space: Space, mark: str) -> tuple[Webhook, WebhookDelivery]:
    """One that is told of what no call does, so that no call is told to it; and what it was told."""
    told = {"name": f"Webhook {mark}", "url": f"https://hooks.example.com/{mark}", "events": [Event.CHOSEN]}
    webhook, _ = Webhook.create(Actor.system(space.account), space.account, **told)
    about = About(space.account_id, space.pk, space.pk)
    made = delivery(Event.CHOSEN, about, body(Event.CHOSEN, about, {"text": f"Told {mark}"}), webhook)
    made.response = f"Answered {mark}"
    made.save(force_insert=True)
    return webhook, made


@dataclass
class Stage:
    """``ours`` is asked about; ``theirs`` is another account. ``tokens`` and ``clients`` are by actor."""

    ours: House
    theirs: House
    tokens: dict[str, str] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    cookies: dict[str, Any] = field(default_factory=dict)
    outcomes: dict[Any, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ours, theirs = self.ours, self.theirs
        for person in (ours.admin, ours.carol):
            person.turn_on_second_factor(Actor.system(ours.account), totp.new_secret(), 0)
        self.clients["anonymous"] = _client()
        for name, user in (
            ("admin", ours.admin), ("alice", ours.alice), ("outsider", ours.bob), ("stranger", theirs.admin),
        ):  # fmt: skip
            self.tokens[name] = make_key(user, SCOPES)[1]
            self.clients[name] = _client()
            self.clients[name].force_login(user)
        self.cookies = {name: copy(client.cookies) for name, client in self.clients.items()}
        revoked, self.tokens["revoked"] = make_key(ours.admin, SCOPES)
        revoked.revoke(by=Actor.system(ours.account))
        self.tokens["expired"] = make_key(ours.admin, SCOPES, expires_at=timezone.now() - timedelta(seconds=1))[1]
        self.tokens["limited"] = make_key(ours.alice, SCOPES, spaces=[ours.other_space])[1]
        self.operator = User.objects.create_operator("operator-on-stage", "")

    @cached_property
    def before(self) -> dict[tuple[str, str], str]:
        """The rows as they are before every call: each is taken back."""
        return rows()


def _client() -> Client:
    return Client(raise_request_exception=False)


def build() -> Stage:
    return Stage(furnish("ours"), furnish("theirs"))


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# What a call may touch without changing anything: when a key or a code was used, when somebody signed in, what a chat
# says of its messages, each of which has an entry of its own, where the chunks of a memory are searched, and which
# columns of a list somebody wants to see. Generated columns say nothing new.
NOISE = (
    *("last_used_at", "last_login", "message_count", "last_message_at", "last_role", "is_failed", "search"),
    *("container_id", "second_factor_step", "list_columns"),
)
HISTORY = ("searchlog",)  # what was searched for: looking for something changes nothing
TABLES = {
    app: tuple(str(model._meta.model_name) for model in apps.get_app_config(app).get_models())
    for app in ("spaces", "chats", "memories")
}
Changes = dict[tuple[str, str], tuple[Any, Any]]


def rows() -> dict[tuple[str, str], str]:
    """Every row as JSON text, by kind and primary key; in one statement, as this is asked twice about each call."""
    parts = (
        f"SELECT '{kind}', id::text, (to_jsonb(t) - %(left_out)s::text[])::text FROM {app}_{kind} t"
        for app, kinds in TABLES.items()
        for kind in kinds
        if kind not in HISTORY
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), {"left_out": [*NOISE]})
        return {(kind, pk): row for kind, pk, row in cursor.fetchall()}


def writes() -> int:
    """How many rows this transaction has written so far, in any of our tables, as PostgreSQL counts them. Its functions
    are asked, as its view joins the whole catalogue, and this is asked twice about each call."""
    counters = (f"pg_stat_get_xact_tuples_{done}(oid)" for done in ("inserted", "updated", "deleted"))
    tables = "pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT sum({' + '.join(counters)}) FROM {tables}")
        return int(cursor.fetchone()[0])


def changes(before: dict[tuple[str, str], str], after: dict[tuple[str, str], str]) -> Changes:
    """The rows that differ, each with its state before and after; None where there was or is none."""
    keys = {key for key, _ in before.items() ^ after.items()}
    return {key: (_read(before.get(key)), _read(after.get(key))) for key in keys}


def _read(row: str | None) -> Any:
    return None if row is None else json.loads(row)


def unwatched() -> set[str]:
    """The tables of our apps in the database that TABLES does not name."""
    watched = {f"{app}_{kind}" for app, kinds in TABLES.items() for kind in kinds}
    return {name for name in connection.introspection.table_names() if name.partition("_")[0] in TABLES} - watched
