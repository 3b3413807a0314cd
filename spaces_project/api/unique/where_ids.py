"""Wire ids as texts of the database: for conditions that ask what an id contains, or what it comes before.

An id is looked up by the key that it spells wherever that is enough: spelling one takes time, for each row that the
other conditions leave.
"""

from __future__ import annotations

from django.db.models import Case, CharField, F, Func, When

from memories.filters.uniqueql_sql.names import spelled
from spaces_project.kit.ids import Prefix


class Spelled(Func):
    """The wire id of a column, as kit/ids.py spells it."""

    arity = 1
    output_field = CharField()

    def __init__(self, column: str, prefix: Prefix) -> None:
        text = spelled("%(expressions)s", prefix)
        super().__init__(F(column), template=f'({text} COLLATE "C")')


CONTENT_ID = Spelled("id", Prefix.CONTENT)
OWNER_ID = Case(
    When(folder__isnull=False, then=Spelled("folder_id", Prefix.SCOPE)),
    When(chat__isnull=False, then=Spelled("chat_id", Prefix.CHAT)),
    default=Spelled("space_id", Prefix.ASSISTANT),
)
"""As ``contents.owner`` tells it."""
