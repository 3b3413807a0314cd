"""/v1/system: what both clients call before anything else, without a key."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import ClassVar

from django.http import HttpRequest

from spaces_project.api.goodmem.base import Operations
from spaces_project.api.operations import Response

PRODUCT = "spaces"


def product_version() -> str:
    """Of the installed package; "0.0.0" when it runs from its folder alone."""
    try:
        return version(PRODUCT)
    except PackageNotFoundError:
        return "0.0.0"


class SystemOperations(Operations):
    open_to_all: ClassVar[frozenset[str]] = frozenset({"info", "init"})

    def info(self, request: HttpRequest) -> Response:
        number = product_version()
        major, minor, patch = (int(part) for part in number.split(".")[:3])
        parts = {"major": major, "minor": minor, "patch": patch, "dirty": False}
        return Response({"version": f"spaces-v{number}", **parts, "capabilities": {"product": PRODUCT}})

    def init(self, request: HttpRequest) -> Response:
        """Accounts are made by ``manage.py account create``, never by whoever comes first."""
        return Response({"alreadyInitialized": True, "message": "System is already initialized"})
