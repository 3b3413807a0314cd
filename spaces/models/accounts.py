from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.validators import RegexValidator
from django.db import connection, models, transaction
from django.db.models.functions import Lower
from django.utils import timezone

from spaces import audit
from spaces.actors import Actor
from spaces_project.kit.ids import new_id

if TYPE_CHECKING:
    from .spaces import Space

SLUG = RegexValidator(
    r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", "Use lower-case letters, digits and hyphens, at most 63."
)


class Account(models.Model):
    """The tenant. Everything else belongs to one and goes with it."""

    AUDIT_VALUES = frozenset({"slug", "name", "requires_second_factor"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.CharField(max_length=63, validators=[SLUG])
    name = models.CharField(max_length=255)
    requires_second_factor = models.BooleanField(
        "two-factor sign-in for everybody",
        default=False,
        help_text="Who has none sets it up at the next sign-in. API keys are not affected.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("slug"), name="spaces_account_slug")]

    def __str__(self) -> str:
        return self.name or self.slug

    @property
    def default_space(self) -> Space:
        """Where a resource lives that was created without a space; pages call it "Unfiled"."""
        return self.spaces.get(is_default=True)

    @transaction.atomic
    def change(self, by: Actor, **fields: Any) -> bool:
        """Set the given fields; says whether anything changed. Raises ValidationError on a field."""
        changes = audit.assign(self, fields)
        if changes:
            self.full_clean()
            self.save(update_fields=list(changes))
            audit.record(by, "account.update", self, changes)
        return bool(changes)

    @transaction.atomic
    def remove(self, by: Actor) -> None:
        """Delete the account with everything in it. What stays is one entry of the installation's own audit."""
        gone, _ = self.delete()
        if gone:
            audit.record(by, "account.delete", self)

    def delete(self, using: str | None = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:
        """One DELETE; the database removes everything that belongs to the account."""
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {self._meta.db_table} WHERE id = %s", [self.pk])  # noqa: S608
            return cursor.rowcount, {self._meta.label: cursor.rowcount}
