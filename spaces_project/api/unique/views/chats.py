"""/space/message, /space/chat/… and /space/{chatId}/messages/latest"""

from __future__ import annotations

from django.http import HttpRequest

from chats.models import Chat
from spaces.errors import NotFound
from spaces.permissions import require
from spaces_project.api.operations import Response
from spaces_project.api.unique import shapes
from spaces_project.api.unique.asking import question
from spaces_project.api.unique.base import Operations
from spaces_project.api.unique.lookup import find_chat, find_space, writable_chat
from spaces_project.api.unique.serializers import ChatBody, ChatChange, QuestionBody
from spaces_project.api.unique.transcripts import one, several, talk

TAKE, MOST = 10, 100


class ChatOperations(Operations):
    def ask(self, request: HttpRequest) -> Response:
        asked = question(self.actor, self.body(QuestionBody))
        return Response(one(asked.question, asked.chat), status=201)

    def create(self, request: HttpRequest) -> Response:
        fields = self.body(ChatBody)
        space = find_space(self.actor, fields["assistantId"])
        require(self.actor, "space.use", space)
        chat = Chat.create(self.actor, space, user=self.actor.user, name=fields["title"])
        return Response(shapes.chat(chat), status=201)

    def modify(self, request: HttpRequest, chat_id: str) -> Response:
        chat = writable_chat(self.actor, chat_id)
        chat.change(self.actor, name=self.body(ChatChange)["title"])
        return Response(shapes.chat(chat))

    def remove(self, request: HttpRequest, chat_id: str) -> Response:
        chat = find_chat(self.actor, chat_id)
        require(self.actor, "chat.delete", chat)
        chat.remove(self.actor)
        return Response({"chat_id": chat.unique_id})

    def messages(self, request: HttpRequest, chat_id: str) -> Response:
        chat = find_chat(self.actor, chat_id)
        require(self.actor, "chat.list")
        window = self.query.window(TAKE, MOST)
        rows = several(talk(chat)[window], chat, with_request=not self.query.flag("excludeGptRequest"))
        return Response({"messages": rows, "totalCount": talk(chat).count(), "data": rows})

    def latest(self, request: HttpRequest, chat_id: str) -> Response:
        chat = find_chat(self.actor, chat_id)
        require(self.actor, "chat.list")
        newest = talk(chat).reverse().first()
        if newest is None:
            raise NotFound("This chat has no messages")
        return Response(one(newest, chat))
