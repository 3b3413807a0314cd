"""/v1/ping: does a model answer, and how fast?"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from spaces.permissions import require
from spaces_project.api.goodmem.base import Operations
from spaces_project.api.goodmem.errors import InvalidFields
from spaces_project.api.goodmem.pinging import DEFAULT_COUNT, DEFAULT_PAUSE, Target, probe, probes, target_of
from spaces_project.api.goodmem.serializers_people import PingBody, PingsBody
from spaces_project.api.goodmem.streams import streamed
from spaces_project.api.operations import Response


class PingOperations(Operations):
    """Who may add models may call them: a call can cost money."""

    def once(self, request: HttpRequest) -> Response:
        return Response(probe(self.target(self.body(PingBody))))

    def stream(self, request: HttpRequest) -> HttpResponseBase:
        given = self.body(PingsBody)
        target = self.target(given)
        count, pause = given["count"] or DEFAULT_COUNT, given["intervalMs"] / 1000 or DEFAULT_PAUSE
        return streamed(request, partial(probes, target, count, pause), needs_seat=True)

    def target(self, given: dict[str, Any]) -> Target:
        require(self.actor, "model.use")
        if "payload" in given and "payloadSizeBytes" in given:
            raise InvalidFields([("payload", "Give either payload or payloadSizeBytes, not both.")])
        return target_of(self.actor, given)
