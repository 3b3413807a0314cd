"""/space and /space/{id}"""

from __future__ import annotations

from django.http import HttpRequest

from chats.models import Assistant
from spaces.permissions import require, visible_spaces
from spaces_project.api.operations import Response
from spaces_project.api.unique.base import Operations
from spaces_project.api.unique.faces import face, faces, server_status
from spaces_project.api.unique.lookup import find_space
from spaces_project.api.unique.serializers import SpaceBody, SpaceChange
from spaces_project.api.unique.setup import change_space, create_space
from spaces_project.kit.ids import Prefix, encode

TAKE, MOST = 50, 1_000


class SpaceOperations(Operations):
    def list(self, request: HttpRequest) -> Response:
        require(self.actor, "space.list")
        window = self.query.window(TAKE, MOST)
        spaces = visible_spaces(self.actor).listed().newest_first()
        if name := self.query.text("name"):
            spaces = spaces.filter(name__icontains=name)
        return Response({"data": faces(self.actor, spaces[window])})

    def create(self, request: HttpRequest) -> Response:
        require(self.actor, "space.create")
        space = create_space(self.actor, self.body(SpaceBody))
        return Response(face(self.actor, space), status=201)

    def retrieve(self, request: HttpRequest, space_id: str) -> Response:
        require(self.actor, "space.list")
        return Response(face(self.actor, find_space(self.actor, space_id)))

    def modify(self, request: HttpRequest, space_id: str) -> Response:
        space = find_space(self.actor, space_id)
        require(self.actor, "space.update", space)
        change_space(self.actor, space, self.body(SpaceChange))
        return Response(face(self.actor, space))

    def remove(self, request: HttpRequest, space_id: str) -> Response:
        space = find_space(self.actor, space_id)
        require(self.actor, "space.delete", space)
        space.remove(self.actor)
        return Response({"id": encode(Prefix.ASSISTANT, space.pk)})

    def mcp_status(self, request: HttpRequest, space_id: str) -> Response:
        space = find_space(self.actor, space_id)
        require(self.actor, "space.list")
        servers = [server_status(server) for server in Assistant.of(space).mcp_servers()]
        return Response({"spaceId": encode(Prefix.ASSISTANT, space.pk), "mcpServers": servers})
