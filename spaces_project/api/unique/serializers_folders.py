"""What requests about folders may say."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from memories.models import FolderLevel

from .fields import Body, Choice, Flag, Object, Objects, Text, Texts

# ruff: noqa: N815 (the wire's names)


class PathsBody(Body):
    """Folders to make: whole paths, or paths below a folder. The vendor's client sends one of the two."""

    paths = Texts(allow_empty=False)
    parentScopeId = Text(allow_blank=False)
    relativePaths = Texts(allow_empty=False)
    inheritAccess = Flag(default=True)

    def validate(self, attrs: Any) -> Any:
        relative = {"parentScopeId", "relativePaths"} & set(attrs)
        if ("paths" in attrs) == bool(relative) or len(relative) == 1:
            raise serializers.ValidationError({"paths": "Give paths, or parentScopeId with relativePaths."})
        return attrs


class FolderChange(Body):
    """A new name, a new place, or both. ``parentId`` null is the root, absent is where it is."""

    name = Text(allow_blank=False)
    parentId = Text(allow_blank=False, allow_null=True)


class FolderMove(Body):
    """Where to. ``newParentId`` null is the root."""

    newParentId = Text(allow_blank=False, allow_null=True)


class NamedFolder(Body):
    """A folder by its id or its path, and whether those below it are meant too."""

    scopeId = Text()
    folderPath = Text()
    applyToSubScopes = Flag(default=False)


class FolderConfiguration(NamedFolder):
    """How files put into a folder are ingested; takes the place of what was said before."""

    ingestionConfig = Object(required=True)


class FolderGrant(Body):
    """A grant to one user or one group."""

    entityId = Text(required=True, allow_blank=False)
    entityType = Choice(("USER", "GROUP"), required=True)
    type = Choice(FolderLevel.values, required=True)


class FolderGrants(NamedFolder):
    """Grants to add or to take away."""

    scopeAccesses = Objects(FolderGrant(), required=True, allow_empty=False)
