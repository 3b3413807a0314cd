"""/space/{id}/access"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest

from spaces.errors import InvalidInput, NotAllowed, NotFound
from spaces.models import Space, SpaceAccess
from spaces.permissions import require, supervised_spaces
from spaces_project.api.operations import Response
from spaces_project.api.unique import shapes
from spaces_project.api.unique.base import Operations
from spaces_project.api.unique.lookup import find_holder, find_space, pk_of
from spaces_project.api.unique.serializers import AccessBody


class AccessOperations(Operations):
    def list(self, request: HttpRequest, space_id: str) -> Response:
        space = find_space(self.actor, space_id)
        require(self.actor, "space.list")
        if not supervised_spaces(self.actor).filter(pk=space.pk).exists():
            raise NotAllowed()
        grants = self.grants(space).order_by("created_at", "id")
        return Response({"access": [shapes.access(grant) for grant in grants]})

    def add(self, request: HttpRequest, space_id: str) -> Response:
        space = find_space(self.actor, space_id)
        require(self.actor, "space.grant", space)
        entries = self.body(AccessBody)["access"]
        holders = [
            find_holder(self.actor, entry["entityType"], entry["entityId"], f"access[{number}].entityId")
            for number, entry in enumerate(entries)
        ]
        with transaction.atomic():
            grants = [
                SpaceAccess.add(space, holder, entry["type"], self.actor)
                for holder, entry in zip(holders, entries, strict=True)
            ]
        return Response({"access": [shapes.access(grant) for grant in grants]}, status=201)

    def remove(self, request: HttpRequest, space_id: str) -> Response:
        space = find_space(self.actor, space_id)
        require(self.actor, "space.grant", space)
        named = {pk_of(text, "Access not found") for text in self.query.listed("accessIds")}
        if not named:
            raise InvalidInput("accessIds: Name at least one entry.", field="accessIds")
        with transaction.atomic():
            found = list(self.grants(space).select_related("space", "user", "group").filter(pk__in=named))
            if len(found) != len(named):
                raise NotFound("Access not found")
            for grant in found:
                grant.revoke(self.actor)
        return Response({"success": True})

    def grants(self, space: Space) -> Any:
        return SpaceAccess.objects.of(self.account).filter(space=space)
