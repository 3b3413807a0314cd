"""The rows of chats and messages outside the database: what pages export, /admin/ exports, and imports of chats."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Count, DecimalField, Func, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from import_export.fields import Field

from spaces.imports import NOT_FOUND, ContactWidget, ImportedResource, OwnerWidget
from spaces.models import Space
from spaces_project.kit.exports import Column, Kind, Resource
from spaces_project.kit.exports.widgets import ObjectWidget, TextWidget, TimeWidget, WireIdWidget, cell
from spaces_project.kit.ids import InvalidId, Prefix

from .models import Chat, Message, Rating, Reference


class Tokens(Func):
    """The sum of one number of all calls of a model that ``debug_info`` tells of; NULL when it tells of none.

    Programs may put anything into ``debug_info``: what is not a number is not counted.
    """

    output_field = DecimalField()

    def __init__(self, column: str, number: str) -> None:
        self.number = number
        super().__init__(column)

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, params = compiler.compile(self.get_source_expressions()[0])
        path = f'$.llm_invocations[*].tokenUsage.{self.number} ? (@.type() == "number")'
        return f"(SELECT sum(n::text::numeric) FROM jsonb_path_query({column}, '{path}') n)", list(params)  # noqa: S608


def _count(rows: Any, link: str) -> Coalesce:
    """How many of ``rows`` hang on this one by the foreign key ``link``."""
    own = rows.filter(**{"account": OuterRef("account"), link: OuterRef("pk")}).order_by().values(link)
    counted = own.annotate(rows=Count("pk")).values("rows")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())


def _votes(link: str) -> tuple[Column, Column]:
    up, down = Rating.objects.filter(value__gt=0), Rating.objects.filter(value__lt=0)
    return Column("ratings_up", _count(up, link), Kind.NUMBER), Column("ratings_down", _count(down, link), Kind.NUMBER)


class SpaceWidget(TextWidget):
    """A space of the account by id, in any spelling."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = cell(value).strip()
        if not text:
            return None
        try:
            space = Space.objects.of(kwargs["account"]).filter(pk=WireIdWidget(Prefix.SPACE).clean(text)).first()
        except InvalidId:
            space = None
        if space is None:
            raise ValueError(NOT_FOUND)
        return space

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.wire_id if value else ""


class ChatResource(ImportedResource):
    """One row per chat."""

    prefix = Prefix.CONVERSATION
    columns: ClassVar[tuple[Column, ...]] = (
        Column("id", kind=Kind.WIRE_ID, prefix=Prefix.CONVERSATION),
        Column("name"),
        Column("description"),
        Column("space", "space_id", Kind.WIRE_ID, Prefix.SPACE),
        Column("space_name", "space__name"),
        Column("contact", "contact_id", Kind.WIRE_ID, Prefix.CONTACT),
        Column("user", "user__username"),
        Column("messages", "message_count", Kind.NUMBER),
        Column("last_role"),
        Column("is_failed", kind=Kind.BOOL),
        *_votes("chat"),
        Column("model"),
        Column("backstory"),
        Column("meta", kind=Kind.JSON),
        Column("expires_at", kind=Kind.TIME),
        Column("last_message_at", kind=Kind.TIME),
        Column("created_at", kind=Kind.TIME),
        Column("updated_at", kind=Kind.TIME),
    )
    id = Field("id", "id", widget=WireIdWidget(Prefix.CONVERSATION), readonly=True)
    name = Field("name", "name", widget=TextWidget(""))
    description = Field("description", "description", widget=TextWidget(""))
    space = Field("space", "space", widget=SpaceWidget())
    contact = Field("contact", "contact", widget=ContactWidget())
    user = Field("user", "user", widget=OwnerWidget())
    model = Field("model", "model", widget=TextWidget(""))
    backstory = Field("backstory", "backstory", widget=TextWidget(""))
    meta = Field("meta", "meta", widget=ObjectWidget())
    expires_at = Field("expires_at", "expires_at", widget=TimeWidget())

    class Meta:
        model = Chat
        fields = ("id", "name", "description", "space", "contact", "user", "model", "backstory", "meta", "expires_at")
        clean_model_instances = True
        skip_unchanged = report_skipped = True

    def create(self, values: dict[str, Any]) -> Chat:
        return Chat.create(self.by, values.pop("space"), **values)


class MessageResource(Resource):
    """One row per message, in the order of the talk when exported ascending; only out, never in.

    Token counts stand with the question, where the answer's responder leaves them.
    """

    columns: ClassVar[tuple[Column, ...]] = (
        Column("id", kind=Kind.WIRE_ID, prefix=Prefix.MESSAGE),
        Column("chat", "chat_id", Kind.WIRE_ID, Prefix.CONVERSATION),
        Column("chat_name", "chat__name"),
        Column("space", "chat__space_id", Kind.WIRE_ID, Prefix.SPACE),
        Column("space_name", "chat__space__name"),
        Column("contact", "chat__contact_id", Kind.WIRE_ID, Prefix.CONTACT),
        Column("user", "chat__user__username"),
        Column("role"),
        Column("kind"),
        Column("state"),
        Column("text"),
        Column("error"),
        Column("answers", "answers_id", Kind.WIRE_ID, Prefix.MESSAGE),
        Column("references", _count(Reference.objects.all(), "message"), Kind.NUMBER),
        *_votes("message"),
        Column("prompt_tokens", Tokens("debug_info", "promptTokens"), Kind.NUMBER),
        Column("completion_tokens", Tokens("debug_info", "completionTokens"), Kind.NUMBER),
        Column("meta", kind=Kind.JSON),
        Column("created_at", kind=Kind.TIME),
        Column("started_at", kind=Kind.TIME),
        Column("stopped_at", kind=Kind.TIME),
        Column("completed_at", kind=Kind.TIME),
        Column("aborted_at", kind=Kind.TIME),
        Column("updated_at", kind=Kind.TIME),
    )

    class Meta:
        model = Message
