from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Self

from django.core import signing
from django.db import models, transaction
from django.utils import timezone

from spaces import audit
from spaces.actors import Actor
from spaces_project.kit import limits
from spaces_project.kit.tenancy import TenantForeignKey, TenantModel, TenantQuerySet
from spaces_project.kit.values import NameField

from .api_keys import Scope
from .users import User

SIGNER_SALT = "spaces.export-link"


class ExportLinkQuerySet(TenantQuerySet["ExportLink"]):
    def usable(self) -> Self:
        return self.filter(revoked_at=None, user__is_active=True, expires_at__gt=timezone.now())

    def open(self, token: str) -> ExportLink | None:
        """The usable link that this signed token names, else None."""
        try:
            pk = signing.Signer(salt=SIGNER_SALT).unsign_object(token)
        except signing.BadSignature:
            return None
        return self.usable().select_related("account", "user").filter(pk=pk).first()


class ExportLink(TenantModel):
    """A signed address from which a spreadsheet reloads one filtered export, with its maker's right to read."""

    AUDIT_VALUES = frozenset({"path", "query", "expires_at"})

    user = TenantForeignKey(User, related_name="export_links")
    name = NameField(max_length=limits.NAME_CHARS)
    path = models.CharField(max_length=255, help_text="The export's own path, e.g. /spaces/export.csv.")
    query = models.TextField(blank=True, help_text="The filters as a query string.")
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[Any] = ExportLinkQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["account", "user", "created_at"], name="spaces_link_user")]

    def __str__(self) -> str:
        return str(self.name)

    @classmethod
    @transaction.atomic
    def issue(cls, by: Actor, user: User, name: str, path: str, query: str, days: int) -> ExportLink:
        """A new link, valid for ``days`` (at most limits.EXPORT_LINK_DAYS)."""
        expires_at = timezone.now() + timedelta(days=min(max(days, 1), limits.EXPORT_LINK_DAYS))
        link = cls(account=user.account, user=user, name=name, path=path, query=query, expires_at=expires_at)
        link.clean_fields()
        link.save(force_insert=True)
        audit.record(by, "export_link.create", link, {"path": [None, path], "query": [None, query]})
        return link

    @property
    def token(self) -> str:
        """The signed text that opens the link."""
        return str(signing.Signer(salt=SIGNER_SALT).sign_object(str(self.pk)))

    @property
    def state(self) -> str:
        """``active``, ``revoked`` or ``expired``."""
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at <= timezone.now() else "active"

    def touch(self) -> None:
        """Note the use, at most once a minute."""
        now = timezone.now()
        stale = now - timedelta(seconds=limits.API_KEY_LAST_USED_SECONDS)
        if self.last_used_at is None or self.last_used_at < stale:
            type(self).objects.filter(account=self.account_id, pk=self.pk).update(last_used_at=now)

    def actor(self, **request: Any) -> Actor:
        """Whoever opens the link reads what its maker may read at that moment, and changes nothing."""
        return Actor(account=self.account, user=self.user, scopes=frozenset({Scope.READ}), **request)

    @transaction.atomic
    def revoke(self, by: Actor) -> bool:
        """Ends the link at once; False when it was revoked before."""
        rows = type(self).objects.filter(account=self.account_id, pk=self.pk, revoked_at=None)
        now = timezone.now()
        done = rows.update(revoked_at=now)
        if done:
            self.revoked_at = now
            audit.record(by, "export_link.revoke", self)
        return bool(done)
