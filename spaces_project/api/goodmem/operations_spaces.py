"""The operations of spaces."""

from __future__ import annotations

from . import answers as a
from . import serializers_spaces as bodies
from .operation import GONE, LABEL, MADE, Operation, paging, parameter

Chunking = a.shape(
    "GoodMemChunking",
    "Exactly one of the three is not null.",
    none=a.free(),
    recursive=a.free(),
    sentence=a.free(),
)
SpaceEmbedder = a.shape(
    "GoodMemSpaceEmbedder",
    "An embedder of a space.",
    spaceId=a.uuid(),
    embedderId=a.uuid(),
    defaultRetrievalWeight=a.decimal(),
    **a.touched(),
)
Space = a.shape(
    "GoodMemSpace",
    "A container of memories.",
    spaceId=a.uuid(),
    name=a.text(),
    labels=a.labels(),
    spaceEmbedders=SpaceEmbedder(many=True),
    ownerId=a.uuid(),
    publicRead=a.flag(),
    defaultChunkingConfig=Chunking(),
    **a.touched(),
)
Spaces = a.shape("GoodMemSpaces", "A page of spaces.", spaces=Space(many=True), nextToken=a.maybe())
Transferred = a.shape("GoodMemTransferredSpace", "A space and its new owner.", space=Space())
WRITES = (404, 409)
FILTERS = (
    parameter("ownerId", "Spaces of this user."),
    parameter("nameFilter", "The whole name, in any case; `*` is any run of characters, `?` any one."),
    LABEL,
    parameter("sortBy", "", enum=["created_time", "updated_time", "name"]),
    parameter("sortOrder", "", enum=["ASCENDING", "DESCENDING"]),
    *paging(50, 1_000),
)

SPACES: tuple[Operation, ...] = (
    Operation("space.list", "listSpaces", "List spaces, newest first", Spaces, query=FILTERS, fails=()),
    Operation("space.create", "createSpace", "Create a space", Space, bodies.SpaceBody, fails=WRITES, status=MADE),
    Operation("space.retrieve", "getSpace", "Fetch a space; a public one without a key", Space, is_open=True),
    Operation("space.modify", "updateSpace", "Change what is given of a space", Space, bodies.SpaceChange,
              fails=WRITES),
    Operation("space.remove", "deleteSpace", "Delete a space and everything in it", fails=WRITES, status=GONE),
    Operation("space.transfer", "transferSpaceOwnership", "Let somebody else own a space", Transferred,
              bodies.OwnershipBody, fails=WRITES),
)  # fmt: skip
