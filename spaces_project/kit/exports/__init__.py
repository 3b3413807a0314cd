"""The export engine: one row definition per model, streamed in keyset batches that PostgreSQL renders.

    class SpaceResource(Resource):
        columns = (
            Column("id", kind=Kind.WIRE_ID, prefix=Prefix.SPACE),
            Column("name"),
            Column("owner", "owner__username"),
            Column("meta", kind=Kind.JSON),
            Column("created_at", kind=Kind.TIME),
        )
        class Meta:
            model = Space

``export_response(SpaceResource(), spaces, "csv")`` is a download; ``SpaceResource().page(spaces, take=100)`` is one
page of a list whose ``lines`` are JSON objects to be passed through.
"""

from .columns import Column, Kind
from .guards import guarded, unguarded
from .resource import Batch, Resource, TooManyRows
from .responses import FORMATS, export_response, release_connection

__all__ = [
    "FORMATS",
    "Batch",
    "Column",
    "Kind",
    "Resource",
    "TooManyRows",
    "export_response",
    "guarded",
    "release_connection",
    "unguarded",
]
