"""The WSGI application. Under ASGI Django would gather whole exports in memory before it sends them."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spaces_project.settings")


class Request(WSGIRequest):
    """Survives a charset such as rot13, which Python knows but which names no text encoding."""

    def _set_content_type_params(self, meta: Any) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]
        except LookupError:
            self._encoding = None


application = get_wsgi_application()
connections.settings["default"]["STATEMENT_SECONDS"] = settings.STATEMENT_SECONDS
application.request_class = Request
