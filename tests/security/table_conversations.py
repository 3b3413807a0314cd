"""The table's lines for ChatBotKit's conversations, messages and ratings."""

from __future__ import annotations

from typing import Any

from .route import Route, key

CONTACT, CONTACT_ALIAS = {"contact_id": "contact.wire"}, {"contact_id": "contact.alias"}
NAMED = {"name": "changed"}
CONVERSATION, MESSAGE = {"conversation_id": "chat.wire"}, {"conversation_id": "chat.wire", "message_id": "message.wire"}
RATING = {"rating_id": "rating.wire"}
OF_CHATS = {"cursor": "chat.wire", "spaceId": "space.wire", "contactId": "contact.wire"}
OF_RATINGS = {
    "cursor": "rating.wire",
    "contactId": "contact.wire",
    "conversationId": "chat.wire",
    "messageId": "message.wire",
}
LINKS = {"spaceId": "space.wire", "contactId": "contact.wire"}
SAID = {"type": "user", "text": "Hello"}
# What the stage has not committed nobody can watch: the question is stored, and its answer not found.
UNWATCHED: dict[str, Any] = {"answers": (404,)}

CONVERSATIONS: tuple[Route, ...] = (
    key("contact.conversation.list", path=CONTACT, query=OF_CHATS),
    key("contact.conversation.list", path=CONTACT_ALIAS),
    key("contact.rating.list", path=CONTACT, query=OF_RATINGS),
    key("conversation.create", "POST", data={"messages": [SAID]}, outsider=200, writes=("chat", "message")),
    key("conversation.create", "POST", body=LINKS, writes=("chat",)),
    key("conversation.create", "POST", body={"spaceId": "space.alias", "contact": "contact.alias"}, writes=("chat",)),
    key("conversation.list", query=OF_CHATS, outsider=400),
    key("conversation.list", query={"spaceId": "space.alias"}, outsider=200),
    key("conversation.export", query=OF_CHATS, outsider=400),
    key("conversation.fetch", path=CONVERSATION),
    key("conversation.update", "POST", path=CONVERSATION, body=LINKS, data=NAMED, writes=("chat",)),
    key("conversation.delete", "POST", path=CONVERSATION, writes=("chat",)),
    key("conversation.upvote", "POST", path=CONVERSATION, writes=("rating",)),
    key("conversation.downvote", "POST", path=CONVERSATION, writes=("rating",)),
    key("conversation.complete", "POST", path=CONVERSATION, data=SAID, writes=("message", "message"), **UNWATCHED),
    key("conversation.receive", "POST", path=CONVERSATION, writes=("message",), **UNWATCHED),
    key("conversation.send", "POST", path=CONVERSATION, data=SAID, writes=("message",)),
    key("conversation.complete_once", "POST", body=LINKS, data={"messages": [SAID]}),
    key("conversation.session.create", "POST", path=CONVERSATION),
    key("conversation.contact.upsert", "POST", path=CONVERSATION, data=NAMED, writes=("chat", "contact")),
    key("message.create", "POST", path=CONVERSATION, data=SAID, writes=("message",)),
    key("message.list", path=CONVERSATION, query={"cursor": "message.wire"}),
    key("message.fetch", path=MESSAGE),
    key("message.update", "POST", path=MESSAGE, data=SAID, writes=("message",)),
    key("message.delete", "POST", path=MESSAGE, writes=("message",)),
    key("message.upvote", "POST", path=MESSAGE, writes=("rating",)),
    key("message.downvote", "POST", path=MESSAGE, writes=("rating",)),
    key(
        "rating.create",
        "POST",
        body={"conversationId": "chat.wire", "messageId": "message.wire"},
        data={"value": 7},
        writes=("rating",),
    ),
    key("rating.list", query=OF_RATINGS, outsider=400),
    key("rating.export", query=OF_RATINGS, outsider=400),
    key("rating.fetch", path=RATING),
    key("rating.update", "POST", path=RATING, data={"value": 7}, writes=("rating",)),
    key("rating.delete", "POST", path=RATING, writes=("rating",)),
)
