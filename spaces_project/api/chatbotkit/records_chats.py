"""The records of conversations, messages and ratings, rendered by the export engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from operator import itemgetter
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Case, F, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import NullIf

from chats.models import Chat, Message, Rating
from spaces_project.kit.exports import Batch, Column, Kind
from spaces_project.kit.exports.plans import Part, Plan, source
from spaces_project.kit.exports.resource import Form
from spaces_project.kit.ids import Prefix, encode

from .message_types import SHOWN, TYPE
from .records import COMMON, ID, META, TIMES, Record

# A conversation in the account's default space reports no space.
SPACE_ID = Case(When(space__is_default=True, then=None), default=F("space_id"))


def _text_id(name: str, source: str) -> Column:
    """An id of the vendor that is kept as given; null when it was not."""
    return Column(name, NullIf(source, Value("")))


class ConversationColumns(Record):
    """What export says of a conversation besides its messages, in the vendor's order."""

    prefix = Prefix.CONVERSATION
    columns: ClassVar[tuple[Column, ...]] = (
        Column(ID, kind=Kind.WIRE_ID, prefix=Prefix.CONVERSATION),
        *COMMON,
        Column("contactId", "contact_id", Kind.WIRE_ID, Prefix.CONTACT),
        _text_id("taskId", "task_id"),
        Column("spaceId", SPACE_ID, Kind.WIRE_ID, Prefix.SPACE),
        _text_id("botId", "bot_id"),
        _text_id("datasetId", "dataset_id"),
        _text_id("skillsetId", "skillset_id"),
        Column("backstory"),
        _text_id("model", "model"),
        *TIMES,
        META,
    )

    class Meta:
        model = Chat


class ConversationRecord(ConversationColumns):
    """What fetch and list say of a conversation."""

    columns = (
        *ConversationColumns.columns,
        _text_id("blueprintId", "blueprint_id"),
        Column("privacy", kind=Kind.BOOL),
        Column("moderation", kind=Kind.BOOL),
        Column("expiresAt", "expires_at", Kind.TIME),
    )


# All that was said in one conversation: a line of JSON per message, which begins with its id as a plain UUID. Nothing
# in the text of JSON is a line end.
SAID = RawSQL(
    """(SELECT string_agg(row_to_json(said)::text, chr(10) ORDER BY said."createdAt", said.id) FROM (
        SELECT m.id, CASE m.role WHEN 'user' THEN 'user' ELSE 'bot' END AS type,
            CASE m.text WHEN '' THEN m.error ELSE m.text END AS text, m.meta,
            to_char(m.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt",
            to_char(m.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "updatedAt"
        FROM chats_message m
        WHERE m.account_id = chats_chat.account_id AND m.chat_id = chats_chat.id
            AND m.kind = '' AND m.role IN ('user', 'assistant')
    ) said)""",
    (),
)
HEAD, UUID_CHARS = '{"id":"', 36
CONVERSATIONS = 200  # in one batch; fewer when they are long
Texts = Sequence[str | None]


class ConversationExport(ConversationColumns):
    """One row per conversation with what users and bots said in it."""

    first_rows = 10
    columns = (*ConversationColumns.columns, Column("messages", SAID))

    def plan(self, form: Form, *, raw: bool = False) -> Plan:
        """As for other columns; what was said is finished in Python, as the ids are."""
        plan, last = _plain.plan(form, raw=raw), source(len(self.columns) - 1)
        if form == "json":
            *parts, whole = plan.parts
            opened = replace(whole, finish=partial(map, itemgetter(slice(1, -1))))
            return replace(plan, parts=(*parts, opened, Part(last, _arrays)))
        return replace(plan, parts=(*plan.parts, Part(last, _cells(quoted=form == "csv"))))

    def batches(self, *args: Any, **kwargs: Any) -> Iterator[Batch]:
        """As the engine's, in batches of at most CONVERSATIONS rows: nobody knows how long the next ones are."""
        return super().batches(*args, **{**kwargs, "size": CONVERSATIONS})


_plain = ConversationColumns(None)


def _arrays(texts: Texts) -> Iterable[str]:
    return [f'"messages":[{",".join(map(_spelled, _lines(text)))}]}}' for text in texts]


def _lines(text: str | None) -> list[str]:
    return text.split("\n") if text else []


def _spelled(line: str) -> str:
    """A message with its wire id."""
    start, end = len(HEAD), len(HEAD) + UUID_CHARS
    return f"{HEAD}{encode(Prefix.MESSAGE, UUID(line[start:end]))}{line[end:]}"


def _cells(*, quoted: bool) -> Callable[[Texts], Iterable[str]]:
    """``type: text`` blocks with a blank line between them: never the beginning of a formula."""

    def blocks(text: str | None) -> str:
        said = map(json.loads, _lines(text))
        return "\n\n".join(f"{each['type']}: {each['text']}" for each in said)

    return lambda texts: [blocks(text).replace('"', '""') if quoted else blocks(text) for text in texts]


class MessageRecord(Record):
    """What fetch and list say of a message."""

    prefix = Prefix.MESSAGE
    columns = (
        Column(ID, kind=Kind.WIRE_ID, prefix=Prefix.MESSAGE),
        *COMMON,
        Column("type", TYPE),
        Column("text", SHOWN),
        *TIMES,
        META,
    )

    class Meta:
        model = Message


class RatingRecord(Record):
    """What fetch, list and export say of a rating. ``botId`` is the conversation's."""

    prefix = Prefix.RATING
    columns = (
        Column(ID, kind=Kind.WIRE_ID, prefix=Prefix.RATING),
        *COMMON,
        Column("contactId", "contact_id", Kind.WIRE_ID, Prefix.CONTACT),
        Column("botId", NullIf("chat__bot_id", Value(""))),
        Column("conversationId", "chat_id", Kind.WIRE_ID, Prefix.CONVERSATION),
        Column("messageId", "message_id", Kind.WIRE_ID, Prefix.MESSAGE),
        Column("value", kind=Kind.NUMBER),
        Column("reason"),
        *TIMES,
        META,
    )

    class Meta:
        model = Rating
