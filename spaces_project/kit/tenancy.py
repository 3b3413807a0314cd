"""The wall between accounts, in the schema.

Every tenant table carries ``account``; ``(account_id, id)`` is unique in it; and a foreign key to another tenant
table is composite: ``(account_id, x_id) REFERENCES x (account_id, id)``. So a row can never point into another
account, whatever the code above forgets. Keys are NOT DEFERRABLE with the action in the database: a delete needs
no collecting in Python, and a writer that loses the race fails at its statement, not at commit.

Use ``TenantModel`` as the base, ``TenantForeignKey`` for the links and ``TenantQuerySet`` for the manager. The
constraints are added to the model by the fields themselves, so ``makemigrations`` finds them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar, Self, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.constraints import BaseConstraint, UniqueConstraint
from django.db.models.expressions import Col
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .ids import new_id

M = TypeVar("M", bound=models.Model, covariant=True)

CASCADE = "CASCADE"
SET_NULL = "SET NULL"
NO_ACTION = "NO ACTION"

NOT_FOUND = _("Not found.")
NOTHING = UUID(int=0)


class DatabaseKey(BaseConstraint):
    """A foreign key whose action runs in the database: ``FOREIGN KEY (…) REFERENCES … ON DELETE …``."""

    def __init__(self, *, field: str, on_delete: str = CASCADE, name: str) -> None:
        self.field, self.on_delete = field, on_delete
        super().__init__(name=name)

    def columns(self, field: Any) -> tuple[list[str], list[str]]:
        """The key's columns and the columns it refers to."""
        return [field.column], ["id"]

    def action(self, quote: Any, field: Any) -> str:
        return self.on_delete

    def create_sql(self, model: Any, schema_editor: Any) -> None:  # type: ignore[override]
        """Deferred to the end of the migration: the table referred to may not exist yet."""
        field, quote = model._meta.get_field(self.field), schema_editor.quote_name
        own, theirs = (", ".join(map(quote, names)) for names in self.columns(field))
        schema_editor.deferred_sql.append(
            f"ALTER TABLE {quote(model._meta.db_table)} ADD CONSTRAINT {quote(self.name)} FOREIGN KEY ({own}) "
            f"REFERENCES {quote(field.related_model._meta.db_table)} ({theirs}) ON DELETE {self.action(quote, field)}"
        )

    def constraint_sql(self, model: Any, schema_editor: Any) -> None:  # type: ignore[override]
        self.create_sql(model, schema_editor)

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        return schema_editor._delete_constraint_sql(schema_editor.sql_delete_constraint, model, self.name)

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = "default") -> None:
        """Nothing to add: the field itself has been validated."""

    def deconstruct(self) -> tuple[str, Any, dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "field": self.field, "on_delete": self.on_delete}

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return isinstance(other, DatabaseKey) and self.deconstruct() == other.deconstruct()

    __hash__ = None  # type: ignore[assignment]


class TenantKey(DatabaseKey):
    """``FOREIGN KEY (account_id, x_id) REFERENCES x (account_id, id)``, also said by ``full_clean``."""

    def columns(self, field: Any) -> tuple[list[str], list[str]]:
        return ["account_id", field.column], ["account_id", "id"]

    def action(self, quote: Any, field: Any) -> str:
        return f"SET NULL ({quote(field.column)})" if self.on_delete == SET_NULL else self.on_delete

    def validate(
        self, model: Any, instance: Any, exclude: Collection[str] | None = None, using: str = "default"
    ) -> None:
        """Raises a ValidationError on the field when the row it names is not of the same account."""
        if self.field not in (exclude or ()):
            model._meta.get_field(self.field).check_tenant(instance)


def _add_constraint(model: type[models.Model], constraint: BaseConstraint) -> None:
    meta = model._meta
    if meta.abstract or model.__module__ == "__fake__":
        return  # the state of a migration names its constraints itself
    meta.original_attrs.setdefault("constraints", [])
    meta.constraints = [*meta.constraints, constraint]


def _name(model: type[models.Model], what: str) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}_{what}"


class AccountField(models.ForeignKey[Any, Any]):
    """The tenant of a row. Deleting the account removes the row, in the database."""

    def __init__(self, to: Any = "spaces.Account", **kwargs: Any) -> None:
        kwargs.update(on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
        super().__init__(to, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for key in ("on_delete", "db_constraint", "db_index"):
            kwargs.pop(key, None)
        return name, path, args, kwargs

    def contribute_to_class(self, cls: type[models.Model], name: str, **kwargs: Any) -> None:  # type: ignore[override]
        super().contribute_to_class(cls, name, **kwargs)
        _add_constraint(cls, UniqueConstraint(fields=["account", "id"], name=_name(cls, "tenant_id")))
        if not getattr(cls, "ACCOUNT_OF_LINK", False):  # without, in the state of a migration
            _add_constraint(cls, DatabaseKey(field="account", name=_name(cls, "account_key")))


class TenantForeignKey(models.ForeignKey[Any, Any]):
    """A link to another tenant table that cannot leave the account; ``db_action`` runs in the database."""

    def __init__(self, to: Any, db_action: str = CASCADE, **kwargs: Any) -> None:
        self.db_action = db_action
        kwargs.update(on_delete=models.DO_NOTHING, db_constraint=False)
        super().__init__(to, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for key in ("on_delete", "db_constraint"):
            kwargs.pop(key, None)
        return name, path, args, {**kwargs, "db_action": self.db_action}

    def contribute_to_class(self, cls: type[models.Model], name: str, **kwargs: Any) -> None:  # type: ignore[override]
        super().contribute_to_class(cls, name, **kwargs)
        _add_constraint(cls, TenantKey(field=name, on_delete=self.db_action, name=_name(cls, f"{name}_key")))

    def check_tenant(self, instance: models.Model) -> None:
        """Raise a ValidationError when the row named is missing or of another account: the two sound alike."""
        value = getattr(instance, self.attname)
        account = instance.account_id  # type: ignore[attr-defined]
        known = self.related_model._base_manager.filter(pk=value, account_id=account)
        if value is not None and not known.exists():
            raise ValidationError({self.name: NOT_FOUND})

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        """As ForeignKey's, but a stranger's row sounds exactly like a missing one."""
        models.Field.validate(self, value, model_instance)
        if model_instance is not None:
            try:
                self.check_tenant(model_instance)
            except ValidationError as error:
                raise ValidationError(error.message_dict[self.name]) from error

    def get_extra_restriction(self, alias: str | None, related_alias: str | None) -> Any:
        """Join on the account too: harmless here, and what sharding by account needs."""
        if alias is None or related_alias is None:
            return None
        theirs: Any = self.related_model._meta.get_field("account")
        ours: Any = self.model._meta.get_field("account")
        return Exact(Col(alias, theirs), Col(related_alias, ours))


def or_nothing(link: str) -> Coalesce:
    """A link in a unique constraint in which no link equals no link, also on a server that tells NULLs apart."""
    return Coalesce(link, models.Value(NOTHING, output_field=models.UUIDField()))


class TenantQuerySet(models.QuerySet[M]):
    """Starts at the account: ``account.spaces…`` or ``Space.objects.of(account)…``."""

    def of(self, account: models.Model | UUID) -> Self:
        return self.filter(account=account)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-id")


class TenantModel(models.Model):
    """Base of every tenant table: a UUIDv7 and the account.

    ``ACCOUNT_OF_LINK`` says that a link, which cannot be empty and whose deletion reaches the row, vouches for the
    account already: such a table needs no key to it besides, which each of its many rows would be checked by.
    """

    ACCOUNT_OF_LINK: ClassVar[bool] = False

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = AccountField(related_name="%(class)ss")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[Any]

    class Meta:
        abstract = True
