"""What spaces, contacts and chats share: names, meta, who touched them, and one way to change them."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.utils import timezone

from spaces import audit
from spaces.actors import Actor
from spaces_project.kit import limits
from spaces_project.kit.prepared import fresh
from spaces_project.kit.tenancy import TenantModel
from spaces_project.kit.values import MergeMeta, MetaField, NameField, TextField, check_meta, merged

from .integrity import domain_errors

WRITTEN_BY_US = frozenset({"id", "created_at", "updated_at", "created_by", "updated_by"})  # there is nothing to check
ALIAS = RegexValidator(r"^[a-z0-9_-]+\Z", "An alias has lower-case letters, digits, hyphens and underscores.")


def alias_field() -> models.CharField[Any, Any]:
    """A name that stands wherever the object's id may; unique in the account by a constraint of the model."""
    return models.CharField(max_length=limits.ALIAS_CHARS, null=True, blank=True, validators=[ALIAS])


class Resource(TenantModel):
    """A named object of the account with free meta, changed through ``change`` and audited there.

    ``SET_BY_CODE`` are fields that need no check: counters, and foreign keys to rows that the code holds. Asking for
    each of those again would cost a query, and the composite key refuses a stranger's row anyway.
    """

    SET_BY_CODE: ClassVar[frozenset[str]] = frozenset()

    name = NameField(max_length=limits.NAME_CHARS, blank=True)
    description = TextField(max_length=limits.DESCRIPTION_CHARS, blank=True)
    meta = MetaField()
    created_by = models.UUIDField(null=True, blank=True, editable=False)
    updated_by = models.UUIDField(null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def operation(cls, verb: str) -> str:
        """The name of an operation in the audit, e.g. ``space.update``."""
        return f"{cls._meta.model_name}.{verb}"

    @classmethod
    def new(cls, by: Actor, fields: dict[str, Any]) -> Self:
        """A checked, unsaved object made by this actor. Raises ValidationError on a field."""
        who = by.user.pk if by.user else None
        made = fresh(cls, {"created_by": who, "updated_by": who, **fields})
        made.updated_at = made.created_at
        made.check_fields(made.meta)
        return made

    def insert(self, by: Actor, fields: dict[str, Any]) -> None:
        """Save a new object and its audit entry in one transaction."""
        with transaction.atomic():
            self.save(force_insert=True)
            audit.record(by, self.operation("create"), self, self._given(fields))

    def change(self, by: Actor, *, merge_meta: dict[str, Any] | None = None, **fields: Any) -> bool:
        """Set ``fields`` and merge ``merge_meta`` (None removes a key); says whether anything changed.

        Concurrent merges all survive: the merge is done by the UPDATE itself. Raises ValidationError on a field,
        AlreadyExists for a taken unique value, ``DoesNotExist`` when the object is gone.
        """
        with domain_errors(), transaction.atomic():
            rows = type(self)._base_manager.select_for_update(no_key=True)
            locked = rows.get(account_id=self.account_id, pk=self.pk)
            changes = audit.assign(locked, fields)
            meta = merged(locked.meta, merge_meta or {})
            if meta != locked.meta:
                changes["meta"] = None
            if changes:
                locked.check_fields(meta)
                locked._write(by, changes, merge_meta or {})
            self.__dict__.update(locked.__dict__)
        return bool(changes)

    def check_fields(self, meta: dict[str, Any]) -> None:
        """Raise a ValidationError unless every field, with this meta, may be stored. Uniqueness is the database's."""
        self.clean()
        self.clean_fields(exclude=_unchecked(type(self)))
        try:
            check_meta(meta)
        except ValidationError as error:
            raise ValidationError({"meta": error.messages}) from error

    def _given(self, fields: dict[str, Any]) -> audit.Changes:
        given = {name: getattr(self, self._attname(name)) for name in fields if name != "account"}
        return {
            name: audit.kept(self, name, None, value) for name, value in given.items() if value not in (None, "", {})
        }

    def _attname(self, name: str) -> str:
        return self._meta.get_field(name).attname  # type: ignore[union-attr]

    def _write(self, by: Actor, changes: audit.Changes, merge_meta: dict[str, Any]) -> None:
        """One UPDATE: plain values, and the merge of meta as an expression."""
        self.updated_at, self.updated_by = timezone.now(), by.user.pk if by.user else None
        names = {*changes, "updated_at", "updated_by"} - ({"meta"} if merge_meta else set())
        values = {name: getattr(self, self._attname(name)) for name in names}
        if merge_meta:
            values["meta"] = MergeMeta("meta", merge_meta)
            self.meta = merged(self.meta, merge_meta)
        type(self)._base_manager.filter(account_id=self.account_id, pk=self.pk).update(**values)
        audit.record(by, self.operation("update"), self, changes)


@cache
def _unchecked(model: type[Resource]) -> frozenset[str]:
    """The fields that ``clean_fields`` need not look at; meta is checked by itself."""
    return WRITTEN_BY_US | model.SET_BY_CODE | {"meta"}
