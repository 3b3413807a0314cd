"""/v1/spaces"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse

from spaces.models import Space
from spaces.permissions import get_space, readable_space, require, visible_spaces
from spaces_project.api.goodmem.base import Operations, nothing
from spaces_project.api.goodmem.ids import uuid_of
from spaces_project.api.goodmem.labels import check_strategy
from spaces_project.api.goodmem.names import named_like
from spaces_project.api.goodmem.records_spaces import space_record, space_records
from spaces_project.api.goodmem.serializers_spaces import OwnershipBody, SpaceBody, SpaceChange
from spaces_project.api.goodmem.setup import change_space, create_space, transfer_space
from spaces_project.api.goodmem.tokens import Listing
from spaces_project.api.operations import Response
from spaces_project.kit.cursors import Keyset

TAKE, MOST = 50, 1_000
BY_TIME, BY_CHANGE, BY_NAME = "created_at", "updated_at", Lower("name")
COLUMNS: dict[str, Any] = {
    "created_time": BY_TIME,
    "created_at": BY_TIME,
    "updated_time": BY_CHANGE,
    "updated_at": BY_CHANGE,
    "name": BY_NAME,
}


class SpaceOperations(Operations):
    open_to_all: ClassVar[frozenset[str]] = frozenset({"retrieve"})
    spelled: ClassVar[dict[str, str]] = {"id": "spaceId", "owner": "ownerId"}

    def list(self, request: HttpRequest) -> Response:
        require(self.actor, "space.list")
        column = COLUMNS[self.query.choice("sortBy", COLUMNS, "created_time")]
        filters = self.filters()
        listing = Listing("spaces", Keyset(column, self.query.descends()), filters, self.actor)
        page, token = listing.page(self.filtered(filters), self.query, TAKE, MOST)
        return Response({"spaces": space_records(self.account, page), "nextToken": token})

    def filters(self) -> dict[str, Any]:
        owner = self.query.uuid("ownerId", "owner")
        return {"owner": owner, "name": self.query.text("nameFilter"), "labels": self.query.labels()}

    def filtered(self, filters: dict[str, Any]) -> Any:
        spaces = visible_spaces(self.actor).listed().defer("search", "meta", "description")
        if filters["owner"]:
            spaces = spaces.filter(owner=filters["owner"])
        if filters["name"]:
            spaces = spaces.filter(named_like(filters["name"]))
        return spaces.filter(labels__contains=filters["labels"]) if filters["labels"] else spaces

    def create(self, request: HttpRequest) -> Response:
        require(self.actor, "space.create")
        return Response(space_record(create_space(self.actor, self.body(SpaceBody))), status=201)

    def retrieve(self, request: HttpRequest, space_id: str) -> Response:
        return Response(space_record(readable_space(self.reader, uuid_of(space_id, "space"))))

    def modify(self, request: HttpRequest, space_id: str) -> Response:
        space = self.find(space_id)
        require(self.actor, "space.update", space)
        given = self.body(SpaceChange)
        check_strategy(given)
        change_space(self.actor, space, given)
        return Response(space_record(space))

    def remove(self, request: HttpRequest, space_id: str) -> HttpResponse:
        space = self.find(space_id)
        require(self.actor, "space.delete", space)
        space.remove(self.actor)
        return nothing()

    def transfer(self, request: HttpRequest, space_id: str) -> Response:
        space = self.find(space_id)
        require(self.actor, "space.transfer", space)
        transfer_space(self.actor, space, self.body(OwnershipBody)["newOwnerId"])
        return Response({"space": space_record(space)})

    def find(self, text: str) -> Space:
        """A space that this actor may read, with its account; NotFound."""
        space = get_space(self.actor, uuid_of(text, "space"))
        space.account = self.account
        return space
