from __future__ import annotations

from typing import Any, ClassVar, Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models, transaction
from django.db.models.functions import Lower

from spaces import audit
from spaces.actors import Actor
from spaces.errors import Conflict
from spaces_project.kit import ids, limits
from spaces_project.kit.search import SearchColumn, SearchQuerySet, search_manager
from spaces_project.kit.tenancy import NO_ACTION, SET_NULL, TenantForeignKey
from spaces_project.kit.values import LabelsField, NameField

from .accounts import Account
from .base import Resource, alias_field
from .contacts import Contact
from .integrity import domain_errors
from .users import User


class SpaceQuerySet(SearchQuerySet["Space"]):
    """Conditions of spaces; who may see which is in spaces/permissions.py."""

    def listed(self) -> Self:
        """Without the default space, which vendor lists and exports never show."""
        return self.filter(is_default=False)

    def archived(self) -> Self:
        return self.filter(is_archived=True)

    def active(self) -> Self:
        return self.filter(is_archived=False)

    def for_contact(self, contact: Contact) -> Self:
        return self.filter(contact=contact)

    def with_meta(self, **pairs: Any) -> Self:
        """Whose meta contains these pairs (served by the GIN index)."""
        return self.filter(meta__contains=pairs)

    def with_label(self, key: str, value: str) -> Self:
        return self.filter(labels__contains={key: value})


class Space(Resource):
    """An isolated container of chats, contacts and memories."""

    AUDIT_VALUES = frozenset(
        {"name", "alias", "owner", "contact", "labels", "public_read", "is_archived", "blueprint_id"}
    )

    alias = alias_field()
    owner = TenantForeignKey(User, NO_ACTION, related_name="owned_spaces")
    contact = TenantForeignKey(Contact, SET_NULL, related_name="spaces", null=True, blank=True)
    labels = LabelsField()
    blueprint_id = NameField(max_length=limits.NAME_CHARS, blank=True)
    public_read = models.BooleanField(default=False, help_text="Anyone may read this space through the API.")
    is_archived = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False, editable=False)
    search = SearchColumn("name", "description", "alias")

    objects: ClassVar[Any] = search_manager(SpaceQuerySet)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "alias"],
                name="spaces_space_alias",
                violation_error_message="Another space has this alias.",
            ),
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(is_default=True), name="spaces_space_one_default"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "created_at", "id"], name="spaces_space_created"),
            models.Index(fields=["account", "updated_at", "id"], name="spaces_space_updated"),
            models.Index(
                fields=["account", "updated_at", "id"],
                condition=models.Q(is_archived=True),
                name="spaces_space_archived",
            ),
            models.Index("account", Lower("name"), "id", name="spaces_space_by_name"),
            models.Index(fields=["account", "owner", "created_at", "id"], name="spaces_space_owned"),
            models.Index(fields=["account", "contact", "created_at", "id"], name="spaces_space_contacts"),
            GinIndex(fields=["meta"], opclasses=["jsonb_path_ops"], name="spaces_space_meta"),
            GinIndex(fields=["labels"], opclasses=["jsonb_path_ops"], name="spaces_space_labels"),
            GinIndex(fields=["search"], name="spaces_space_search"),
        ]

    def __str__(self) -> str:
        return "Unfiled" if self.is_default else self.name or "Untitled space"

    @property
    def wire_id(self) -> str:
        """The id on ChatBotKit's wire; pages show it as the short form."""
        return ids.encode(ids.Prefix.SPACE, self.pk)

    @classmethod
    def create(cls, by: Actor, account: Account, **fields: Any) -> Space:
        """A new space of ``account``. Raises ValidationError on a field, AlreadyExists for a taken alias."""
        space = cls.new(by, {"account": account, **fields})
        with domain_errors():
            space.insert(by, fields)
        return space

    def change(self, by: Actor, *, merge_meta: dict[str, Any] | None = None, **fields: Any) -> bool:
        """As Resource.change; the default space keeps its name and place: Conflict."""
        if self.is_default and fields.keys() & {"name", "alias", "is_archived", "public_read"}:
            raise Conflict("The default space cannot be renamed, archived or made public.")
        return super().change(by, merge_meta=merge_meta, **fields)

    def archive(self, by: Actor) -> bool:
        """Listed and readable as before, but refuses new chats, messages and memories."""
        return self.change(by, is_archived=True)

    def unarchive(self, by: Actor) -> bool:
        return self.change(by, is_archived=False)

    def remove(self, by: Actor) -> None:
        """Delete the space and everything in it; contacts stay. The default space stays: Conflict."""
        if self.is_default:
            raise Conflict("The default space cannot be deleted.")
        with transaction.atomic():
            gone, _ = type(self).objects.filter(account=self.account_id, pk=self.pk).delete()
            if gone:
                audit.record(by, "space.delete", self)
