"""What requests about spaces may say."""

from __future__ import annotations

from typing import Any

from spaces_project.kit import limits

from .fields import Body, Decimal, Flag, Identifier, Labels, Object, Objects, Text

# ruff: noqa: N815 (the wire's names)


class SpaceName(Text):
    """What a space is called: not nothing, and not only spaces."""

    def __init__(self, **kwargs: Any) -> None:
        wanted = {"allow_blank": False, "max_length": limits.NAME_CHARS}
        super().__init__(error_messages={"blank": "Space name is required"}, **{**wanted, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not text.strip():
            self.fail("blank")
        return text


class SpaceEmbedderBody(Body):
    """An embedder of a new space and how much it counts there."""

    embedderId = Identifier("embedder", required=True)
    defaultRetrievalWeight = Decimal(min_value=0, max_value=limits.RETRIEVAL_WEIGHT, default=1.0)


class SpaceBody(Body):
    """The union of what the vendor's generations of clients send; embedders and chunking have defaults."""

    name = SpaceName(required=True)
    spaceEmbedders = Objects(SpaceEmbedderBody(), max_length=limits.SPACE_EMBEDDERS, default=list)
    labels = Labels(default=dict)
    publicRead = Flag(default=False)
    ownerId = Identifier("owner")
    defaultChunkingConfig = Object()
    spaceId = Identifier("space")


class SpaceChange(Body):
    """What changes in a space. Memories that are there keep their chunks when the chunking changes."""

    name = SpaceName()
    replaceLabels = Labels()
    mergeLabels = Labels()
    publicRead = Flag()
    defaultChunkingConfig = Object()


class OwnershipBody(Body):
    """To whom a space goes."""

    newOwnerId = Identifier("owner", required=True)
