from __future__ import annotations

from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import BaseUserManager
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone

from spaces import audit
from spaces.actors import Actor
from spaces.errors import Conflict
from spaces_project.kit import limits
from spaces_project.kit.ids import new_id
from spaces_project.kit.tenancy import AccountField, TenantQuerySet
from spaces_project.kit.values import MergeMeta, MetaField

from .accounts import Account
from .integrity import domain_errors
from .second_factor import SecondFactor


class Role(models.TextChoices):
    """What a user may do in the whole account; see spaces/permissions.py."""

    ADMINISTRATOR = "administrator", "Administrator"
    ANALYST = "analyst", "Analyst"
    MEMBER = "member", "Member"


class UserQuerySet(TenantQuerySet["User"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def administrators(self) -> Self:
        """Who runs the account: active administrators."""
        return self.active().filter(role=Role.ADMINISTRATOR)

    def without_second_factor(self) -> Self:
        return self.filter(second_factor_secret="")

    def named(self, name: str) -> Self:
        """By user name, ignoring case."""
        return self.filter(username__iexact=name)


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=username)  # type: ignore[no-any-return]

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save()
        return user  # type: ignore[no-any-return]

    def create_operator(self, username: str, password: str, **fields: Any) -> User:
        """A superuser without an account: runs the installation, sees all accounts."""
        return self.create_user(username, password, is_superuser=True, account=None, role="", **fields)


class User(SecondFactor):
    """A person who signs in. Users are deactivated, not deleted: they own spaces and stand in the audit."""

    AUDIT_VALUES = frozenset({"username", "role", "is_active", "external_id"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = AccountField(related_name="users", null=True, blank=True)
    username = models.CharField("user name", max_length=150)
    name = models.CharField(max_length=limits.NAME_CHARS, blank=True)
    email = models.EmailField(blank=True)
    external_id = models.CharField(max_length=255, blank=True, help_text="The id this person has in another system.")
    role = models.CharField(max_length=16, choices=Role, default=Role.MEMBER, blank=True)
    meta = MetaField(
        "attributes", help_text="What rules may ask about this person, as <userMetadata.name>; others do not see it."
    )
    configuration = MetaField(editable=False, help_text="What programs keep for this person.")
    list_columns = models.JSONField(
        default=dict, blank=True, editable=False, help_text="Which columns of which list this person wants to see."
    )
    is_active = models.BooleanField(default=True)
    is_superuser = models.BooleanField("operator", default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="spaces_user_username",
                violation_error_message="This user name is taken.",
            ),
            models.UniqueConstraint(
                fields=["account", "external_id"],
                condition=~models.Q(external_id=""),
                name="spaces_user_external_id",
            ),
            models.CheckConstraint(
                condition=models.Q(is_superuser=True, account=None)
                | models.Q(is_superuser=False, account__isnull=False),
                name="spaces_user_operator_has_no_account",
                violation_error_message="An operator has no account, and everybody else has one.",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    @property
    def is_staff(self) -> bool:
        """Who may enter /admin/: operators and nobody else."""
        return self.is_superuser

    @property
    def is_administrator(self) -> bool:
        return self.role == Role.ADMINISTRATOR

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_active and self.is_superuser

    def has_perms(self, perms: Any, obj: object = None) -> bool:
        return self.has_perm("", obj)

    def has_module_perms(self, app_label: str) -> bool:
        return self.has_perm("")

    @classmethod
    def create(cls, by: Actor, account: Account, password: str, **fields: Any) -> User:
        """A new user of ``account``. Raises ValidationError on a field, AlreadyExists for a lost race."""
        with domain_errors(), transaction.atomic():
            user: User = cls.objects.create_user(password=password, account=account, **fields)
            audit.record(by, "user.create", user, {"username": [None, user.username], "role": [None, user.role]})
        return user

    def change(self, by: Actor, **fields: Any) -> bool:
        """Set the given fields, writing one audit entry when something changed; says whether anything did.

        Raises ValidationError on a field, and Conflict when nobody would be left to run the account or when an
        administrator would take away his own rights.
        """
        with domain_errors(), transaction.atomic():
            self._keep_an_administrator(by, fields)
            changes = audit.assign(self, fields)
            if changes:
                self.full_clean(exclude=["password"])
                self.save(update_fields=list(changes))
                audit.record(by, "user.update", self, changes)
            if "role" in changes and not self.is_administrator:
                self._act_for_nobody(by)
        return bool(changes)

    def _act_for_nobody(self, by: Actor) -> None:
        """Keys that act as others were an administrator's to give: kept, they would outlive the role."""
        for key in self.api_keys.filter(revoked_at=None, scopes__contains=["act_as"]):
            key.revoke(by)

    def _keep_an_administrator(self, by: Actor, fields: dict[str, Any]) -> None:
        """All administrators are locked, in one order: two of them cannot demote each other at the same time."""
        stays = fields.get("role", self.role) == Role.ADMINISTRATOR and fields.get("is_active", self.is_active)
        if stays or not (self.is_administrator and self.is_active):
            return
        if by.user is not None and by.user.pk == self.pk:
            raise Conflict("You cannot take away your own rights. Ask another administrator to do it.")
        administrators = type(self).objects.of(self.account_id).administrators().order_by("pk").select_for_update()
        if not any(each.pk != self.pk for each in administrators):
            raise Conflict("This is the last active administrator. Make somebody else administrator first.")

    def deactivate(self, by: Actor) -> bool:
        """Sign-in, sessions and keys of this user stop working at once. Raises Conflict as ``change`` does."""
        return self.change(by, is_active=False)

    def reactivate(self, by: Actor) -> bool:
        """Signing in works again, and so do keys that were neither revoked nor have expired."""
        return self.change(by, is_active=True)

    def show_columns(self, list_name: str, columns: list[str]) -> None:
        """Remember which columns of a list he wants to see. A matter of looks, such as the theme: not audited."""
        chosen = {list_name: columns}
        rows = type(self).objects.filter(account=self.account_id, pk=self.pk)
        rows.update(list_columns=MergeMeta("list_columns", chosen))
        self.list_columns = {**self.list_columns, **chosen}

    @transaction.atomic
    def reset_password(self, by: Actor, password: str) -> None:
        """Set a new password; every session of the user ends, because its hash no longer fits."""
        self.set_password(password)
        self.save(update_fields=["password"])
        audit.record(by, "user.set_password", self)
