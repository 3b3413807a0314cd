"""space/…"""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from spaces.models import Space
from spaces.permissions import require, visible_spaces
from spaces_project.api.chatbotkit.base import Operations, only_id
from spaces_project.api.chatbotkit.lists import Listing, exported, listed
from spaces_project.api.chatbotkit.lookup import find_space, spaces_named
from spaces_project.api.chatbotkit.records import SpaceExport, SpaceRecord, one
from spaces_project.api.chatbotkit.serializers import Nothing, SpaceFields
from spaces_project.api.chatbotkit.writes import for_change, for_create, resolve_contact
from spaces_project.api.operations import Response


class SpaceOperations(Operations):
    def create(self, request: HttpRequest) -> Response:
        require(self.actor, "space.create")
        fields = for_create(self.body(SpaceFields))
        with transaction.atomic():  # a contact made for a space that then fails is not kept
            fields = resolve_contact(self.actor, fields)
            space = Space.create(self.actor, self.account, owner=self.actor.user, **fields)
        return only_id(space)

    def fetch(self, request: HttpRequest, space_id: str) -> HttpResponse:
        require(self.actor, "space.list")
        return one(SpaceRecord(self.account.pk), spaces_named(self.actor, space_id), "Space not found")

    def update(self, request: HttpRequest, space_id: str) -> Response:
        space = find_space(self.actor, space_id)
        require(self.actor, "space.update", space)
        fields = for_change(self.body(SpaceFields))
        with transaction.atomic():
            space.change(self.actor, **resolve_contact(self.actor, fields))
        return only_id(space)

    def delete(self, request: HttpRequest, space_id: str) -> Response:
        space = find_space(self.actor, space_id)
        require(self.actor, "space.delete", space)
        self.body(Nothing)
        space.remove(self.actor)
        return only_id(space)

    def list(self, request: HttpRequest) -> HttpResponseBase:
        require(self.actor, "space.list")
        return listed(Listing.of(self, visible_spaces(self.actor).listed(), SpaceRecord))

    def export(self, request: HttpRequest) -> HttpResponseBase:
        require(self.actor, "space.list")
        return exported(Listing.of(self, visible_spaces(self.actor).listed(), SpaceExport), "spaces")
