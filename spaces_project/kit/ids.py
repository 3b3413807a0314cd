"""Ids: UUIDv7 primary keys and their spelling on the wire.

A wire id is a prefix and the same UUID as 25 lower-case base-36 digits, so every id has exactly one
spelling per dialect and needs no table. GoodMem uses the plain UUID (``str(pk)``).
"""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

import uuid_utils.compat

ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
DIGITS = 25
_BLOCK, _QUARTER, _HALF = 36**3, 36**6, 36**12
BLOCKS = tuple(a + b + c for a in ALPHABET for b in ALPHABET for c in ALPHABET)


class Prefix(StrEnum):
    """The prefixes of wire ids, one per kind of object and dialect."""

    SPACE = "space_"
    CONTACT = "contact_"
    CONVERSATION = "conversation_"
    ASSISTANT = "assistant_"
    CHAT = "chat_"
    MESSAGE = "msg_"
    CONTENT = "cont_"
    SCOPE = "scope_"
    VERSION = "version_"
    WEBHOOK = "webhook_"
    RATING = "rating_"
    MODULE = "module_"
    ACCESS = "access_"
    ASSESSMENT = "assessment_"
    MESSAGE_LOG = "message_log_"
    SHORT_TERM_MEMORY = "memory_note_"
    REFERENCE = "reference_"
    PROMPT = "prompt_"
    RULE = "rule_"
    MCP_SERVER = "mcp_"
    GROUP = "group_"
    USER = "user_"
    MEMORY = "memory_"  # behind memory_note_, which begins in the same way


class InvalidId(ValueError):
    """A text that is not an id of the expected kind."""


def new_id() -> UUID:
    """A fresh UUIDv7: sorts by time of creation, unique without a database."""
    return uuid_utils.compat.uuid7()


def encode_number(number: int) -> str:
    """25 lower-case base-36 digits, zero-padded, of a number below 2**128.

    Halved first, as small numbers divide faster, and written out: exports spell hundreds of thousands.
    """
    high, low = divmod(number, _HALF)
    high, c = divmod(high, _QUARTER)
    top, b = divmod(high, _QUARTER)
    d, e = divmod(low, _QUARTER)
    first = f"{ALPHABET[top]}{BLOCKS[b // _BLOCK]}{BLOCKS[b % _BLOCK]}{BLOCKS[c // _BLOCK]}{BLOCKS[c % _BLOCK]}"
    return f"{first}{BLOCKS[d // _BLOCK]}{BLOCKS[d % _BLOCK]}{BLOCKS[e // _BLOCK]}{BLOCKS[e % _BLOCK]}"


def to_base36(pk: UUID) -> str:
    """25 lower-case base-36 digits, zero-padded."""
    return encode_number(pk.int)


def encode(prefix: Prefix, pk: UUID) -> str:
    """The wire id of ``pk``, e.g. ``space_0c3k…``."""
    return prefix + to_base36(pk)


def decode(prefix: Prefix, text: str) -> UUID:
    """The UUID that ``text`` spells; raises InvalidId for any other text, also for other spellings."""
    digits = text.removeprefix(prefix)
    if len(digits) != DIGITS or len(text) != DIGITS + len(prefix) or set(digits) - set(ALPHABET):
        raise InvalidId(text)
    number = int(digits, 36)
    if number >= 1 << 128:
        raise InvalidId(text)
    return UUID(int=number)


def decode_any(text: str) -> UUID:
    """The UUID behind any dialect's spelling (also a plain UUID); raises InvalidId. For search boxes."""
    text = text.strip()
    for prefix in Prefix:
        if text.startswith(prefix):
            return decode(prefix, text)
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidId(text) from error
