from __future__ import annotations

from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models.functions import Lower

from spaces import audit
from spaces.actors import Actor
from spaces_project.kit import limits
from spaces_project.kit.tenancy import TenantForeignKey, TenantModel, TenantQuerySet

from .accounts import Account
from .integrity import domain_errors
from .users import User


class Group(TenantModel):
    """Users who are granted access together."""

    AUDIT_VALUES = frozenset({"name", "external_id"})

    name = models.CharField(max_length=limits.NAME_CHARS)
    external_id = models.CharField(max_length=255, blank=True)

    objects: ClassVar[Any] = TenantQuerySet["Group"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "account",
                Lower("name"),
                name="spaces_group_name",
                violation_error_message="A group with this name exists.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def members(self) -> Any:
        """The users in it, as a UserQuerySet."""
        return User.objects.filter(account=self.account_id, memberships__group=self)

    @classmethod
    def create(cls, by: Actor, account: Account, name: str, external_id: str = "") -> Group:
        """A new, empty group. Raises ValidationError on the name, also when it is taken."""
        with domain_errors(), transaction.atomic():
            group = cls(account=account, name=name, external_id=external_id)
            group.full_clean()
            group.save(force_insert=True)
            audit.record(by, "group.create", group, {"name": [None, name]})
        return group

    def rename(self, by: Actor, name: str) -> bool:
        """Raises ValidationError on the name, also when it is taken; says whether anything changed."""
        with domain_errors(), transaction.atomic():
            changes = audit.assign(self, {"name": name})
            if changes:
                self.full_clean()
                self.save(update_fields=list(changes))
                audit.record(by, "group.update", self, changes)
        return bool(changes)

    @transaction.atomic
    def dissolve(self, by: Actor) -> None:
        """Delete the group with its memberships and grants; its members stay."""
        gone, _ = type(self).objects.filter(account=self.account_id, pk=self.pk).delete()
        if gone:
            audit.record(by, "group.delete", self)

    @transaction.atomic
    def add(self, user: User, by: Actor) -> None:
        """Put ``user`` in; nothing happens when already in."""
        _, created = GroupMembership.objects.get_or_create(account_id=self.account_id, group=self, user=user)
        if created:
            audit.record(by, "group.add_member", self, {"members": [None, user.username]})

    @transaction.atomic
    def remove(self, user: User, by: Actor) -> None:
        removed, _ = GroupMembership.objects.filter(account_id=self.account_id, group=self, user=user).delete()
        if removed:
            audit.record(by, "group.remove_member", self, {"members": [user.username, None]})


class GroupMembership(TenantModel):
    group = TenantForeignKey(Group, related_name="memberships")
    user = TenantForeignKey(User, related_name="memberships")

    objects: ClassVar[Any] = TenantQuerySet["GroupMembership"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "group", "user"], name="spaces_membership_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.group}"
