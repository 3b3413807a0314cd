"""rating/…, which the vendor has and does not document: what was thought of conversations and messages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from chats.models import Rating
from chats.permissions import visible_ratings
from spaces.permissions import require
from spaces_project.api.chatbotkit.base import Operations, only_id
from spaces_project.api.chatbotkit.lists import Listing, exported, listed
from spaces_project.api.chatbotkit.lookup import find_conversation, find_message, find_rating, ratings_named
from spaces_project.api.chatbotkit.records import one
from spaces_project.api.chatbotkit.records_chats import RatingRecord
from spaces_project.api.chatbotkit.serializers import Nothing
from spaces_project.api.chatbotkit.serializers_chats import NewRating, RatingFields
from spaces_project.api.chatbotkit.writes import for_change
from spaces_project.api.operations import Response


class RatingOperations(Operations):
    def create(self, request: HttpRequest) -> Response:
        fields = self.body(NewRating)
        chat = find_conversation(self.actor, fields["conversation"])
        require(self.actor, "chat.write", chat)
        message = find_message(chat, fields["message"]) if fields.get("message") else None
        return only_id(Rating.vote(self.actor, chat, message, fields["value"], fields.get("reason", "")))

    def fetch(self, request: HttpRequest, rating_id: str) -> HttpResponse:
        require(self.actor, "chat.list")
        return one(RatingRecord(self.account.pk), ratings_named(self.actor, rating_id), "Rating not found")

    def update(self, request: HttpRequest, rating_id: str) -> Response:
        rating = find_rating(self.actor, rating_id)
        require(self.actor, "chat.write", rating.chat)
        rating.change(self.actor, **for_change(self.body(RatingFields)))
        return only_id(rating)

    def delete(self, request: HttpRequest, rating_id: str) -> Response:
        rating = find_rating(self.actor, rating_id)
        require(self.actor, "chat.write", rating.chat)
        self.body(Nothing)
        rating.remove(self.actor)
        return only_id(rating)

    def list(self, request: HttpRequest) -> HttpResponseBase:
        require(self.actor, "chat.list")
        return listed(Listing.of(self, visible_ratings(self.actor), RatingRecord))

    def export(self, request: HttpRequest) -> HttpResponseBase:
        require(self.actor, "chat.list")
        return exported(Listing.of(self, visible_ratings(self.actor), RatingRecord), "ratings")
