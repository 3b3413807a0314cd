"""Calls of the dialects whose operations are methods and paths; answers are Django's test responses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.api.world import CLIENT


@dataclass
class RestCaller:
    """Calls routes with a key, or without one."""

    token: str | None = None
    base: str = ""

    def key(self) -> dict[str, str]:
        """The header that shows the key."""
        return {"authorization": f"Bearer {self.token}"}

    def call(self, method: str, route: str, body: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        kind = named.pop("content-type", "application/json" if body is not None else "")
        shown = self.key() if self.token else {}
        return CLIENT.generic(method, self.base + route, data, kind, headers={**shown, **named})

    def get(self, route: str, **headers: str) -> Any:
        return self.call("GET", route, **headers)

    def post(self, route: str, body: Any = None, **headers: str) -> Any:
        return self.call("POST", route, {} if body is None else body, **headers)

    def put(self, route: str, body: Any = None, **headers: str) -> Any:
        return self.call("PUT", route, {} if body is None else body, **headers)

    def patch(self, route: str, body: Any = None, **headers: str) -> Any:
        return self.call("PATCH", route, {} if body is None else body, **headers)

    def delete(self, route: str, **headers: str) -> Any:
        return self.call("DELETE", route, **headers)


def told(answer: Any, status: int = 200) -> Any:
    """The body of a success."""
    assert answer.status_code == status, answer.content
    return answer.json()
