"""The eight types of messages, and what this product calls them: a role and a kind."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, CharField, F, Value, When

from chats.models.chats import Role
from chats.models.messages import Kind
from spaces.errors import InvalidInput

SAID = {"user": Role.USER, "bot": Role.ASSISTANT}
TYPES: tuple[str, ...] = (*SAID, *Kind.values)

# What a type is when it is read. A system message of another dialect is told as context.
TYPE = Case(
    When(role=Role.SYSTEM, kind="", then=Value(Kind.CONTEXT.value)),
    When(role=Role.USER, then=Value("user")),
    When(role=Role.ASSISTANT, then=Value("bot")),
    default=F("kind"),
    output_field=CharField(),
)
# What a reader sees of a message: why an answer failed stands in place of its text.
SHOWN = Case(When(text="", then=F("error")), default=F("text"), output_field=CharField())


def role_and_kind(type: str) -> dict[str, Any]:
    """The fields ``role`` and ``kind`` of a message of this type."""
    if type in SAID:
        return {"role": SAID[type], "kind": ""}
    return {"role": Role.SYSTEM, "kind": type}


def refuse_blank(type: str, text: str) -> None:
    """What is said has words (InvalidInput); the other types may go without. ``type`` may be a role as well."""
    if type in (*SAID, Role.ASSISTANT) and not text.strip():
        raise InvalidInput("text: This field may not be blank.", field="text")
