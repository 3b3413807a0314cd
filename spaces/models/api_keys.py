from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone

from spaces import audit
from spaces.actors import Actor
from spaces_project.kit import limits
from spaces_project.kit.prepared import PreparedRow
from spaces_project.kit.tenancy import TenantForeignKey, TenantModel, TenantQuerySet
from spaces_project.kit.values import LabelsField, NameField

from .integrity import domain_errors
from .spaces import Space
from .users import User

_B32 = "abcdefghijklmnopqrstuvwxyz234567"
KEY_PREFIX_CHARS = 12
EXPIRING_DAYS = 7


class Scope(models.TextChoices):
    """What a key may do of what its user may do."""

    READ = "read", "Read"
    WRITE = "write", "Write"
    ACT_AS = "act_as", "Act as another user"
    ADMIN = "admin", "Administer the account"


def digest(secret: str, pepper_id: int) -> str:
    """HMAC-SHA256 with the numbered pepper, in hex. A fast hash is enough for 256 random bits."""
    return hmac.digest(settings.PEPPERS[pepper_id].encode(), secret.encode(), "sha256").hex()


class ApiKeyQuerySet(TenantQuerySet["ApiKey"]):
    def usable(self) -> Self:
        """Neither revoked nor expired, of an active user."""
        return self.filter(revoked_at=None, user__is_active=True).exclude(expires_at__lte=Now())

    def expiring(self, days: int) -> Self:
        return self.usable().filter(expires_at__lte=timezone.now() + timedelta(days=days))

    def authenticate(self, token: str) -> ApiKey | None:
        """The usable key that ``token`` (``sk_<prefix>_<secret>``) opens, with its user and account, else None."""
        parts = token.split("_", 2)
        if len(parts) != 3 or parts[0] != "sk" or not token.isascii() or "\x00" in token:
            return None
        key = _USABLE.get(parts[1])
        pepper = key.pepper_id if key else max(settings.PEPPERS)
        matches = hmac.compare_digest(digest(parts[2], pepper), key.digest if key else "0" * 64)
        return key if key and matches else None


class ApiKey(TenantModel):
    """A program's way in: its user's rights, narrowed by scopes and maybe to some spaces. Only a digest is kept."""

    AUDIT_VALUES = frozenset({"name", "scopes", "expires_at", "labels"})

    user = TenantForeignKey(User, related_name="api_keys")
    name = NameField(max_length=limits.NAME_CHARS)
    prefix = models.CharField(max_length=KEY_PREFIX_CHARS, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    pepper_id = models.PositiveSmallIntegerField(editable=False)
    scopes = ArrayField(models.CharField(max_length=16, choices=Scope))
    is_limited = models.BooleanField(
        "limited to spaces", default=False, help_text="Stays limited when the last of its spaces is deleted."
    )
    labels = LabelsField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[Any] = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"
        indexes = [models.Index(fields=["account", "user", "created_at"], name="spaces_apikey_user")]

    def __str__(self) -> str:
        return str(self.name)

    @classmethod
    @transaction.atomic
    def issue(
        cls,
        by: Actor,
        user: User,
        name: str,
        scopes: Iterable[str],
        spaces: Iterable[Space] | None = None,
        expires_at: datetime | None = None,
        pk: UUID | None = None,
        labels: dict[str, str] | None = None,
    ) -> tuple[ApiKey, str]:
        """A new key and its secret, which is nowhere kept. ``spaces`` None: not limited to any.

        Raises ValidationError for a name, scope or space that cannot be, AlreadyExists when there is a key with
        this ``pk``: a form that chooses the id beforehand cannot be sent twice.
        """
        prefix = "".join(secrets.choice(_B32) for _ in range(KEY_PREFIX_CHARS))
        secret, pepper = secrets.token_urlsafe(32), max(settings.PEPPERS)
        key = cls(account=user.account, user=user, name=name, prefix=prefix, pepper_id=pepper, expires_at=expires_at)
        key.pk = pk or key.pk
        key.digest, key.scopes, key.is_limited = digest(secret, pepper), sorted(set(scopes)), spaces is not None
        key.labels = labels or {}
        key.clean_fields()
        with domain_errors(), transaction.atomic():
            key.save(force_insert=True)
        ApiKeySpace.objects.bulk_create(
            ApiKeySpace(account_id=key.account_id, api_key=key, space=space) for space in spaces or ()
        )
        until = expires_at and expires_at.isoformat()
        given = {"scopes": key.scopes, "user": user.username, "expires_at": until, "labels": key.labels}
        audit.record(by, "api_key.create", key, {name: [None, value] for name, value in given.items() if value})
        return key, f"sk_{prefix}_{secret}"

    @property
    def state(self) -> str:
        """``active``, ``revoked`` or ``expired``."""
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at and self.expires_at <= timezone.now() else "active"

    @property
    def is_expiring(self) -> bool:
        """Whether it still works and ends within EXPIRING_DAYS."""
        soon = timezone.now() + timedelta(days=EXPIRING_DAYS)
        return self.state == "active" and self.expires_at is not None and self.expires_at <= soon

    @transaction.atomic
    def revoke(self, by: Actor) -> bool:
        """Ends the key at once; False when it was revoked before."""
        now = timezone.now()
        done = type(self).objects.filter(account=self.account_id, pk=self.pk, revoked_at=None).update(revoked_at=now)
        if done:
            self.revoked_at = now
            audit.record(by, "api_key.revoke", self)
        return bool(done)

    @transaction.atomic
    def label(self, by: Actor, labels: dict[str, str], *, merge: bool = False) -> bool:
        """Replace its labels, or set these among them; says whether that changed anything. ValidationError."""
        rows = type(self).objects.filter(account=self.account_id, pk=self.pk)
        before = rows.select_for_update(no_key=True).values_list("labels", flat=True).get()
        self.labels = before
        changes = audit.assign(self, {"labels": {**before, **labels} if merge else labels})
        if changes:
            self.clean_fields(exclude={field.name for field in self._meta.fields} - {"labels"})
            self.save(update_fields=["labels"])
            audit.record(by, "api_key.update", self, changes)
        return bool(changes)

    def touch(self) -> None:
        """Note the use, at most once a minute."""
        now = timezone.now()
        stale = now - timedelta(seconds=limits.API_KEY_LAST_USED_SECONDS)
        if self.last_used_at is None or self.last_used_at < stale:
            rows = type(self).objects.filter(account=self.account_id, pk=self.pk)
            rows.exclude(last_used_at__gte=stale).update(last_used_at=now)

    def actor(self, **request: Any) -> Actor:
        """The actor of a request that came with this key."""
        only = frozenset(self.spaces.values_list("space_id", flat=True)) if self.is_limited else None
        return Actor(
            account=self.account,
            user=self.user,
            api_key=self,
            scopes=frozenset(self.scopes),
            only_spaces=only,
            **request,
        )


# What a request hardly ever asks of its key and user, least of all their secrets.
_RARE = (
    *("labels", "revoked_at", "created_at", "account__requires_second_factor", "user__configuration"),
    *("user__password", "user__last_login", "user__list_columns", "user__recovery_codes"),
    *("user__second_factor_secret", "user__second_factor_step", "user__second_factor_changed_at"),
)
_USABLE = PreparedRow(lambda prefix: ApiKey.objects.usable().filter(prefix=prefix).defer(*_RARE), "account", "user")


class ApiKeySpace(TenantModel):
    """One of the spaces that a limited key may use."""

    api_key = TenantForeignKey(ApiKey, related_name="spaces")
    space = TenantForeignKey(Space, related_name="api_keys")

    objects: ClassVar[Any] = TenantQuerySet["ApiKeySpace"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "api_key", "space"], name="spaces_apikeyspace_once")]

    def __str__(self) -> str:
        return f"{self.api_key}: {self.space}"
