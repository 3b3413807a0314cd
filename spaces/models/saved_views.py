from __future__ import annotations

from operator import itemgetter
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, urlencode

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone

from spaces import audit
from spaces.actors import Actor
from spaces.errors import Conflict
from spaces_project.kit import limits
from spaces_project.kit.tenancy import TenantForeignKey, TenantModel, TenantQuerySet
from spaces_project.kit.values import NameField

from .integrity import domain_errors
from .users import User

NOT_KEPT = ("after", "before", "cols", "next")  # where one is in a list, and what a view keeps apart
COLUMN_CHARS = 32


class SavedViewQuerySet(TenantQuerySet["SavedView"]):
    def open_to(self, user: User) -> Self:
        """His own and those that are shared with the account."""
        return self.filter(models.Q(user=user) | models.Q(is_shared=True))

    def of_list(self, name: str) -> Self:
        return self.filter(list_name=name)

    def by_name(self) -> Self:
        return self.order_by(Lower("name"), "id")


class SavedView(TenantModel):
    """A list as somebody wants to see it again: filters, sort and columns, under a name. A tab of that list."""

    class List(models.TextChoices):
        SPACES = "spaces", "Spaces"
        CHATS = "chats", "Chats"
        CONTACTS = "contacts", "Contacts"
        MEMORIES = "memories", "Memories"

    AUDIT_VALUES = frozenset({"list_name", "columns", "is_shared"})

    user = TenantForeignKey(User, related_name="saved_views")
    list_name = models.CharField("list", max_length=16, choices=List)
    name = NameField(max_length=limits.VIEW_NAME_CHARS)
    query = models.TextField(blank=True, help_text="Filters and sort as a query string.")
    columns = ArrayField(models.SlugField(max_length=COLUMN_CHARS), size=limits.VIEW_COLUMNS, blank=True, default=list)
    is_shared = models.BooleanField("shared with the account", default=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[Any] = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "account",
                "user",
                "list_name",
                Lower("name"),
                name="spaces_view_name",
                violation_error_message="You have a view of that name here.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "list_name"], name="spaces_view_shared", condition=models.Q(is_shared=True)
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)

    @classmethod
    def create(cls, by: Actor, user: User, **fields: Any) -> SavedView:
        """A view of this person's. ValidationError on a field, AlreadyExists for a name that he has used in this list,
        Conflict past limits.SAVED_VIEWS."""
        view = cls(account=user.account, user=user, **fields)
        view.query = kept_query(view.query)
        view.clean_fields()
        with domain_errors(), transaction.atomic():
            User.objects.select_for_update(no_key=True).filter(account=view.account_id, pk=user.pk).get()
            if cls.objects.of(view.account_id).of_list(view.list_name).filter(user=user).count() >= limits.SAVED_VIEWS:
                raise Conflict(f"A list has at most {limits.SAVED_VIEWS} views of one person. Delete one first.")
            view.save(force_insert=True)
            given = {"list_name": view.list_name, "columns": view.columns, "is_shared": view.is_shared}
            audit.record(by, "saved_view.create", view, {name: [None, value] for name, value in given.items()})
        return view

    def change(self, by: Actor, **fields: Any) -> bool:
        """Set the fields; says whether anything changed. Raises as ``create``."""
        if "query" in fields:
            fields["query"] = kept_query(fields["query"])
        with domain_errors(), transaction.atomic():
            changes = audit.assign(self, fields)
            if changes:
                self.clean_fields()
                self.updated_at = timezone.now()
                self.save(update_fields=[*changes, "updated_at"])
                audit.record(by, "saved_view.update", self, changes)
        return bool(changes)

    @transaction.atomic
    def remove(self, by: Actor) -> None:
        audit.record(by, "saved_view.delete", self)
        type(self).objects.filter(account=self.account_id, pk=self.pk).delete()

    @property
    def cols(self) -> str:
        """Its columns as the address of a list names them."""
        return ".".join(self.columns) or "none"

    @property
    def address(self) -> str:
        """The query string that shows it, with its columns."""
        return "?" + "&".join(filter(None, [self.query, f"cols={self.cols}"]))


def kept_query(text: str) -> str:
    """Of a list's query string, what a view keeps: filters and sort, without empty ones, in order of their names."""
    given = [(name, value) for name, value in parse_qsl(text[: limits.QUERY_STRING_BYTES]) if name not in NOT_KEPT]
    return urlencode(sorted(given, key=itemgetter(0)))
