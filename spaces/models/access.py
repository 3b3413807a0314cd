from __future__ import annotations

from typing import Any, ClassVar

from django.db import models, transaction

from spaces import audit
from spaces.actors import Actor
from spaces_project.kit.tenancy import TenantForeignKey, TenantModel, TenantQuerySet

from .groups import Group
from .spaces import Space
from .users import User


class AccessLevel(models.TextChoices):
    """What a grant allows in one space; each level includes those before it."""

    USE = "USE", "Use: read the space and chat"
    UPLOAD = "UPLOAD", "Upload: use it and add memories"
    MANAGE = "MANAGE", "Manage: everything in the space"


class SpaceAccess(TenantModel):
    """A grant: one user or one group may use, upload to or manage one space."""

    AUDIT_VALUES = frozenset({"level"})

    space = TenantForeignKey(Space, related_name="access")
    user = TenantForeignKey(User, related_name="access", null=True, blank=True)
    group = TenantForeignKey(Group, related_name="access", null=True, blank=True)
    level = models.CharField(max_length=8, choices=AccessLevel)

    objects: ClassVar[Any] = TenantQuerySet["SpaceAccess"].as_manager()

    class Meta:
        verbose_name_plural = "space access"
        constraints = [
            models.UniqueConstraint(fields=["account", "space", "user"], name="spaces_access_user_once"),
            models.UniqueConstraint(fields=["account", "space", "group"], name="spaces_access_group_once"),
            models.CheckConstraint(
                condition=models.Q(user=None, group__isnull=False) | models.Q(user__isnull=False, group=None),
                name="spaces_access_one_holder",
                violation_error_message="A grant is for one user or for one group.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder}: {self.get_level_display()}"

    @property
    def holder(self) -> Any:
        """The User or Group that it is for."""
        return self.user or self.group

    @classmethod
    @transaction.atomic
    def grant(cls, space: Space, holder: User | Group, level: str, by: Actor) -> SpaceAccess:
        """Give ``holder`` this level in the space, replacing the one held before. One entry when something changed."""
        kind = "user" if isinstance(holder, User) else "group"
        access = cls.objects.filter(account=space.account_id, space=space, **{kind: holder}).first()
        before = access.level if access else None
        if access is None:
            access = cls(account_id=space.account_id, space=space, **{kind: holder})
        access.level = level
        access.full_clean(validate_unique=False, validate_constraints=True)
        if before != level:
            access.save()
            audit.record(by, "space.grant", space, {"access": [_line(holder, before), _line(holder, level)]})
        return access

    @transaction.atomic
    def revoke(self, by: Actor) -> None:
        """Take the grant away."""
        type(self).objects.filter(account=self.account_id, pk=self.pk).delete()
        audit.record(by, "space.revoke", self.space, {"access": [_line(self.holder, self.level), None]})


def _line(holder: User | Group, level: str | None) -> str | None:
    return f"{holder}: {level}" if level else None
