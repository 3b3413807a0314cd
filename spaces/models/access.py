from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models, transaction

from spaces import audit
from spaces.actors import Actor
from spaces.models.integrity import domain_errors
from spaces_project.kit.tenancy import TenantForeignKey, TenantModel, TenantQuerySet

from .groups import Group
from .spaces import Space
from .users import User


class AccessLevel(models.TextChoices):
    """What a grant allows in one space; each level includes those before it."""

    USE = "USE", "Use: read the space and chat"
    UPLOAD = "UPLOAD", "Upload: use it and add memories"
    MANAGE = "MANAGE", "Manage: everything in the space"


class Grant(TenantModel):
    """What one user or one group may do in one thing, which is the field named by ``OF``.

    A model of it has that field, ``user``, ``group`` and ``level``, and the constraint ``one_holder``.
    """

    OF: ClassVar[str]
    AUDIT_VALUES = frozenset({"level"})

    objects: ClassVar[Any] = TenantQuerySet["Grant"].as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.holder}: {self.get_level_display()}"  # type: ignore[attr-defined]

    @property
    def holder(self) -> Any:
        """The User or Group that it is for."""
        return self.user or self.group  # type: ignore[attr-defined]

    @classmethod
    @transaction.atomic
    def grant(cls, thing: Any, holder: User | Group, level: str, by: Actor) -> Self:
        """Give ``holder`` this level, replacing the one held before. One entry when something changed."""
        kind = "user" if isinstance(holder, User) else "group"
        rows = cls.objects.of(thing.account_id).filter(**{cls.OF: thing, kind: holder})
        access: Any = rows.select_for_update(no_key=True).first()
        before = access.level if access else None
        access = access or cls(account_id=thing.account_id, **{cls.OF: thing, kind: holder})
        access.level = level
        access.full_clean(validate_unique=False, validate_constraints=True)
        if before != level:
            with domain_errors():
                access.save()
            audit.record(by, f"{cls.OF}.grant", thing, {"access": [_line(holder, before), _line(holder, level)]})
        return access  # type: ignore[no-any-return]

    @classmethod
    @transaction.atomic
    def add(cls, thing: Any, holder: User | Group, level: str, by: Actor) -> Self:
        """As ``grant``, but a greater level that is held stays."""
        kind = "user" if isinstance(holder, User) else "group"
        levels = [value for value, _ in cls._meta.get_field("level").choices or ()]  # type: ignore[union-attr]
        rows = cls.objects.of(thing.account_id).filter(**{cls.OF: thing, kind: holder})
        held: Any = rows.select_for_update(no_key=True).first()
        if held is not None and levels.index(held.level) >= levels.index(level):
            return held  # type: ignore[no-any-return]
        return cls.grant(thing, holder, level, by)

    @transaction.atomic
    def revoke(self, by: Actor) -> None:
        """Take the grant away."""
        gone, _ = type(self).objects.of(self.account_id).filter(pk=self.pk).delete()
        if gone:
            lost = _line(self.holder, self.level)  # type: ignore[attr-defined]
            audit.record(by, f"{self.OF}.revoke", getattr(self, self.OF), {"access": [lost, None]})


def one_holder(name: str) -> models.CheckConstraint:
    """A grant is for one user or for one group."""
    return models.CheckConstraint(
        condition=models.Q(user=None, group__isnull=False) | models.Q(user__isnull=False, group=None),
        name=name,
        violation_error_message="A grant is for one user or for one group.",
    )


def _line(holder: User | Group, level: str | None) -> str | None:
    return f"{holder}: {level}" if level else None


class SpaceAccess(Grant):
    """A grant: one user or one group may use, upload to or manage one space."""

    OF = "space"

    space = TenantForeignKey(Space, related_name="access")
    user = TenantForeignKey(User, related_name="access", null=True, blank=True)
    group = TenantForeignKey(Group, related_name="access", null=True, blank=True)
    level = models.CharField(max_length=8, choices=AccessLevel)

    class Meta:
        verbose_name_plural = "space access"
        constraints = [
            models.UniqueConstraint(fields=["account", "space", "user"], name="spaces_access_user_once"),
            models.UniqueConstraint(fields=["account", "space", "group"], name="spaces_access_group_once"),
            one_holder("spaces_access_one_holder"),
        ]
